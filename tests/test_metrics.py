"""Metrics as Prometheus reads them from a real server, and the log line of each call."""

import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from ocr_service.api_keys import Scope
from ocr_service.metrics import Metrics
from ocr_service.observation import STAGES
from ocr_service.pb.ocr.v1 import batch_pb2, document_pb2, ocr_service_pb2, recognize_pb2
from ocr_service.pb.ocr.v1.recognize_pb2 import CACHE_POLICY_NO_STORE
from tests.data import make
from tests.fakes.reciting import WORDS
from tests.gate import Gate, reciting_server
from tests.scrape import moving, text, value
from tests.servers import DEFAULT_SCOPES, Server, eventually, running_server

OCR = "ocr.v1.OcrService"
LISTEN = "--metrics-listen=127.0.0.1:0"
CARD = " ".join(WORDS[1:5])
NOBODY = "redis://127.0.0.1:1/0"
BLANK = make.encode(Image.new("L", (40, 40), 255), "PNG")


def call(method: str, code: str, reason: str = "", service: str = OCR) -> str:
    """Name of the counter of such calls."""
    ending = f',reason="{reason}"' if reason else ""
    return f'ocr_requests_total{{code="{code}",method="/{service}/{method}"{ending}}}'


def item(method: str, code: str, reason: str = "") -> str:
    ending = f',reason="{reason}"' if reason else ""
    return f'ocr_stream_items_total{{code="{code}",method="{method}"{ending}}}'


def seconds(stage: str) -> str:
    return f'ocr_stage_seconds_count{{engine="tesseract",stage="{stage}"}}'


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    return Gate(tmp_path_factory.mktemp("gate"))


@pytest.fixture(scope="module")
def reciting(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[Server]:
    """One worker process, a queue of one, and an engine that reads a card and waits at the gate."""
    flags = ("--pool=process", "--queue-seconds=0.001", LISTEN)
    with reciting_server(tmp_path_factory.mktemp("server"), gate, *flags) as running:
        yield running


def page(width: int) -> bytes:
    """A page with ink; each test has widths of its own, so that the cache knows none."""
    return make.encode(Image.new("L", (width, 40)), "PNG")


def recognize(
    server: Server, content: bytes, key: str = "", request_id: str = "planted-id", **options: Any
) -> Any:
    request = recognize_pb2.RecognizeRequest(
        content=content, options=recognize_pb2.RecognizeOptions(**options)
    )
    metadata = (("x-api-key", key or server.key), ("x-request-id", request_id))
    return server.stub.Recognize.future(request, metadata=metadata, timeout=60)


def logged(server: Server, request_id: str) -> dict[str, Any]:
    """The line of the call of that id: all that came before it are there, too."""

    def lines() -> list[dict[str, Any]]:
        return [entry for entry in server.log if entry.get("request_id") == request_id]

    assert eventually(lambda: bool(lines()))
    return lines()[0]


def batch(server: Server, *contents: bytes) -> None:
    items = [batch_pb2.BatchItem(item_id=f"{n}", content=c) for n, c in enumerate(contents)]
    stream = (batch_pb2.BatchRecognizeRequest(item=item) for item in items)
    assert len(list(server.stub.BatchRecognize(stream, metadata=server.metadata))) == len(items) + 1


def document(server: Server, *widths: int) -> None:
    pages = make.encode_pages([Image.new("L", (width, 40)) for width in widths], "TIFF")
    request = document_pb2.RecognizeDocumentRequest(content=pages)
    list(server.stub.RecognizeDocument(request, metadata=server.metadata))


def find(server: Server) -> None:
    request = ocr_service_pb2.FindEntitiesRequest(text="ann@example.com, bob@example.com")
    assert len(server.stub.FindEntities(request, metadata=server.metadata).entities) == 2


def redact(server: Server) -> None:
    request = ocr_service_pb2.RedactRequest(content=page(210))
    assert server.stub.Redact(request, metadata=server.metadata).entities


def check_health(server: Server) -> None:
    stub: Any = health_pb2_grpc.HealthStub(server.channel)  # its published types know no method
    stub.Check(health_pb2.HealthCheckRequest())
    with pytest.raises(grpc.RpcError):
        stub.Check(health_pb2.HealthCheckRequest(service="nobody's"))
    watch = stub.Watch(health_pb2.HealthCheckRequest())
    next(watch)
    watch.cancel()


def call_nothing(server: Server) -> None:
    for method in ("/ocr.v1.OcrService/Planted", "/planted.Service/Method"):
        unknown: Any = server.channel.unary_unary(method)
        with pytest.raises(grpc.RpcError):
            unknown(b"", metadata=server.metadata)


@dataclass(frozen=True)
class Row:
    """Something that callers do, and what it adds to the counters."""

    do: Callable[[Server], object]
    moves: Mapping[str, float]


READ_ONE = dict.fromkeys(
    ['ocr_pages_read_total{engine="tesseract"}', *map(seconds, ("queue", "decode", "recognize"))], 1
)
ROWS = {
    "read": Row(
        lambda server: recognize(server, page(200)).result(),
        READ_ONE
        | {
            call("Recognize", "OK"): 1,
            f'ocr_request_seconds_count{{method="/{OCR}/Recognize"}}': 1,
            'ocr_cache_results_total{result="miss"}': 1,
            'ocr_entities_found_total{type="CREDIT_CARD_NUMBER"}': 1,
        },
    ),
    "cached": Row(
        lambda server: recognize(server, page(200)).result(),
        dict.fromkeys(READ_ONE, 0)
        | {
            call("Recognize", "OK"): 1,
            'ocr_cache_results_total{result="hit"}': 1,
            'ocr_entities_found_total{type="CREDIT_CARD_NUMBER"}': 0,
        },
    ),
    "not to be kept": Row(
        lambda server: recognize(server, page(200), cache_policy=CACHE_POLICY_NO_STORE).result(),
        READ_ONE | {'ocr_cache_results_total{result="bypass"}': 1},
    ),
    "refused key": Row(
        lambda server: recognize(server, BLANK, "planted-key").exception(),
        {call("Recognize", "UNAUTHENTICATED", "API_KEY_INVALID"): 1},
    ),
    "scope": Row(
        lambda server: recognize(
            server, BLANK, server.new_key(frozenset({Scope.ADMIN}))
        ).exception(),
        {call("Recognize", "PERMISSION_DENIED", "SCOPE_INSUFFICIENT"): 1},
    ),
    "bad input": Row(
        lambda server: recognize(server, b"planted words").exception(),
        {call("Recognize", "INVALID_ARGUMENT", "FORMAT_UNSUPPORTED"): 1},
    ),
    "batch": Row(
        lambda server: batch(server, page(201), b"planted words", page(201), page(202), b""),
        {
            call("BatchRecognize", "OK"): 1,
            item("BatchRecognize", "OK"): 3,
            item("BatchRecognize", "INVALID_ARGUMENT", "FORMAT_UNSUPPORTED"): 1,
            item("BatchRecognize", "INVALID_ARGUMENT", "CONTENT_EMPTY"): 1,
            'ocr_cache_results_total{result="miss"}': 2,
            'ocr_cache_results_total{result="hit"}': 1,
        },
    ),
    "document": Row(
        lambda server: document(server, 203, 99, 204),
        {
            call("RecognizeDocument", "OK"): 1,
            item("RecognizeDocument", "OK"): 2,
            item("RecognizeDocument", "INTERNAL", "INTERNAL"): 1,
            'ocr_pages_read_total{engine="tesseract"}': 2,
        },
    ),
    "text": Row(
        find,
        {
            call("FindEntities", "OK"): 1,
            'ocr_entities_found_total{type="EMAIL"}': 2,
            'ocr_stage_seconds_count{stage="queue"}': 1,
        },
    ),
    "redaction": Row(
        redact,
        {
            call("Redact", "OK"): 1,
            'ocr_entities_found_total{type="CREDIT_CARD_NUMBER"}': 1,
            'ocr_stage_seconds_count{stage="queue"}': 1,
        },
    ),
    "health": Row(
        check_health,
        {
            call("Check", "OK", service="grpc.health.v1.Health"): 1,
            call("Check", "NOT_FOUND", service="grpc.health.v1.Health"): 1,
            call("Watch", "CANCELLED", service="grpc.health.v1.Health"): 1,
        },
    ),
    "unknown methods": Row(
        call_nothing, {'ocr_requests_total{code="UNIMPLEMENTED",method="other"}': 2}
    ),
}


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_calls_move_counters(row: Row, reciting: Server) -> None:
    with moving(reciting, row.moves):
        row.do(reciting)


def test_the_queue_and_its_refusals_are_seen(reciting: Server, gate: Gate) -> None:
    refused = {call("Recognize", "UNAVAILABLE", "OVERLOADED"): 1.0}
    gate.close()
    with moving(reciting, refused):
        running = recognize(reciting, page(220))
        waiting = recognize(reciting, page(221))
        assert eventually(lambda: value(reciting, "ocr_queue_jobs")() == 1)
        oldest = value(reciting, "ocr_queue_oldest_seconds")
        first = oldest()
        assert eventually(lambda: oldest() > first > 0)
        assert value(reciting, "ocr_queue_bytes")() == len(page(221))
        assert recognize(reciting, page(222)).exception() is not None
        gate.open()
        assert running.result().text
        assert waiting.result().text
    assert value(reciting, "ocr_queue_jobs")() == 0
    assert oldest() == 0


def test_a_killed_worker_is_counted(reciting: Server, gate: Gate) -> None:
    killed = 'ocr_workers_replaced_total{cause="killed"}'
    gate.close()
    with moving(reciting, {killed: 1, call("Recognize", "CANCELLED"): 1}):
        before = gate.runs
        running = recognize(reciting, page(230))
        assert eventually(lambda: gate.runs > before)
        running.cancel()
    gate.open()
    assert recognize(reciting, page(231)).result().text
    assert value(reciting, "ocr_workers_alive")() == 1


def test_crashes_recycling_and_stores_that_are_away_are_counted(tmp_path: Path) -> None:
    flags = ("--workers=1", "--engine=tesseract", "--worker-max-jobs=2", f"--redis-url={NOBODY}")
    program = ("-m", "tests.fakes.serve", "crashing")
    with running_server(tmp_path, *flags, LISTEN, program=program) as server:
        crashes = {
            call("Recognize", "INTERNAL", "ENGINE_CRASHED"): 1.0,
            'ocr_workers_replaced_total{cause="crashed"}': 2.0,
        }
        with moving(server, crashes):
            inked = make.encode(make.text_image(["ink"]), "PNG")
            assert recognize(server, inked).exception()
        with moving(server, {'ocr_workers_replaced_total{cause="recycled"}': 1}):
            for _ in range(3):
                recognize(server, BLANK, cache_policy=CACHE_POLICY_NO_STORE).result()
        recognize(server, BLANK).result()  # asks the cache, and would keep the reply
        assert value(server, "ocr_cache_store_away")() == 1
        key = server.new_key(frozenset({Scope.RECOGNIZE}))
        blocker = sqlite3.connect(server.data_dir / "keys.sqlite3", isolation_level=None)
        blocker.execute("ALTER TABLE api_keys RENAME TO hidden")
        failures = {
            "ocr_key_store_failures_total": 1.0,
            call("Recognize", "UNAVAILABLE", "KEY_STORE_UNAVAILABLE"): 1.0,
        }
        with moving(server, failures):
            assert recognize(server, BLANK, key).exception()
        blocker.close()


def test_nothing_of_callers_is_told(reciting: Server) -> None:
    key = reciting.new_key(DEFAULT_SCOPES, user_id="planted-user")
    reply = recognize(reciting, page(240), key).result()
    assert all(word in reply.text for word in WORDS)
    for name in ("refused key", "bad input", "batch", "unknown methods"):
        ROWS[name].do(reciting)
    recognize(reciting, page(241), request_id="last").result()
    assert logged(reciting, "last")
    shown, log = text(reciting), "\n".join(reciting.output)
    secrets = [CARD, CARD.replace(" ", ""), "sesame", key, reciting.key, "planted-key", "lanted."]
    for secret in (*secrets, "planted-user"):
        assert secret not in shown
        assert secret not in log
    assert "planted-id" not in shown
    assert str(reciting.data_dir) not in shown


def test_the_log_tells_what_a_call_was(reciting: Server) -> None:
    recognize(reciting, page(250), request_id="told").result()
    entry = logged(reciting, "told")
    assert set(entry["stages"]) == set(STAGES)
    told = {name: entry[name] for name in ("method", "code", "pages", "cache", "entities")}
    assert told == {
        "method": f"/{OCR}/Recognize",
        "code": "OK",
        "pages": {"tesseract": 1},
        "cache": {"miss": 1},
        "entities": {"CREDIT_CARD_NUMBER": 1},
    }


def test_everything_shown_has_a_type_and_a_sentence(reciting: Server) -> None:
    families = list(text_string_to_metric_families(text(reciting)))
    ours = [family for family in families if family.name.startswith("ocr_")]
    assert len(ours) >= 12
    assert [family.name for family in ours if family.type == "unknown"] == []
    assert [family.name for family in ours if not family.documentation.endswith(".")] == []


def test_an_address_that_is_taken_stops_the_start(reciting: Server) -> None:
    flag = f"--metrics-listen={reciting.address}"
    done = subprocess.run(
        [sys.executable, "-m", "ocr_service", "serve", "--listen=127.0.0.1:0", flag],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "--metrics-listen" in done.stderr


def test_two_servers_of_one_process_count_apart() -> None:
    one, two = Metrics(), Metrics()
    one.call_ended("other", "OK")
    name = "ocr_requests_total"
    labels = {"method": "other", "code": "OK", "reason": ""}
    assert one.registry.get_sample_value(name, labels) == 1
    assert two.registry.get_sample_value(name, labels) is None
