"""BatchRecognize: one bad item never costs another item anything."""

import queue
from collections.abc import Iterable, Iterator
from pathlib import Path

import grpc
import pytest
from google.protobuf import duration_pb2
from PIL import Image

from ocr_service.pb.ocr.v1 import batch_pb2, recognize_pb2
from tests.data import make
from tests.servers import Server, running_server
from tests.test_wire_errors import failure

Request = batch_pb2.BatchRecognizeRequest
Response = batch_pb2.BatchRecognizeResponse
SLOW = make.encode(Image.effect_noise((2500, 2500), 200), "PNG")  # seconds of work


def png(text: str) -> bytes:
    return make.encode(make.text_image([text], size=28), "PNG")


def item(item_id: str, content: bytes, **fields: object) -> Request:
    return Request(
        item=batch_pb2.BatchItem(item_id=item_id, content=content, **fields)  # type: ignore[arg-type]
    )


def batch(
    server: Server, requests: Iterable[Request]
) -> tuple[list[Response], batch_pb2.BatchSummary]:
    """Send all and return the answers and the summary, which must come last."""
    *answers, last = server.stub.BatchRecognize(
        iter(requests), metadata=server.metadata, timeout=90
    )
    assert last.WhichOneof("message") == "summary"
    return answers, last.summary


def ids(answers: Iterable[Response]) -> list[str]:
    return [answer.result.item_id or answer.error.item_id for answer in answers]


def test_an_empty_stream_ends_with_a_summary(server: Server) -> None:
    answers, summary = batch(server, [])
    assert answers == []
    assert summary == batch_pb2.BatchSummary()


def test_bad_items_fail_alone(server: Server) -> None:
    reasons = {
        0: (b"", "CONTENT_EMPTY"),
        1: (b"no image", "FORMAT_UNSUPPORTED"),
        2: (png("cut")[:60], "CONTENT_UNDECODABLE"),
        3: (make.encode(Image.new("1", (17_000, 8)), "PNG"), "PIXELS_EXCEEDED"),
    }
    requests = [
        item(f"{n}", reasons[n // 10 % 4][0] if n % 10 == 0 else png(f"Number {n}"))
        for n in range(200)
    ]
    answers, summary = batch(server, requests)
    errors = {answer.error.item_id: answer.error for answer in answers if answer.HasField("error")}
    results = {a.result.item_id: a.result.response for a in answers if a.HasField("result")}
    assert sorted(errors, key=int) == [f"{n}" for n in range(0, 200, 10)]
    for n in range(0, 200, 10):
        assert errors[f"{n}"].reason == reasons[n // 10 % 4][1]
        assert errors[f"{n}"].code == grpc.StatusCode.INVALID_ARGUMENT.value[0]
        assert errors[f"{n}"].message
    assert {n: reply.text.strip() for n, reply in results.items()} == {
        f"{n}": f"Number {n}" for n in range(200) if n % 10
    }
    assert summary == batch_pb2.BatchSummary(received=200, succeeded=180, failed=20)


def test_in_order_means_in_order(server: Server) -> None:
    config = Request(config=batch_pb2.BatchConfig(ordering=batch_pb2.ORDERING_IN_ORDER))
    big = make.encode(make.text_image(["slow and steady"] * 40), "PNG")
    contents = [big if n % 4 == 0 else b"bad" if n % 4 == 1 else png("x") for n in range(16)]
    answers, _ = batch(server, [config, *(item(f"{n}", c) for n, c in enumerate(contents))])
    assert ids(answers) == [f"{n}" for n in range(16)]


def test_unordered_lets_the_quick_ones_pass(server: Server) -> None:
    long_text = make.encode(make.text_image(["slow and steady"] * 40), "PNG")
    anew = recognize_pb2.RecognizeOptions(cache_policy=recognize_pb2.CACHE_POLICY_NO_STORE)
    slow = item("slow", long_text, options=anew)
    answers, _ = batch(server, [slow, *(item(f"{n}", b"bad") for n in range(3))])
    assert ids(answers)[-1] == "slow"


def test_an_items_options_replace_the_streams(server: Server) -> None:
    text_only = recognize_pb2.RecognizeOptions(detail=recognize_pb2.DETAIL_LEVEL_TEXT)
    words = recognize_pb2.RecognizeOptions(detail=recognize_pb2.DETAIL_LEVEL_WORD)
    answers, _ = batch(
        server,
        [
            Request(config=batch_pb2.BatchConfig(options=text_only)),
            item("stream's", png("hello")),
            item("own", png("hello"), options=words),
        ],
    )
    blocks = {a.result.item_id: len(a.result.response.pages[0].blocks) for a in answers}
    assert blocks == {"stream's": 0, "own": 1}


def test_a_cancelled_item_says_so_and_frees_its_worker(server: Server) -> None:
    requests: queue.Queue[Request | None] = queue.Queue()
    for request in (item("slow", SLOW), item("quick", png("quick"))):
        requests.put(request)
    stream = iter(requests.get, None)
    answers = server.stub.BatchRecognize(stream, metadata=server.metadata, timeout=60)
    assert next(answers).result.item_id == "quick"
    requests.put(Request(cancel=batch_pb2.CancelItem(item_id="slow")))
    cancelled = next(answers).error
    assert (cancelled.item_id, cancelled.reason) == ("slow", "CANCELLED")
    assert cancelled.code == grpc.StatusCode.CANCELLED.value[0]
    requests.put(Request(cancel=batch_pb2.CancelItem(item_id="never sent")))
    requests.put(item("after", png("after")))
    assert next(answers).result.response.text.strip() == "after"
    requests.put(None)
    summary = next(answers).summary
    assert summary == batch_pb2.BatchSummary(received=3, succeeded=2, cancelled=1)


def test_an_item_past_its_time_fails_alone(server: Server) -> None:
    config = batch_pb2.BatchConfig(item_timeout=duration_pb2.Duration(nanos=700_000_000))
    answers, _ = batch(
        server, [Request(config=config), item("slow", SLOW), item("quick", png("quick"))]
    )
    outcome = {a.result.item_id or a.error.item_id: a.error.reason for a in answers}
    assert outcome == {"slow": "DEADLINE_EXCEEDED", "quick": ""}


def test_item_ids_must_tell_items_apart(server: Server) -> None:
    answers, summary = batch(server, [item("same", SLOW[:10]), item("", png("a"))])
    assert [a.error.reason for a in answers if not a.error.item_id] == ["STREAM_PROTOCOL"]
    assert summary.failed == 2
    twice = [item("slow", png("slow" * 3)), item("slow", png("again"))]
    answers, summary = batch(server, twice)
    assert sorted(a.error.reason for a in answers) == ["", "STREAM_PROTOCOL"]


def late_config() -> Iterator[Request]:
    yield item("first", png("first"))
    yield Request(config=batch_pb2.BatchConfig())


WRONG_STREAMS = {
    "config later": (late_config, "STREAM_PROTOCOL"),
    "empty message": (lambda: iter([Request()]), "STREAM_PROTOCOL"),
    "wrong option": (
        lambda: iter(
            [Request(config=batch_pb2.BatchConfig(options=recognize_pb2.RecognizeOptions(dpi=5)))]
        ),
        "OPTION_INVALID",
    ),
    "negative time": (
        lambda: iter(
            [Request(config=batch_pb2.BatchConfig(item_timeout=duration_pb2.Duration(seconds=-1)))]
        ),
        "OPTION_INVALID",
    ),
}


@pytest.mark.parametrize(("requests", "reason"), WRONG_STREAMS.values(), ids=WRONG_STREAMS)
def test_a_stream_that_breaks_the_protocol_ends_with_the_reason(
    server: Server, requests: object, reason: str
) -> None:
    assert callable(requests)
    answers: list[Response] = []
    stream = server.stub.BatchRecognize(requests(), metadata=server.metadata, timeout=60)
    refused = failure(lambda: answers.extend(stream))
    assert (refused.code, refused.reason) == (grpc.StatusCode.INVALID_ARGUMENT, reason)
    assert [a.result.response.text.strip() for a in answers] == (
        ["first"] if requests is late_config else []
    )


def test_streams_that_hold_more_than_there_is_room_for_take_turns(tmp_path: Path) -> None:
    content = png("x") + b"\0" * 50_000
    request = [item(f"{n}", content) for n in range(10)]
    with running_server(tmp_path, "--workers=1", "--queue-bytes=60000") as server:
        calls = [
            server.stub.BatchRecognize(iter(request), metadata=server.metadata, timeout=90)
            for _ in range(4)
        ]
        for call in calls:
            *_, last = call
            assert last.summary.succeeded == 10


def test_a_fast_sender_is_held_back(server: Server) -> None:
    sent: list[int] = []
    release = queue.Queue[None]()

    def requests() -> Iterator[Request]:
        for n in range(400):
            sent.append(n)
            yield item(f"{n}", png("x") + b"\0" * 200_000)
        release.get()

    answers = server.stub.BatchRecognize(requests(), metadata=server.metadata, timeout=90)
    first = next(answers)
    # What is in hand is bounded, and the transport's window holds a few more: not all 80 MB.
    assert first.result.item_id
    assert len(sent) < 200
    assert len([next(answers) for _ in range(399)]) == 399
    release.put(None)
    assert next(answers).summary.succeeded == 400
