"""Between the contract's messages and our own types, both ways, nothing else."""

import re
from collections.abc import Container, Iterable
from datetime import MAXYEAR, datetime, timedelta

from google.protobuf import duration_pb2

from ocr_service import convert_entities
from ocr_service.api_keys import ApiKey, Scope, State
from ocr_service.config import Settings
from ocr_service.convert_entities import poly_to_proto
from ocr_service.errors import OptionInvalid
from ocr_service.options import Options, OutputFormat, Preprocessing, Segmentation
from ocr_service.pb.ocr.v1 import (
    api_key_service_pb2,
    entity_pb2,
    layout_pb2,
    ocr_service_pb2,
    recognize_pb2,
)
from ocr_service.redact import Style
from ocr_service.results import PAGE_BREAK, Block, BoundingPoly, Document, Line, Page, StageTimes

_ENGINES = {
    recognize_pb2.ENGINE_TESSERACT: "tesseract",
    recognize_pb2.ENGINE_EASYOCR: "easyocr",
    recognize_pb2.ENGINE_RAPIDOCR: "rapidocr",
    recognize_pb2.ENGINE_AUTO: "auto",
}
_PREPROCESSING = {
    recognize_pb2.PREPROCESSING_UNSPECIFIED: Preprocessing.AUTO,
    recognize_pb2.PREPROCESSING_AUTO: Preprocessing.AUTO,
    recognize_pb2.PREPROCESSING_NONE: Preprocessing.NONE,
    recognize_pb2.PREPROCESSING_CLASSIC: Preprocessing.CLASSIC,
}
_SEGMENTATION = {
    recognize_pb2.PAGE_SEGMENTATION_UNSPECIFIED: Segmentation.AUTO,
    recognize_pb2.PAGE_SEGMENTATION_AUTO: Segmentation.AUTO,
    recognize_pb2.PAGE_SEGMENTATION_SINGLE_COLUMN: Segmentation.SINGLE_COLUMN,
    recognize_pb2.PAGE_SEGMENTATION_SINGLE_BLOCK: Segmentation.SINGLE_BLOCK,
    recognize_pb2.PAGE_SEGMENTATION_SINGLE_LINE: Segmentation.SINGLE_LINE,
    recognize_pb2.PAGE_SEGMENTATION_SINGLE_WORD: Segmentation.SINGLE_WORD,
    recognize_pb2.PAGE_SEGMENTATION_SPARSE_TEXT: Segmentation.SPARSE_TEXT,
}
_OUTPUTS = {
    recognize_pb2.OUTPUT_FORMAT_HOCR: OutputFormat.HOCR,
    recognize_pb2.OUTPUT_FORMAT_ALTO: OutputFormat.ALTO,
    recognize_pb2.OUTPUT_FORMAT_SEARCHABLE_PDF: OutputFormat.SEARCHABLE_PDF,
}
_STYLES = {
    ocr_service_pb2.REDACTION_STYLE_UNSPECIFIED: Style.BLACK,
    ocr_service_pb2.REDACTION_STYLE_BLACK: Style.BLACK,
    ocr_service_pb2.REDACTION_STYLE_WHITE: Style.WHITE,
    ocr_service_pb2.REDACTION_STYLE_LABEL: Style.LABEL,
}
_SCOPES = {
    Scope.RECOGNIZE: api_key_service_pb2.SCOPE_RECOGNIZE,
    Scope.UNMASKED: api_key_service_pb2.SCOPE_UNMASKED,
    Scope.ADMIN: api_key_service_pb2.SCOPE_ADMIN,
}
_STATES = {
    State.ACTIVE: api_key_service_pb2.API_KEY_STATE_ACTIVE,
    State.EXPIRED: api_key_service_pb2.API_KEY_STATE_EXPIRED,
    State.REVOKED: api_key_service_pb2.API_KEY_STATE_REVOKED,
}
_ENUMS: dict[str, Container[int]] = {
    "engine": recognize_pb2.Engine.values(),
    "preprocessing": recognize_pb2.Preprocessing.values(),
    "segmentation": recognize_pb2.PageSegmentation.values(),
    "detail": recognize_pb2.DetailLevel.values(),
    "cache_policy": recognize_pb2.CachePolicy.values(),
}
_DPI = (72, 600)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8}){0,3}")  # RFC 5646, as far as used here
_MAX_LANGUAGES = 8


def engine_to_proto(name: str) -> recognize_pb2.Engine.ValueType:
    """The contract's value for one of our engine names."""
    return next(value for value, ours in _ENGINES.items() if ours == name)


def style_from_proto(value: ocr_service_pb2.RedactionStyle.ValueType) -> Style:
    """How a request wants findings covered.

    Raises:
        OptionInvalid: The value is unknown.
    """
    try:
        return _STYLES[value]
    except KeyError:
        raise OptionInvalid("Choose BLACK, WHITE or LABEL.", field="style") from None


def options_from_proto(
    message: recognize_pb2.RecognizeOptions, settings: Settings, *, unmasked: bool
) -> Options:
    """Check a request's options and fill in the server's defaults.

    Args:
        message: The request's options.
        settings: The server's.
        unmasked: The caller may see findings in clear.

    Raises:
        OptionInvalid: A value is unknown or out of range.
    """
    if len(message.languages) > _MAX_LANGUAGES:
        raise OptionInvalid(f"Name at most {_MAX_LANGUAGES} languages.", field="options.languages")
    if not all(_LANGUAGE.fullmatch(tag) for tag in message.languages):
        raise OptionInvalid(
            "Write languages as BCP-47 tags, such as en, tr or zh-Hans.", field="options.languages"
        )
    if message.dpi and not _DPI[0] <= message.dpi <= _DPI[1]:
        raise OptionInvalid(
            f"Give a dpi from {_DPI[0]} to {_DPI[1]}, or 0 for the default.", field="options.dpi"
        )
    if not 0.0 <= message.min_confidence <= 1.0:
        raise OptionInvalid("Give a confidence from 0 to 1.", field="options.min_confidence")
    if len(message.pages) > settings.max_pages or any(page < 1 for page in message.pages):
        raise OptionInvalid(
            f"Name at most {settings.max_pages} pages, counted from 1.", field="options.pages"
        )
    for name, known in _ENUMS.items():
        if getattr(message, name) not in known:
            raise OptionInvalid(
                f"This value of {name} is not known here. GetCapabilities tells what is.",
                field=f"options.{name}",
            )
    if not set(message.outputs) <= set(_OUTPUTS):
        raise OptionInvalid("Name output formats of the contract.", field="options.outputs")
    defaults = Options()
    options = Options(
        engine=_ENGINES.get(message.engine, settings.engine),
        languages=tuple(message.languages) or settings.languages,
        preprocessing=_PREPROCESSING[message.preprocessing],
        segmentation=_SEGMENTATION[message.segmentation],
        min_confidence=message.min_confidence,
        pages=tuple(sorted(set(message.pages))),
        dpi=message.dpi or defaults.dpi,
        entities=convert_entities.options_from_proto(
            message.entities, "options.entities", unmasked=unmasked
        ),
        outputs=tuple(dict.fromkeys(_OUTPUTS[value] for value in message.outputs)),
    )
    shows_pages = OutputFormat.SEARCHABLE_PDF in options.outputs
    if shows_pages and options.entities.mask and options.min_confidence:
        raise OptionInvalid(
            "Words that are left out are not searched, and would not be masked on the pages of the "
            "PDF. Ask for a min_confidence of 0, or for other outputs.",
            field="options.min_confidence",
        )
    return options


def output_to_proto(format_: OutputFormat) -> recognize_pb2.OutputFormat.ValueType:
    """The contract's value for one of our formats."""
    return next(value for value, ours in _OUTPUTS.items() if ours is format_)


def response_to_proto(
    document: Document, detail: recognize_pb2.DetailLevel.ValueType, content_sha256: str
) -> recognize_pb2.RecognizeResponse:
    """Make the reply for a document, with as much layout as asked for, and without timings."""
    response = recognize_pb2.RecognizeResponse(
        engine=engine_to_proto(document.engine),
        content_sha256=content_sha256,
    )
    texts: list[str] = []
    offset = 0
    for page in document.pages:
        text = page.text
        response.pages.append(_page(page, detail, offset))
        for warning in page.warnings:
            response.warnings.add(
                reason=warning.reason, message=warning.message, page_number=page.number
            )
        texts.append(text)
        offset += len(text) + len(PAGE_BREAK)
    response.text = PAGE_BREAK.join(texts)
    response.entities.extend(findings_to_proto(document))
    return response


def findings_to_proto(document: Document) -> list[entity_pb2.SensitiveEntity]:
    """Make the messages of all findings; offsets count in the text of the whole document."""
    messages = []
    offset = 0
    for page in document.pages:
        messages += [
            convert_entities.entity_to_proto(finding.entity, offset, finding.regions)
            for finding in page.findings
        ]
        offset += len(page.text) + len(PAGE_BREAK)
    return messages


def _page(page: Page, detail: recognize_pb2.DetailLevel.ValueType, offset: int) -> layout_pb2.Page:
    message = layout_pb2.Page(
        number=page.number,
        width=page.width,
        height=page.height,
        rotation_degrees=page.rotation_degrees,
        confidence=page.confidence,
        bounding_poly=poly_to_proto(BoundingPoly.box(0, 0, page.width, page.height)),
    )
    if detail != recognize_pb2.DETAIL_LEVEL_TEXT:
        with_words = detail != recognize_pb2.DETAIL_LEVEL_LINE
        for block in page.blocks:
            offset = _add_block(message, block, offset, with_words=with_words)
    return message


def _add_block(message: layout_pb2.Page, block: Block, offset: int, *, with_words: bool) -> int:
    """Append a block whose text begins at ``offset``; returns where the next block's begins."""
    added = message.blocks.add(bounding_poly=poly_to_proto(block.poly), confidence=block.confidence)
    for line in block.lines:
        added.lines.append(_line(line, offset, with_words=with_words))
        offset += len(line.text) + 1
    return offset + 1


def _line(line: Line, offset: int, *, with_words: bool) -> layout_pb2.Line:
    message = layout_pb2.Line(
        bounding_poly=poly_to_proto(line.poly), confidence=line.confidence, text=line.text
    )
    for word in line.words if with_words else ():
        end = offset + len(word.text)
        message.words.add(
            text=word.text,
            bounding_poly=poly_to_proto(word.poly),
            confidence=word.confidence,
            start=offset,
            end=end,
        )
        offset = end + 1
    return message


def timings_to_proto(times: StageTimes) -> recognize_pb2.Timings:
    """Make the message for the times that stages took."""
    return recognize_pb2.Timings(
        decode=duration(times.decode),
        preprocess=duration(times.preprocess),
        recognize=duration(times.recognize),
        find_entities=duration(times.find_entities),
    )


def duration(seconds: float) -> duration_pb2.Duration:
    """Seconds as a message."""
    message = duration_pb2.Duration()
    message.FromMicroseconds(round(seconds * 1e6))
    return message


def seconds(message: duration_pb2.Duration) -> float:
    """A message as seconds."""
    return message.ToTimedelta() / timedelta(seconds=1)


def scopes_from_proto(values: Iterable[api_key_service_pb2.Scope.ValueType]) -> frozenset[Scope]:
    """The scopes that a request names.

    Raises:
        OptionInvalid: A value is unknown.
    """
    ours = {value: scope for scope, value in _SCOPES.items()}
    try:
        return frozenset(ours[value] for value in values)
    except KeyError:
        raise OptionInvalid(
            "Name scopes out of RECOGNIZE, UNMASKED and ADMIN.", field="scopes"
        ) from None


def api_key_to_proto(key: ApiKey, now: datetime) -> api_key_service_pb2.ApiKey:
    """What a caller may know of a key."""
    message = api_key_service_pb2.ApiKey(
        id=key.id,
        user_id=key.user_id,
        description=key.description,
        display_prefix=key.display_prefix,
        scopes=sorted(_SCOPES[scope] for scope in key.scopes),
        state=_STATES[key.state(now)],
        requests_per_minute=key.requests_per_minute,
        successor_id=key.successor_id or "",
    )
    message.create_time.FromDatetime(key.create_time)
    if key.expire_time.year < MAXYEAR:
        message.expire_time.FromDatetime(key.expire_time)
    if key.last_use_time is not None:
        message.last_use_time.FromDatetime(key.last_use_time)
    return message
