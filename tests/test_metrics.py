"""Metrics as Prometheus reads them from a real server, and the log line of each call."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from ocr_service.api_keys import Scope
from ocr_service.observation import STAGES
from ocr_service.pb.ocr.v1 import batch_pb2, document_pb2, ocr_service_pb2
from ocr_service.pb.ocr.v1.recognize_pb2 import CACHE_POLICY_NO_STORE
from tests.data import make
from tests.fakes.reciting import WORDS
from tests.gate import Gate
from tests.scrape import OCR, call, item, metered_server, moving, page, recognize, seconds, text
from tests.servers import DEFAULT_SCOPES, Server, eventually

CARD = " ".join(WORDS[1:5])
BLANK = make.encode(Image.new("L", (40, 40), 255), "PNG")


@pytest.fixture(scope="module")
def reciting(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[Server]:
    with metered_server(tmp_path_factory.mktemp("server"), gate) as running:
        yield running


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


def test_nothing_of_callers_is_told(reciting: Server) -> None:
    key = reciting.new_key(DEFAULT_SCOPES, user_id="planted-user")
    reply = recognize(reciting, page(240), key).result()
    assert all(word in reply.text for word in WORDS)
    for name in ("refused key", "bad input", "batch", "unknown methods"):
        ROWS[name].do(reciting)
    shown, log = text(reciting), reciting.said()
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
