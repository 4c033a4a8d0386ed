"""Traces as a collector takes them from a real server."""

import queue
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from PIL import Image

from ocr_service.observation import STAGES
from ocr_service.pb.ocr.v1 import batch_pb2, recognize_pb2
from tests.data import make
from tests.fakes.reciting import WORDS
from tests.gate import Gate, reciting_server
from tests.gateway import gateways
from tests.scrape import page
from tests.servers import Server, eventually
from tests.trace_collector import Collector, Node, running_collector

CARD = " ".join(WORDS[1:5])
READ = ("reply", list(STAGES))


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with running_collector() as running:
        yield running


@pytest.fixture(scope="module")
def traced(
    tmp_path_factory: pytest.TempPathFactory, collector: Collector, gate: Gate
) -> Iterator[Server]:
    flags = ("--workers=2", "--gateway", "--gateway-listen=127.0.0.1:0")
    folder = tmp_path_factory.mktemp("server")
    with reciting_server(folder, gate, *flags, environ=collector.environ) as running:
        yield running


class Caller:
    """A caller with a trace of its own."""

    def __init__(self) -> None:
        self.trace_id, self.span_id = secrets.token_hex(16), secrets.token_hex(8)
        self.traceparent = f"00-{self.trace_id}-{self.span_id}-01"

    def metadata(self, key: str) -> tuple[tuple[str, str], ...]:
        return (("x-api-key", key), ("traceparent", self.traceparent))

    def tree(self, collector: Collector) -> Node:
        return collector.tree(self.trace_id, self.span_id)


def attributes(node: Node) -> dict[str, Any]:
    return {
        pair.key: getattr(pair.value, str(pair.value.WhichOneof("value")))
        for pair in node.span.attributes
    }


def request(width: int) -> recognize_pb2.RecognizeRequest:
    return recognize_pb2.RecognizeRequest(content=page(width))


def test_a_call_is_a_tree_of_its_stages(traced: Server, collector: Collector) -> None:
    caller = Caller()
    traced.stub.Recognize(request(300), metadata=caller.metadata(traced.key))
    tree = caller.tree(collector)
    assert tree.names == ("/ocr.v1.OcrService/Recognize", [READ])
    (reply,) = tree.children
    assert attributes(reply) == {"ocr.engine": "tesseract", "ocr.pages": 1, "ocr.cache": "miss"}
    assert attributes(tree)["rpc.grpc.status_code"] == 0
    ends = [node.span.end_time_unix_nano for node in reply.children]
    starts = [node.span.start_time_unix_nano for node in reply.children]
    assert starts == [reply.span.start_time_unix_nano, *ends[:-1]]
    assert ends[-1] <= reply.span.end_time_unix_nano <= tree.span.end_time_unix_nano
    assert tree.span.start_time_unix_nano <= starts[0]


def test_stages_of_two_workers_fit_into_their_reply(
    traced: Server, collector: Collector, gate: Gate
) -> None:
    caller = Caller()
    pages = make.encode_pages([Image.new("L", (width, 40)) for width in (320, 321)], "TIFF")
    gate.close()
    before = gate.runs
    call: Any = traced.stub.Recognize.future(
        recognize_pb2.RecognizeRequest(content=pages), metadata=caller.metadata(traced.key)
    )
    assert eventually(lambda: gate.runs == before + 2)
    until = time.monotonic() + 0.5  # that both work at once
    assert eventually(lambda: time.monotonic() > until)
    gate.open()
    call.result()
    (reply,) = caller.tree(collector).children
    assert sum(attributes(stage)["ocr.seconds"] for stage in reply.children) >= 1
    assert reply.children[-1].span.end_time_unix_nano <= reply.span.end_time_unix_nano


def test_a_reply_out_of_the_cache_has_no_stages(traced: Server, collector: Collector) -> None:
    traced.stub.Recognize(request(301), metadata=traced.metadata)
    caller = Caller()
    traced.stub.Recognize(request(301), metadata=caller.metadata(traced.key))
    tree = caller.tree(collector)
    assert tree.names == ("/ocr.v1.OcrService/Recognize", ["reply"])
    assert attributes(tree.children[0]) == {"ocr.cache": "hit"}


def test_items_of_a_batch_have_a_reply_each(traced: Server, collector: Collector) -> None:
    caller = Caller()
    items = (batch_pb2.BatchItem(item_id=f"{n}", content=page(n)) for n in (302, 99, 303))
    stream = (batch_pb2.BatchRecognizeRequest(item=item) for item in items)
    list(traced.stub.BatchRecognize(stream, metadata=caller.metadata(traced.key)))
    assert caller.tree(collector).names == ("/ocr.v1.OcrService/BatchRecognize", [READ, READ])


def test_refusals_and_failures_are_told_by_their_codes_only(
    traced: Server, collector: Collector
) -> None:
    for key, width, code in (
        ("planted-key", 304, grpc.StatusCode.UNAUTHENTICATED),
        (traced.key, 99, grpc.StatusCode.INTERNAL),
    ):
        caller = Caller()
        call: Any = traced.stub.Recognize.future(request(width), metadata=caller.metadata(key))
        assert call.code() == code
        tree = caller.tree(collector)
        assert attributes(tree)["rpc.grpc.status_code"] == code.value[0]
        assert tree.children == []


def test_a_caller_who_leaves_ends_the_span_and_is_no_error(
    traced: Server, collector: Collector
) -> None:
    caller = Caller()
    sending: queue.Queue[batch_pb2.BatchRecognizeRequest | None] = queue.Queue()
    item = batch_pb2.BatchItem(item_id="1", content=page(310))
    sending.put(batch_pb2.BatchRecognizeRequest(item=item))
    metadata = caller.metadata(traced.key)
    call: Any = traced.stub.BatchRecognize(iter(sending.get, None), metadata=metadata)
    assert next(call).result.item_id == "1"
    call.cancel()
    sending.put(None)
    assert caller.tree(collector).names == ("/ocr.v1.OcrService/BatchRecognize", [READ])
    assert [line for line in traced.said().splitlines() if not line.startswith("{")] == []


def test_the_gateway_passes_the_trace_on(traced: Server, collector: Collector) -> None:
    caller = Caller()
    gateway = gateways.beside(traced)
    headers = gateway.key | {"traceparent": caller.traceparent, "Content-Type": "image/png"}
    done = gateway.post("/v1/images:recognize", data=page(305), headers=headers)
    assert CARD in done.text
    assert caller.tree(collector).names == ("/ocr.v1.OcrService/Recognize", [READ])
    headers = gateway.key | {"traceparent": "00-nonsense", "Content-Type": "image/png"}
    assert gateway.post("/v1/images:recognize", data=page(305), headers=headers).ok


def test_log_lines_name_the_trace(traced: Server, collector: Collector) -> None:
    caller = Caller()
    traced.stub.Recognize(request(306), metadata=caller.metadata(traced.key))
    tree = caller.tree(collector)

    def lines() -> list[dict[str, object]]:
        return [entry for entry in traced.log if entry.get("trace_id") == caller.trace_id]

    assert eventually(lambda: bool(lines()))
    assert [(entry["event"], entry["span_id"]) for entry in lines()] == [
        ("call", tree.span.span_id.hex())
    ]


def test_nothing_of_callers_is_in_a_span(traced: Server, collector: Collector) -> None:
    """Comes last: looks at all that was sent."""
    assert len(collector.spans) > 20
    assert [span.events for span in collector.spans if span.events] == []
    everything = b"".join(request.SerializeToString() for request in collector.requests)
    for secret in (CARD, "sesame", traced.key, "planted-key", "tester", "a page of this width"):
        assert secret.encode() not in everything


def test_a_collector_that_is_away_costs_a_log_line(tmp_path: Path) -> None:
    away = {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_BSP_SCHEDULE_DELAY": "20"}
    away |= {"OTEL_EXPORTER_OTLP_TIMEOUT": "1"}
    gate = Gate(tmp_path)
    with reciting_server(tmp_path / "data", gate, environ=away) as server:
        words = "trace collector is away; spans are dropped"

        def said() -> int:
            return len([line for line in server.output if words in line])

        server.stub.Recognize(request(307), metadata=server.metadata)
        assert eventually(lambda: said() == 1)
        server.stub.Recognize(request(308), metadata=server.metadata)
        assert server.stop() == 0
    assert said() == 1
    assert [line for line in server.output if not line.startswith("{")] == []


def test_a_server_without_a_collector_imports_nothing_for_it() -> None:
    program = (
        "import sys, ocr_service.server\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
