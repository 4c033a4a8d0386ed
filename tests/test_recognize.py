"""Recognize and GetCapabilities, end to end with the real engine."""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service import convert
from ocr_service.pb.ocr.v1 import ocr_service_pb2, recognize_pb2
from ocr_service.results import Block, BoundingPoly, Document, Line, Page, Word
from tests.data import make
from tests.servers import Server, eventually

LINES = ["Invoice number 4711", "Total amount 12.50"]


def recognize(
    server: Server, content: bytes, mime_type: str = "", **options: object
) -> recognize_pb2.RecognizeResponse:
    request = recognize_pb2.RecognizeRequest(
        content=content,
        mime_type=mime_type,
        options=recognize_pb2.RecognizeOptions(**options),  # type: ignore[arg-type]
    )
    return server.stub.Recognize(request, metadata=server.metadata, timeout=60)


def test_text_layout_and_offsets_agree(server: Server) -> None:
    image = make.text_image(LINES)
    reply = recognize(server, make.encode(image, "PNG"), "image/png")
    assert reply.text.split() == " ".join(LINES).split()
    (page,) = reply.pages
    assert (page.number, page.width, page.height) == (1, image.width, image.height)
    words = [word for block in page.blocks for line in block.lines for word in line.words]
    assert [word.text for word in words] == reply.text.split()
    for word in words:
        assert reply.text[word.start : word.end] == word.text
        assert 0 < word.confidence <= 1
        xs = [vertex.x for vertex in word.bounding_poly.vertices]
        ys = [vertex.y for vertex in word.bounding_poly.vertices]
        assert len(xs) == 4
        assert 0 <= min(xs) < max(xs) <= image.width
        assert 0 <= min(ys) < max(ys) <= image.height
    assert reply.engine == recognize_pb2.ENGINE_RAPIDOCR
    assert reply.cache_status == recognize_pb2.CACHE_STATUS_MISS
    assert len(reply.content_sha256) == 64
    times = reply.timings
    stages = (times.queue, times.decode, times.preprocess, times.recognize, times.find_entities)
    assert 0 < sum(map(convert.seconds, stages)) <= convert.seconds(times.total)


@pytest.mark.parametrize(
    ("detail", "blocks", "words"),
    [
        (recognize_pb2.DETAIL_LEVEL_TEXT, False, False),
        (recognize_pb2.DETAIL_LEVEL_LINE, True, False),
        (recognize_pb2.DETAIL_LEVEL_WORD, True, True),
        (recognize_pb2.DETAIL_LEVEL_UNSPECIFIED, True, True),
    ],
)
def test_detail_decides_how_much_layout(
    server: Server, detail: recognize_pb2.DetailLevel.ValueType, blocks: bool, words: bool
) -> None:
    reply = recognize(server, make.encode(make.text_image(LINES), "PNG"), detail=detail)
    lines = [line for page in reply.pages for block in page.blocks for line in block.lines]
    assert reply.text.split() == " ".join(LINES).split()
    assert bool(lines) == blocks
    assert any(line.words for line in lines) == words
    if blocks:
        assert " ".join(line.text for line in lines).split() == reply.text.split()


def test_pages_are_parted_by_form_feeds_and_chosen(server: Server) -> None:
    tiff = make.encode_pages([make.text_image([f"Page {n} here"]) for n in (1, 2, 3)], "TIFF")
    whole = recognize(server, tiff)
    assert [page.split() for page in whole.text.split("\f")] == [
        ["Page", str(n), "here"] for n in (1, 2, 3)
    ]
    assert [page.number for page in whole.pages] == [1, 2, 3]
    last = whole.pages[2].blocks[0].lines[0].words[1]
    assert whole.text[last.start : last.end] == "3"
    chosen = recognize(server, tiff, pages=[3, 1, 3])
    assert [page.number for page in chosen.pages] == [1, 3]


def test_min_confidence_leaves_words_out(server: Server) -> None:
    content = make.encode(make.text_image(LINES), "PNG")
    everything = recognize(server, content)
    confidences = sorted(
        word.confidence
        for block in everything.pages[0].blocks
        for line in block.lines
        for word in line.words
    )
    least = (confidences[0] + confidences[-1]) / 2
    kept = recognize(server, content, min_confidence=least)
    expected = sum(confidence >= least for confidence in confidences)
    assert len(kept.text.split()) == expected
    assert 0 < expected < len(confidences)


def test_request_ids_come_back_and_stand_in_the_log(server: Server) -> None:
    request = ocr_service_pb2.GetCapabilitiesRequest()
    metadata = (*server.metadata, ("x-request-id", "order-66"))
    _, call = server.stub.GetCapabilities.with_call(request, metadata=metadata)
    assert dict(call.trailing_metadata())["x-request-id"] == "order-66"
    _, call = server.stub.GetCapabilities.with_call(
        request, metadata=(*server.metadata, ("x-request-id", "two words\x7f"[:9]))
    )
    assert dict(call.trailing_metadata())["x-request-id"] not in {"", "two words"}
    eventually(lambda: any(e.get("request_id") == "order-66" for e in server.log))


def test_capabilities_tell_engines_languages_and_limits(server: Server) -> None:
    reply = server.stub.GetCapabilities(
        ocr_service_pb2.GetCapabilitiesRequest(), metadata=server.metadata
    )
    languages = {engine.engine: set(engine.languages) for engine in reply.engines}
    assert {recognize_pb2.ENGINE_TESSERACT, recognize_pb2.ENGINE_RAPIDOCR} <= set(languages)
    assert all({"en", "tr"} <= found and "osd" not in found for found in languages.values())
    (default,) = (engine for engine in reply.engines if engine.is_default)
    assert default.engine == recognize_pb2.ENGINE_AUTO
    assert default.version == "rapidocr, tesseract"
    assert {"image/png", "application/pdf"} <= set(reply.mime_types)
    assert reply.limits.max_content_bytes == 32 * 2**20
    assert reply.limits.max_batch_items_in_flight == 4


def test_answers_are_never_another_requests(server: Server) -> None:
    numbers = range(100_000, 100_200)
    contents = {n: make.encode(make.text_image([f"Ticket {n}"], size=28), "PNG") for n in numbers}
    with ThreadPoolExecutor(16) as callers:
        texts = callers.map(lambda n: recognize(server, contents[n]).text, numbers)
        assert [text.strip() for text in texts] == [f"Ticket {n}" for n in numbers]


def manifest(folder: Path) -> list[dict[str, object]]:
    files: list[dict[str, object]] = json.loads((folder / "manifest.json").read_text())["files"]
    return files


def test_every_broken_file_is_answered(server: Server, shared_data: Path) -> None:
    folder = shared_data / "broken"
    for entry in manifest(folder):
        content = (folder / str(entry["file"])).read_bytes()
        codes = {grpc.StatusCode.INVALID_ARGUMENT}
        if entry["expect"] == "error_or_best_effort":
            codes.add(grpc.StatusCode.OK)
        request = recognize_pb2.RecognizeRequest(content=content)
        call = server.stub.Recognize.future(request, metadata=server.metadata, timeout=60)
        assert call.code() in codes, entry["file"]
    assert recognize(server, make.encode(make.text_image(["well"]), "PNG")).text.strip() == "well"


def test_every_odd_format_is_read_upright_with_all_its_pages(
    server: Server, shared_data: Path
) -> None:
    folder = shared_data / "formats"
    entries = manifest(folder)
    with ThreadPoolExecutor(2) as callers:
        replies = callers.map(
            lambda entry: recognize(server, (folder / str(entry["file"])).read_bytes()), entries
        )
    for entry, reply in zip(entries, replies, strict=True):
        assert len(reply.pages) == entry["pages"], entry["file"]
        expected = set(str(entry["text"] or "").lower().split())
        if expected and entry["text_complete"]:
            found = set(reply.text.lower().split())
            assert len(expected & found) >= 0.7 * len(expected), entry["file"]


words = st.builds(
    Word,
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=8),
    st.just(BoundingPoly.box(0, 0, 1, 1)),
    st.floats(0, 1),
)
lines = st.builds(
    Line, st.lists(words, min_size=1, max_size=4).map(tuple), st.just(BoundingPoly.box(0, 0, 1, 1))
)
blocks = st.builds(
    Block, st.lists(lines, min_size=1, max_size=3).map(tuple), st.just(BoundingPoly.box(0, 0, 1, 1))
)
pages = st.builds(
    Page,
    number=st.integers(1, 9),
    width=st.just(10),
    height=st.just(10),
    blocks=st.lists(blocks, max_size=3).map(tuple),
)


@given(st.lists(pages, max_size=4).map(tuple))
def test_every_words_offsets_point_at_it(pages: tuple[Page, ...]) -> None:
    document = Document(pages, "image/png", len(pages), "tesseract")
    reply = convert.response_to_proto(document, recognize_pb2.DETAIL_LEVEL_WORD, "")
    assert reply.text == document.text
    found = [
        word
        for page in reply.pages
        for block in page.blocks
        for line in block.lines
        for word in line.words
    ]
    assert [word.text for word in found] == [word.text for page in pages for word in page.words]
    assert all(reply.text[word.start : word.end] == word.text for word in found)
