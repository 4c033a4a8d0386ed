"""A document of several pages is read by all workers that are idle, and answered as by one."""

from collections.abc import Iterator

import pytest
from PIL import Image

from ocr_service.pb.ocr.v1 import recognize_pb2
from tests.data import make
from tests.gate import Gate, reciting_server
from tests.servers import Server, eventually
from tests.test_wire_errors import failure

RecognizeRequest = recognize_pb2.RecognizeRequest
Options = recognize_pb2.RecognizeOptions


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[Server]:
    with reciting_server(tmp_path_factory.mktemp("one"), gate) as server:
        yield server


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[Server]:
    with reciting_server(tmp_path_factory.mktemp("three"), gate, "--workers=3") as server:
        yield server


def document(*widths: int) -> bytes:
    return make.encode_pages([Image.new("L", (width, 40)) for width in widths], "TIFF")


def recognize(server: Server, content: bytes, **options: object) -> recognize_pb2.RecognizeResponse:
    request = RecognizeRequest(content=content, options=Options(**options))  # type: ignore[arg-type]
    return server.stub.Recognize(request, metadata=server.metadata, timeout=60)


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"pages": [5, 2, 3]},
        {"detail": recognize_pb2.DETAIL_LEVEL_LINE},
        {"outputs": [recognize_pb2.OUTPUT_FORMAT_HOCR]},
        {"entities": {"mask": True}},
    ],
    ids=["all", "some pages", "lines", "outputs", "masked"],
)
def test_the_reply_is_the_same(one: Server, three: Server, options: dict[str, object]) -> None:
    content = document(301, 302, 303, 304, 305, 306, 307)
    replies = [recognize(server, content, **options) for server in (one, three)]
    for reply in replies:
        assert reply.entities[-1].start > reply.entities[0].end
        for entity in reply.entities:
            assert reply.text[entity.start : entity.end] == entity.text
        assert reply.timings.recognize.ToNanoseconds() > 0
        reply.ClearField("timings")
    assert replies[0] == replies[1]


def test_all_idle_workers_begin(three: Server, gate: Gate) -> None:
    before = gate.runs
    gate.close()
    content = document(311, 312, 313, 314)
    request = RecognizeRequest(content=content)
    call = three.stub.Recognize.future(request, metadata=three.metadata, timeout=60)
    eventually(lambda: gate.runs == before + 3)
    gate.open()
    ends = [text.split()[-1] for text in call.result().text.split("\f")]
    assert ends == ["311", "312", "313", "314"]
    assert gate.runs == before + 4


def test_a_page_that_fails_fails_the_document(three: Server) -> None:
    refused = failure(lambda: recognize(three, document(321, 99, 322)))
    assert refused.reason == "INTERNAL"
    assert recognize(three, document(323, 324)).pages
