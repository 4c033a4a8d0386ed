"""The result cache in one process: what is a hit, what never is, and work that is shared."""

from collections.abc import Iterator, Sequence
from typing import Any

import grpc
import pytest
from PIL import Image

from ocr_service import convert
from ocr_service.api_keys import Scope
from ocr_service.cache import open_cache
from ocr_service.config import Settings
from ocr_service.pb.ocr.v1 import (
    batch_pb2,
    document_pb2,
    entity_pb2,
    ocr_service_pb2,
    recognize_pb2,
)
from ocr_service.pb.ocr.v1.recognize_pb2 import (
    CACHE_POLICY_DEFAULT,
    CACHE_POLICY_NO_STORE,
    CACHE_POLICY_REFRESH,
    CACHE_STATUS_BYPASS,
    CACHE_STATUS_HIT,
    CACHE_STATUS_MISS,
)
from tests.data import make
from tests.gate import Gate, reciting_server
from tests.servers import DEFAULT_SCOPES, Server
from tests.test_wire_errors import failure

CARD = "4111 1111 1111 1111"
Call = Any  # grpc.Future is generic in the stubs only


@pytest.fixture(scope="module")
def reciting(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[Server]:
    with reciting_server(tmp_path_factory.mktemp("server"), gate) as running:
        yield running


def page(width: int) -> bytes:
    """A page that no other test of this module sends."""
    return make.encode(Image.new("L", (width, 40)), "PNG")


def send(
    server: Server,
    content: bytes,
    *,
    key: str = "",
    mime_type: str = "",
    timeout: float = 60,
    **options: object,
) -> Call:
    request = recognize_pb2.RecognizeRequest(
        content=content,
        mime_type=mime_type,
        options=recognize_pb2.RecognizeOptions(**options),  # type: ignore[arg-type]
    )
    metadata = (("x-api-key", key or server.key),)
    return server.stub.Recognize.future(request, metadata=metadata, timeout=timeout)


def taken(server: Server) -> None:
    """Wait until the server has all calls so far: a later one was answered."""
    server.stub.GetCapabilities(
        ocr_service_pb2.GetCapabilitiesRequest(), metadata=server.metadata, timeout=30
    )


def statuses(calls: Sequence[Call]) -> list[recognize_pb2.CacheStatus.ValueType]:
    return sorted(call.result().cache_status for call in calls)


def test_a_hit_is_the_same_answer_with_its_own_timings(reciting: Server, gate: Gate) -> None:
    before = gate.runs
    first, second = (send(reciting, page(101)).result() for _ in range(2))
    assert (first.cache_status, second.cache_status) == (CACHE_STATUS_MISS, CACHE_STATUS_HIT)
    assert gate.runs == before + 1
    assert CARD in first.text
    timings = second.timings
    assert [field.name for field, _ in timings.ListFields()] == ["total"]
    assert convert.seconds(timings.total) > 0
    assert first.timings.HasField("queue")
    assert first.timings.HasField("recognize")
    for reply in (first, second):
        reply.ClearField("timings")
        reply.ClearField("cache_status")
    assert first == second


def test_policies(reciting: Server, gate: Gate) -> None:
    before = gate.runs
    seen = [
        (send(reciting, page(102), cache_policy=policy).result().cache_status, gate.runs - before)
        for policy in (
            CACHE_POLICY_NO_STORE,
            CACHE_POLICY_DEFAULT,
            CACHE_POLICY_NO_STORE,
            CACHE_POLICY_REFRESH,
            CACHE_POLICY_DEFAULT,
        )
    ]
    assert seen == [
        (CACHE_STATUS_BYPASS, 1),
        (CACHE_STATUS_MISS, 2),
        (CACHE_STATUS_BYPASS, 3),
        (CACHE_STATUS_BYPASS, 4),
        (CACHE_STATUS_HIT, 4),
    ]


def test_refresh_stores(reciting: Server, gate: Gate) -> None:
    before = gate.runs
    send(reciting, page(103), cache_policy=CACHE_POLICY_REFRESH).result()
    assert send(reciting, page(103)).result().cache_status == CACHE_STATUS_HIT
    assert gate.runs == before + 1


OTHER_WORK: list[dict[str, object]] = [
    {},
    {"mime_type": "image/png"},
    {"detail": recognize_pb2.DETAIL_LEVEL_TEXT},
    {"min_confidence": 0.5},
    {"pages": [1]},
    {"dpi": 100},
    {"preprocessing": recognize_pb2.PREPROCESSING_NONE},
    {"segmentation": recognize_pb2.PAGE_SEGMENTATION_SINGLE_LINE},
    {"languages": ["en-GB"]},
    {"languages": ["en-GB", "en"]},
    {"outputs": [recognize_pb2.OUTPUT_FORMAT_HOCR]},
    {"entities": entity_pb2.EntityOptions(mask=True)},
    {"entities": entity_pb2.EntityOptions(skip=True)},
    {"entities": entity_pb2.EntityOptions(regions=["TR"])},
    {"entities": entity_pb2.EntityOptions(min_confidence=0.5)},
    {"entities": entity_pb2.EntityOptions(types=[entity_pb2.ENTITY_TYPE_DATE])},
]
SAME_WORK: list[dict[str, object]] = [
    {"engine": recognize_pb2.ENGINE_TESSERACT},  # the server's default
    {"dpi": 200},
    {"languages": ["en"]},
    {"preprocessing": recognize_pb2.PREPROCESSING_AUTO},
    {"entities": entity_pb2.EntityOptions(types=entity_pb2.EntityType.values()[1:])},
]


def test_other_options_are_other_work_and_defaults_are_the_same(reciting: Server) -> None:
    first = [send(reciting, page(104), **options).result() for options in OTHER_WORK]  # type: ignore[arg-type]
    assert {reply.cache_status for reply in first} == {CACHE_STATUS_MISS}
    again = [send(reciting, page(104), **options).result() for options in OTHER_WORK + SAME_WORK]  # type: ignore[arg-type]
    assert {reply.cache_status for reply in again} == {CACHE_STATUS_HIT}
    for before, now in zip(first, again[: len(first)], strict=True):
        assert (now.text, now.pages, now.outputs) == (before.text, before.pages, before.outputs)


def test_users_never_mix_and_neither_do_masked_answers(reciting: Server) -> None:
    keys = {
        "ann": reciting.new_key(DEFAULT_SCOPES, user_id="ann"),
        "ann again": reciting.new_key(DEFAULT_SCOPES, user_id="ann"),
        "ann masked": reciting.new_key(frozenset({Scope.RECOGNIZE}), user_id="ann"),
        "bob": reciting.new_key(DEFAULT_SCOPES, user_id="bob"),
    }
    seen: dict[str, list[tuple[int, bool]]] = {}
    for name in (*keys, *keys):
        reply = send(reciting, page(105), key=keys[name]).result()
        seen.setdefault(name, []).append((reply.cache_status, CARD in reply.text))
    miss, hit = CACHE_STATUS_MISS, CACHE_STATUS_HIT
    assert seen == {
        "ann": [(miss, True), (hit, True)],
        "ann again": [(hit, True), (hit, True)],
        "ann masked": [(miss, False), (hit, False)],
        "bob": [(miss, True), (hit, True)],
    }


def test_the_inputs_own_fault_is_remembered_and_no_other(reciting: Server, gate: Gate) -> None:
    too_long = make.encode_pages([Image.new("L", (106, 40)), Image.new("1", (17_000, 8))], "TIFF")
    before = gate.runs
    first, second = (failure(lambda: send(reciting, too_long).result()) for _ in range(2))
    assert first == second
    assert first.reason == "PIXELS_EXCEEDED"
    assert gate.runs == before + 1
    before = gate.runs
    for _ in range(2):
        assert failure(lambda: send(reciting, page(99)).result()).reason == "INTERNAL"
    assert gate.runs == before + 2


def test_batch_items_and_pages_of_documents_are_kept(reciting: Server, gate: Gate) -> None:
    before = gate.runs
    items = (batch_pb2.BatchItem(item_id=f"{n}", content=page(107)) for n in range(4))
    stream = (batch_pb2.BatchRecognizeRequest(item=item) for item in items)
    *answers, last = reciting.stub.BatchRecognize(stream, metadata=reciting.metadata)
    assert last.summary.succeeded == 4
    found = sorted(answer.result.response.cache_status for answer in answers)
    assert found == [CACHE_STATUS_MISS, *[CACHE_STATUS_HIT] * 3]
    assert gate.runs == before + 1
    tiff = make.encode_pages([Image.new("L", (width, 40)) for width in (108, 109)], "TIFF")
    request = document_pb2.RecognizeDocumentRequest(content=tiff)
    first, second = (
        [
            event.page
            for event in reciting.stub.RecognizeDocument(request, metadata=reciting.metadata)
        ]
        for _ in range(2)
    )
    assert first == second
    assert gate.runs == before + 3


def test_many_callers_cost_one_run(reciting: Server, gate: Gate) -> None:
    before = gate.runs
    gate.close()
    calls = [send(reciting, page(110)) for _ in range(16)]
    taken(reciting)
    gate.open()
    assert statuses(calls) == [CACHE_STATUS_MISS, *[CACHE_STATUS_HIT] * 15]
    assert gate.runs == before + 1


def test_a_caller_who_leaves_takes_nothing_from_the_others(reciting: Server, gate: Gate) -> None:
    before = gate.runs
    gate.close()
    impatient = send(reciting, page(111), timeout=0.5)
    taken(reciting)
    cancelled = send(reciting, page(111))
    stays = send(reciting, page(111))
    taken(reciting)
    cancelled.cancel()
    assert impatient.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    taken(reciting)
    gate.open()
    assert CARD in stays.result().text
    assert gate.runs == before + 1


def test_the_work_stops_when_the_last_caller_has_left(reciting: Server, gate: Gate) -> None:
    gate.close()
    calls = [send(reciting, page(112), timeout=0.5) for _ in range(2)]
    taken(reciting)
    assert {call.code() for call in calls} == {grpc.StatusCode.DEADLINE_EXCEEDED}
    blank = make.encode(Image.new("L", (113, 40), 255), "PNG")
    assert send(reciting, blank).result().text == ""  # the only worker is free; the gate is closed
    gate.open()
    assert send(reciting, page(112)).result().cache_status == CACHE_STATUS_MISS


def test_an_error_is_given_to_all_who_wait(reciting: Server, gate: Gate) -> None:
    before = gate.runs
    gate.close()
    failing = make.encode(Image.new("L", (99, 41)), "PNG")
    calls = [send(reciting, failing) for _ in range(4)]
    taken(reciting)
    gate.open()
    assert {failure(call.result).reason for call in calls} == {"INTERNAL"}
    assert gate.runs == before + 1


def test_nothing_is_kept_where_the_cache_is_off() -> None:
    assert open_cache(Settings(cache_bytes=0, redis_url="redis://localhost"), b"secret", ()) is None
