"""hOCR, ALTO and searchable PDF: what readers get out of them is what the reply says."""

import math
from pathlib import Path
from typing import Any

import pytest

from ocr_service.api_keys import Scope
from ocr_service.pb.ocr.v1 import (
    batch_pb2,
    document_pb2,
    entity_pb2,
    layout_pb2,
    ocr_service_pb2,
    recognize_pb2,
)
from tests import drawn, output_files
from tests.data import make
from tests.ocr_command import ocr
from tests.output_files import Box, Found
from tests.servers import Server
from tests.test_wire_errors import failure

HOCR = recognize_pb2.OUTPUT_FORMAT_HOCR
ALTO = recognize_pb2.OUTPUT_FORMAT_ALTO
PDF = recognize_pb2.OUTPUT_FORMAT_SEARCHABLE_PDF
MIME_TYPES = {
    HOCR: "application/xhtml+xml",
    ALTO: "application/alto+xml",
    PDF: "application/pdf",
}
PAGE = drawn.page(drawn.SENTENCES[:4])
OTHER = drawn.page(drawn.SENTENCES[4:7], size=26)
MAIL = "ann@example.com"


def png(page: drawn.Drawn) -> bytes:
    return make.encode(page.image, "PNG")


DOCUMENTS = {
    "png": png(PAGE),
    "tiff pages": make.encode_pages([PAGE.image, OTHER.image, PAGE.image], "TIFF"),
    "upside down": png(PAGE.turned(180)),
    "turned left": png(PAGE.turned(-90)),
    "turned right": png(PAGE.turned(90)),
    "askew": png(PAGE.turned(4)),
    "orientation tag": make.encode(
        PAGE.image.rotate(90, expand=True), "JPEG", quality=95, exif=make.with_orientation(6)
    ),
    "pdf": make.pdf([make.PdfPage("Quiet garden", box=(300.5, 80.2), rotate=90)]),
    "blank": make.encode(make.text_image([]), "PNG"),
}


def recognize(
    server: Server, content: bytes, key: str = "", **options: object
) -> recognize_pb2.RecognizeResponse:
    request = recognize_pb2.RecognizeRequest(
        content=content,
        options=recognize_pb2.RecognizeOptions(**options),  # type: ignore[arg-type]
    )
    metadata = (("x-api-key", key or server.key),)
    return server.stub.Recognize(request, metadata=metadata, timeout=60)


def lines_of(page: layout_pb2.Page) -> list[list[tuple[str, Box]]]:
    return [
        [(word.text, box_of(word.bounding_poly)) for word in line.words]
        for block in page.blocks
        for line in block.lines
    ]


def box_of(poly: layout_pb2.BoundingPoly) -> Box:
    xs, ys = [vertex.x for vertex in poly.vertices], [vertex.y for vertex in poly.vertices]
    return (min(xs), min(ys), max(xs), max(ys))


def texts(lines: list[list[tuple[str, Box]]]) -> list[list[str]]:
    return [[text for text, _ in line] for line in lines]


def farthest(found: Found, expected: list[list[tuple[str, Box]]]) -> float:
    """By how much an edge of a word lies elsewhere, in pixels."""
    boxes = [box for line in expected for _, box in line]
    assert len(found.words) == len(boxes)
    return max(
        (
            math.dist((a,), (b,))
            for (_, box), other in zip(found.words, boxes, strict=True)
            for a, b in zip(box, other, strict=True)
        ),
        default=0.0,
    )


@pytest.mark.parametrize("content", DOCUMENTS.values(), ids=DOCUMENTS)
def test_documents_say_what_the_reply_says(server: Server, content: bytes) -> None:
    reply = recognize(server, content, outputs=[PDF, HOCR, ALTO, PDF])
    assert [output.format for output in reply.outputs] == [PDF, HOCR, ALTO]
    made = {output.format: output.content for output in reply.outputs}
    assert {output.format: output.mime_type for output in reply.outputs} == MIME_TYPES
    sizes = [(page.width, page.height) for page in reply.pages]
    hocr = output_files.hocr_pages(made[HOCR])
    alto = output_files.alto_pages(made[ALTO])
    pdf = output_files.pdf_pages(made[PDF], sizes)
    assert [page.size for page in hocr] == [page.size for page in alto] == sizes
    for page, in_hocr, in_alto, in_pdf in zip(reply.pages, hocr, alto, pdf, strict=True):
        expected = lines_of(page)
        assert texts(in_hocr.lines) == texts(in_alto.lines) == texts(expected)
        assert [text for text, _ in in_pdf.words] == [
            text for line in texts(expected) for text in line
        ]
        assert farthest(in_hocr, expected) <= 0.51
        assert farthest(in_alto, expected) <= 0.02
        assert farthest(in_pdf, expected) <= 2
        if page.rotation_degrees != 180:  # words there end where readers expect a line to start
            assert texts(in_pdf.lines) == texts(expected)


def test_slopes_are_told(server: Server) -> None:
    reply = recognize(server, DOCUMENTS["askew"], outputs=[HOCR, ALTO])
    rises = [
        float(line.split("baseline ")[1].split()[0])
        for line in output_files.hocr_lines(reply.outputs[0].content)
    ]
    assert rises == pytest.approx([math.tan(math.radians(4))] * 4, abs=0.02)
    assert reply.outputs[1].content.count(b"<Polygon") > 10
    for name, angle in (("turned right", 270), ("turned left", 90), ("upside down", 180)):
        reply = recognize(server, DOCUMENTS[name], outputs=[HOCR])
        lines = output_files.hocr_lines(reply.outputs[0].content)
        angles = [float(line.split("textangle ")[1]) for line in lines]
        assert angles == pytest.approx([angle] * 4, abs=1)


SIZES = {
    "stated": (make.encode(PAGE.image, "PNG", dpi=(300, 300)), 300, 300),
    "fax": (make.encode(PAGE.image, "TIFF", dpi=(204, 98)), 204, 98),
    "as cameras do": (make.encode(PAGE.image, "JPEG", dpi=(72, 72)), 200, 200),
    "unknown": (png(PAGE), 200, 200),
    "on its side": (
        make.encode(
            PAGE.image.rotate(90, expand=True),
            "JPEG",
            dpi=(98, 204),
            exif=make.with_orientation(6),
        ),
        204,
        98,
    ),
}


@pytest.mark.parametrize(("content", "across", "down"), SIZES.values(), ids=SIZES)
def test_paper_is_as_large_as_the_file_says(
    server: Server, content: bytes, across: float, down: float
) -> None:
    reply = recognize(server, content, outputs=[PDF])
    (page,) = output_files.pdf_pages(reply.outputs[0].content, [PAGE.image.size])
    expected = (PAGE.image.width * 72 / across, PAGE.image.height * 72 / down)
    assert page.size == pytest.approx(expected, rel=0.001)


def test_pages_of_a_pdf_keep_their_size_and_look(server: Server) -> None:
    content = make.pdf([make.PdfPage("Quiet garden", box=(300.5, 80.2)), make.PdfPage()])
    reply = recognize(server, content, outputs=[PDF], pages=[1], dpi=150)
    made = reply.outputs[0].content
    (page,) = output_files.pdf_pages(made, [(reply.pages[0].width, reply.pages[0].height)])
    assert page.size == pytest.approx((300.5, 80.2), abs=0.001)
    assert recognize(server, made).text == reply.text


def test_min_confidence_holds_for_documents(server: Server) -> None:
    whole = recognize(server, DOCUMENTS["png"])
    confidences = sorted(
        word.confidence for b in whole.pages[0].blocks for line in b.lines for word in line.words
    )
    least = (confidences[0] + confidences[-1]) / 2
    reply = recognize(server, DOCUMENTS["png"], outputs=[HOCR, PDF], min_confidence=least)
    (page,) = output_files.hocr_pages(reply.outputs[0].content)
    assert [text for text, _ in page.words] == reply.text.split()
    assert len(page.words) < len(whole.text.split())


@pytest.mark.parametrize("restricted", [True, False])
def test_masked_documents_hide_what_was_found(server: Server, restricted: bool) -> None:
    content = make.encode(make.text_image(["mail to", MAIL, "today"], size=40), "PNG")
    key = server.new_key(frozenset({Scope.RECOGNIZE})) if restricted else server.key
    entities = entity_pb2.EntityOptions(mask=not restricted)
    clear = recognize(server, content, outputs=[PDF])
    assert "example" in recognize(server, clear.outputs[0].content).text
    reply = recognize(server, content, key, outputs=[HOCR, ALTO, PDF], entities=entities)
    hocr, alto, pdf = (output.content for output in reply.outputs)
    (page,) = reply.pages
    (in_pdf,) = output_files.pdf_pages(pdf, [(page.width, page.height)])
    for words in (
        output_files.hocr_pages(hocr)[0].words,
        output_files.alto_pages(alto)[0].words,
        in_pdf.words,
    ):
        assert [text for text, _ in words] == reply.text.split()
        assert not any("nn@" in text for text, _ in words)
    seen = recognize(server, pdf).text
    assert "example" not in seen
    assert "today" in seen


CALLS: dict[str, tuple[dict[str, Any], str]] = {
    "unspecified": ({"outputs": [0]}, "options.outputs"),
    "unknown": ({"outputs": [77]}, "options.outputs"),
    "masked and incomplete": (
        {
            "outputs": [PDF],
            "min_confidence": 0.5,
            "entities": entity_pb2.EntityOptions(mask=True),
        },
        "options.min_confidence",
    ),
}


@pytest.mark.parametrize(("options", "field"), CALLS.values(), ids=CALLS)
def test_wrong_options_are_refused(server: Server, options: dict[str, Any], field: str) -> None:
    refused = failure(lambda: recognize(server, DOCUMENTS["blank"], **options))
    assert (refused.reason, refused.field) == ("OPTION_INVALID", field)


def test_calls_without_room_for_documents_refuse_them(server: Server) -> None:
    options = recognize_pb2.RecognizeOptions(outputs=[HOCR])
    content = DOCUMENTS["blank"]
    paged = document_pb2.RecognizeDocumentRequest(content=content, options=options)
    redacted = ocr_service_pb2.RedactRequest(content=content, options=options)
    for call in (
        lambda: list(server.stub.RecognizeDocument(paged, metadata=server.metadata, timeout=60)),
        lambda: server.stub.Redact(redacted, metadata=server.metadata, timeout=60),
    ):
        refused = failure(call)
        assert (refused.reason, refused.field) == ("OPTION_INVALID", "options.outputs")


def test_batch_items_get_documents(server: Server) -> None:
    item = batch_pb2.BatchItem(
        item_id="a",
        content=DOCUMENTS["png"],
        options=recognize_pb2.RecognizeOptions(outputs=[PDF]),
    )
    requests = iter([batch_pb2.BatchRecognizeRequest(item=item)])
    answers = server.stub.BatchRecognize(requests, metadata=server.metadata, timeout=60)
    (output,) = next(answers).result.response.outputs
    assert output.content.startswith(b"%PDF-")
    answers.cancel()


def test_capabilities_name_the_formats(server: Server) -> None:
    reply = server.stub.GetCapabilities(
        ocr_service_pb2.GetCapabilitiesRequest(), metadata=server.metadata
    )
    assert list(reply.output_formats) == [HOCR, ALTO, PDF]


def test_the_command_writes_documents(server: Server, tmp_path: Path) -> None:
    source = tmp_path / "in.png"
    source.write_bytes(DOCUMENTS["png"])
    paths = {name: tmp_path / f"out.{name}" for name in ("pdf", "hocr", "alto")}
    words = [word for name, path in paths.items() for word in (f"--{name}", str(path))]
    done = ocr(server, "recognize", str(source), *words)
    assert done.exit_code == 0
    expected = done.stdout.split()
    assert output_files.pdf_text(paths["pdf"].read_bytes()).split() == expected
    for found in (
        output_files.hocr_pages(paths["hocr"].read_bytes()),
        output_files.alto_pages(paths["alto"].read_bytes()),
    ):
        assert [text for text, _ in found[0].words] == expected
    several = ocr(server, "recognize", str(source), str(source), *words)
    assert several.exit_code == 2
    assert "take one file" in several.stderr
    nowhere = ocr(server, "recognize", str(source), "--pdf", str(tmp_path / "no" / "out.pdf"))
    assert nowhere.exit_code == 1
    assert "cannot be written" in nowhere.stderr
