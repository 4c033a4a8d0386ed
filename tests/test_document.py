"""RecognizeDocument: pages in order, a page that fails does not end the stream."""

import pytest
from PIL import Image

from ocr_service.pb.ocr.v1 import document_pb2, recognize_pb2
from tests.data import make
from tests.servers import Server
from tests.test_wire_errors import failure


def read(
    server: Server, content: bytes, **options: object
) -> list[document_pb2.RecognizeDocumentResponse]:
    request = document_pb2.RecognizeDocumentRequest(
        content=content,
        options=recognize_pb2.RecognizeOptions(**options),  # type: ignore[arg-type]
    )
    return list(server.stub.RecognizeDocument(request, metadata=server.metadata, timeout=60))


def kinds(events: list[document_pb2.RecognizeDocumentResponse]) -> list[str | None]:
    return [event.WhichOneof("event") for event in events]


@pytest.mark.parametrize(
    ("content", "mime_type"),
    [
        (
            make.pdf([make.PdfPage(f"Page number {n}", box=(300, 100)) for n in range(1, 8)]),
            "application/pdf",
        ),
        (
            make.encode_pages([make.text_image([f"Page number {n}"]) for n in range(1, 8)], "TIFF"),
            "image/tiff",
        ),
    ],
    ids=["pdf", "tiff"],
)
def test_pages_come_in_order_with_their_text(
    server: Server, content: bytes, mime_type: str
) -> None:
    events = read(server, content)
    assert kinds(events) == ["started", *["page"] * 7, "summary"]
    assert events[0].started == document_pb2.DocumentStarted(page_count=7, mime_type=mime_type)
    for number, event in enumerate(events[1:-1], start=1):
        assert event.page.page.number == number
        assert event.page.text.split() == ["Page", "number", f"{number}"]
        first = event.page.page.blocks[0].lines[0].words[0]
        assert event.page.text[first.start : first.end] == "Page"
    summary = events[-1].summary
    assert (summary.succeeded, summary.failed) == (7, 0)
    assert summary.engine == recognize_pb2.ENGINE_RAPIDOCR
    assert summary.timings.recognize.ToTimedelta().total_seconds() > 0


def test_a_page_that_cannot_be_read_fails_alone(server: Server) -> None:
    good = make.text_image(["good"])
    too_long = Image.new("1", (17_000, 8))
    events = read(server, make.encode_pages([good, too_long, good], "TIFF"))
    assert kinds(events) == ["started", "page", "error", "page", "summary"]
    error = events[2].error
    assert (error.page_number, error.reason) == (2, "PIXELS_EXCEEDED")
    assert (events[-1].summary.succeeded, events[-1].summary.failed) == (2, 1)


def test_only_chosen_pages_are_read(server: Server) -> None:
    tiff = make.encode_pages([make.text_image([f"p{n}"]) for n in range(4)], "TIFF")
    events = read(server, tiff, pages=[4, 2])
    assert [event.page.page.number for event in events[1:-1]] == [2, 4]
    assert failure(lambda: read(server, tiff, pages=[5])).reason == "PAGE_OUT_OF_RANGE"
