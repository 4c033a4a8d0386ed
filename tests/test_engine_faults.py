"""What a faulty engine costs: its own request, and nobody else anything."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc
import pytest
from PIL import Image

from ocr_service.pb.ocr.v1 import batch_pb2, document_pb2, recognize_pb2
from tests.data import make
from tests.servers import Server, running_server
from tests.test_wire_errors import failure

INK = make.encode(make.text_image(["ink"]), "PNG")
BLANK = make.encode(Image.new("L", (200, 100), 255), "PNG")


@contextmanager
def faulty(fake: str, folder: Path, *flags: str) -> Iterator[Server]:
    program = ("-m", "tests.fakes.serve", fake)
    with running_server(folder, "--workers=1", *flags, program=program) as server:
        yield server


def recognize(server: Server, content: bytes) -> recognize_pb2.RecognizeResponse:
    options = recognize_pb2.RecognizeOptions(preprocessing=recognize_pb2.PREPROCESSING_NONE)
    request = recognize_pb2.RecognizeRequest(content=content, options=options)
    return server.stub.Recognize(request, metadata=server.metadata)


@pytest.mark.parametrize(
    ("fake", "flags", "code", "reason"),
    [
        ("crashing", (), grpc.StatusCode.INTERNAL, "ENGINE_CRASHED"),
        ("failing", (), grpc.StatusCode.INTERNAL, "INTERNAL"),
        (
            "hanging",
            ("--default-deadline=0.5",),
            grpc.StatusCode.DEADLINE_EXCEEDED,
            "DEADLINE_EXCEEDED",
        ),
    ],
    ids=["crashing", "failing", "hanging"],
)
def test_a_fault_is_said_and_the_next_request_served(
    tmp_path: Path, fake: str, flags: tuple[str, ...], code: grpc.StatusCode, reason: str
) -> None:
    with faulty(fake, tmp_path, *flags) as server:
        refused = failure(lambda: recognize(server, INK))
        assert (refused.code, refused.reason) == (code, reason)
        assert recognize(server, BLANK).pages
        assert "4111" not in refused.message
        assert "4111" not in server.said()
        causes = [str(e["cause"]) for e in server.log if e.get("event") == "internal error"]
        assert len(causes) == (reason == "INTERNAL")
        assert all(cause.startswith("ValueError at ") for cause in causes)


def test_a_page_that_crashes_the_engine_costs_that_page_only(tmp_path: Path) -> None:
    pages = [Image.new("L", (200, 100), 255), make.text_image(["ink"], mode="L")]
    tiff = make.encode_pages([pages[0], pages[1], pages[0]], "TIFF")
    request = document_pb2.RecognizeDocumentRequest(content=tiff)
    with faulty("crashing", tmp_path) as server:
        events = list(server.stub.RecognizeDocument(request, metadata=server.metadata))
    crashes = [entry for entry in server.log if entry.get("event") == "worker crashed"]
    kinds = [event.WhichOneof("event") for event in events]
    assert kinds == ["started", "page", "error", "page", "summary"]
    assert events[2].error.reason == "ENGINE_CRASHED"
    assert len(crashes) == 2  # it is tried twice
    assert all(crash["exit_code"] for crash in crashes)


def test_a_hanging_item_costs_that_item_only(tmp_path: Path) -> None:
    config = batch_pb2.BatchConfig()
    config.item_timeout.FromMilliseconds(500)
    requests = [batch_pb2.BatchRecognizeRequest(config=config)]
    for name, content in (("a", BLANK), ("hang", INK), ("b", BLANK)):
        item = batch_pb2.BatchItem(item_id=name, content=content)
        requests.append(batch_pb2.BatchRecognizeRequest(item=item))
    with faulty("hanging", tmp_path, "--workers=2") as server:
        *answers, last = server.stub.BatchRecognize(iter(requests), metadata=server.metadata)
    reasons = {a.error.item_id or a.result.item_id: a.error.reason for a in answers}
    assert reasons == {"a": "", "hang": "DEADLINE_EXCEEDED", "b": ""}
    assert (last.summary.succeeded, last.summary.failed) == (2, 1)
