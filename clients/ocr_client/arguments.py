"""What is typed on the command line, as options of `ocr` commands and as values of the contract."""

import functools
import inspect
import re
from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, get_type_hints

import typer

from ocr_client.client import DEFAULT_ADDRESS, DEFAULT_TIMEOUT, OcrClient
from ocr_client.errors import BadInput
from ocr_service.pb.ocr.v1 import recognize_pb2 as recognition
from ocr_service.pb.ocr.v1.entity_pb2 import EntityOptions, EntityType

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86_400}
_MOST_PAGES = 10_000


def duration(text: str) -> float:
    """Return the seconds that 90d, 12h, 30m, 45s, 1.5h or a plain number of seconds stand for."""
    match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)([smhd]?)", text.strip())
    if match is None or float(match[1]) == 0:
        raise typer.BadParameter("Give a time above 0 such as 90d, 12h, 30m or 45s.")
    return float(match[1]) * _UNITS[match[2]]


def page_numbers(text: str) -> list[int]:
    """Return the pages that 1,3-5 stands for, in this order."""
    pages: list[int] = []
    for part in text.split(","):
        match = re.fullmatch(r"\s*([0-9]{1,6})\s*(?:-\s*([0-9]{1,6})\s*)?", part)
        first, last = (int(match[1]), int(match[2] or match[1])) if match else (0, 0)
        if not 1 <= first <= last or len(pages) + last - first >= _MOST_PAGES:
            raise typer.BadParameter("Give pages, counted from 1, such as 1,3-5.")
        pages.extend(range(first, last + 1))
    return pages


# Typer calls the parsers above; the types below are what commands see.
Seconds = Annotated[float | None, typer.Option(parser=duration, metavar="TIME", show_default=False)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """Where the server is, and who asks."""

    server: Annotated[
        str,
        typer.Option(
            "--server",
            envvar="OCR_SERVER",
            metavar="HOST:PORT",
            help="The server; https://HOST:PORT for TLS.",
        ),
    ] = DEFAULT_ADDRESS
    api_key: Annotated[
        str,
        typer.Option(
            "--api-key",
            envvar="OCR_API_KEY",
            metavar="KEY",
            show_default=False,
            help="The API key. Other users of this machine can see it; prefer the variable.",
        ),
    ] = ""
    api_key_file: Annotated[
        Path | None,
        typer.Option(
            "--api-key-file",
            envvar="OCR_API_KEY_FILE",
            metavar="FILE",
            help="A file that holds the API key.",
        ),
    ] = None
    tls: Annotated[bool, typer.Option("--tls", help="Encrypt the connection.")] = False
    ca: Annotated[
        Path | None,
        typer.Option("--ca", metavar="FILE", help="Authorities to trust, PEM. Switches TLS on."),
    ] = None
    cert: Annotated[
        Path | None,
        typer.Option("--cert", metavar="FILE", help="This client's certificate, PEM."),
    ] = None
    cert_key: Annotated[
        Path | None,
        typer.Option("--cert-key", metavar="FILE", help="The certificate's key, PEM."),
    ] = None

    def open(self, timeout: float | None = None) -> OcrClient:
        """Return a client.

        Raises:
            BadInput: The address, the key or one of the files is at fault.
        """
        return OcrClient(
            self.server,
            api_key=self.api_key.strip() or self._key_from_file(),
            tls=self.tls,
            ca=self.ca,
            cert=self.cert,
            cert_key=self.cert_key,
            timeout=timeout or DEFAULT_TIMEOUT,
        )

    def _key_from_file(self) -> str:
        if self.api_key_file is None:
            return ""
        try:
            return self.api_key_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as exc:
            why = exc.strerror if isinstance(exc, OSError) else "it is not plain ASCII"
            raise BadInput(f"The file of the API key cannot be read: {why}.") from exc


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What sensitive data to look for."""

    entity_type: Annotated[
        list[str],
        typer.Option(
            "--type",
            metavar="TYPE",
            show_default=False,
            help="Only this type, such as email or credit_card_number. May be repeated.",
        ),
    ]
    region: Annotated[
        list[str],
        typer.Option(
            "--region",
            metavar="CODE",
            show_default=False,
            help="Country that decides how national numbers and dates are read, such as TR. "
            "May be repeated, most likely first.",
        ),
    ]
    mask: Annotated[
        bool, typer.Option("--mask", help="Replace sensitive data by asterisks everywhere.")
    ] = False

    def options(self) -> EntityOptions:
        """Return the options of the contract.

        Raises:
            typer.BadParameter: There is no such type.
        """
        return EntityOptions(
            types=[_entity_type(name) for name in self.entity_type],
            regions=self.region,
            mask=self.mask,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How to read."""

    engine: Annotated[
        Literal["auto", "tesseract", "easyocr", "rapidocr"] | None,
        typer.Option("--engine", help="The program that reads; `ocr capabilities` lists them."),
    ] = None
    language: Annotated[
        list[str],
        typer.Option(
            "--language",
            "-l",
            metavar="TAG",
            show_default=False,
            help="Language of the text, such as en or tr. May be repeated, most likely first.",
        ),
    ]
    preprocessing: Annotated[
        Literal["auto", "none", "classic"] | None,
        typer.Option("--preprocessing", help="What happens to a page before it is read."),
    ] = None
    segmentation: Annotated[
        Literal[
            "auto", "single_column", "single_block", "single_line", "single_word", "sparse_text"
        ]
        | None,
        typer.Option("--segmentation", help="How a page is cut into lines."),
    ] = None
    detail: Annotated[
        Literal["text", "line", "word"] | None,
        typer.Option("--detail", help="How much layout --json holds; word by default."),
    ] = None
    min_confidence: Annotated[
        float,
        typer.Option("--min-confidence", min=0, max=1, help="Leave out words below it."),
    ] = 0
    pages: Annotated[
        str, typer.Option("--pages", metavar="1,3-5", show_default=False, help="Only these pages.")
    ] = ""
    dpi: Annotated[
        int | None, typer.Option("--dpi", min=72, max=600, help="Resolution for PDF pages.")
    ] = None

    def options(self, entities: EntityOptions) -> recognition.RecognizeOptions:
        """Return the options of the contract; what was not given stays the server's default.

        Raises:
            typer.BadParameter: The pages make no sense.
        """
        return recognition.RecognizeOptions(
            engine=_value(recognition.Engine, "ENGINE", self.engine),
            languages=self.language,
            preprocessing=_value(recognition.Preprocessing, "PREPROCESSING", self.preprocessing),
            segmentation=_value(
                recognition.PageSegmentation, "PAGE_SEGMENTATION", self.segmentation
            ),
            detail=_value(recognition.DetailLevel, "DETAIL_LEVEL", self.detail),
            min_confidence=self.min_confidence,
            pages=page_numbers(self.pages) if self.pages else [],
            dpi=self.dpi or 0,
            entities=entities,
        )


def _entity_type(name: str) -> Any:
    try:
        return EntityType.Value(f"ENTITY_TYPE_{name.upper()}")
    except ValueError:
        known = (kind.removeprefix("ENTITY_TYPE_").lower() for kind in EntityType.keys()[1:])
        raise typer.BadParameter(f"Give one of the types {', '.join(known)}.") from None


def _value(enum: Any, prefix: str, name: str | None) -> Any:
    return enum.Value(f"{prefix}_{(name or 'unspecified').upper()}")


def expand(command: Callable[..., None]) -> Callable[..., None]:
    """Return the command with each dataclass parameter replaced by the options in its fields.

    Typer has no groups of options; this keeps `Connection` and `Reading` in one place each.
    """
    hints = get_type_hints(command, include_extras=True)
    groups: dict[str, Any] = {name: kind for name, kind in hints.items() if is_dataclass(kind)}
    parameters: list[inspect.Parameter] = []
    for parameter in inspect.signature(command).parameters.values():
        kind = groups.get(parameter.name)
        parameters += _options(kind) if kind else [parameter.replace(kind=_KEYWORD)]

    @functools.wraps(command)
    def run(**given: Any) -> None:
        for name, kind in groups.items():
            own = {field.name: given.pop(field.name) for field in fields(kind)}
            given[name] = kind(**own)
        command(**given)

    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run


_KEYWORD = inspect.Parameter.KEYWORD_ONLY


def _options(kind: Any) -> list[inspect.Parameter]:
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            field.name,
            _KEYWORD,
            default=[] if field.default is MISSING else field.default,
            annotation=hints[field.name],
        )
        for field in fields(kind)
    ]
