"""Keys are rotated and revoked; what that means for those who call with them."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from queue import SimpleQueue

import grpc
import pytest
from google.protobuf import duration_pb2

from ocr_service.api_keys import Scope, new_secret
from ocr_service.pb.ocr.v1 import api_key_service_pb2 as pb
from ocr_service.pb.ocr.v1 import batch_pb2
from tests.data import make
from tests.key_calls import issue, page, refusal, revoke, rotate, use
from tests.servers import Server, running_server
from tests.test_wire_errors import failure

PNG = make.encode(make.text_image(["Total 12.50"]), "PNG")
PROMISED_SECONDS = 5.0  # after which no server takes a revoked key
MOST = duration_pb2.Duration(seconds=2**62)
ERRORS = {
    "API_KEY_NOT_FOUND": grpc.StatusCode.NOT_FOUND,
    "API_KEY_ENDED": grpc.StatusCode.FAILED_PRECONDITION,
    "OPTION_INVALID": grpc.StatusCode.INVALID_ARGUMENT,
}


@pytest.fixture
def server(key_server: Server) -> Server:
    return key_server


# Rotate ------------------------------------------------------------------------------------------


def test_a_successor_is_like_the_old_key_and_both_work(server: Server) -> None:
    old = issue(
        server,
        scopes=[pb.SCOPE_RECOGNIZE],
        ttl=duration_pb2.Duration(seconds=7 * 86_400),
        description="nightly",
        requests_per_minute=7,
    )
    reply = rotate(server, old.api_key.id)
    new = reply.api_key
    assert new.id != old.api_key.id
    assert reply.secret != old.secret
    assert reply.secret.startswith(new.display_prefix)
    for name in ("user_id", "description", "scopes", "requests_per_minute", "state"):
        assert getattr(new, name) == getattr(old.api_key, name)
    assert life(new) == timedelta(days=7)
    assert reply.previous.successor_id == new.id
    assert reply.previous.expire_time == use(server, old.secret).expire_time
    assert use(server, reply.secret).id == new.id


def life(key: pb.ApiKey) -> timedelta:
    return key.expire_time.ToDatetime() - key.create_time.ToDatetime()


OVERLAPS = {
    "not set": (None, timedelta(hours=24)),
    "none": (0, timedelta(0)),
    "an hour": (3600, timedelta(hours=1)),
    "longest": (30 * 86_400, timedelta(days=30)),
}


@pytest.mark.parametrize(("seconds", "expected"), OVERLAPS.values(), ids=OVERLAPS)
def test_the_old_key_ends_after_the_overlap(
    server: Server, seconds: int | None, expected: timedelta
) -> None:
    old = issue(server)
    assert use(server, old.secret).id == old.api_key.id  # the server knows it now
    overlap = None if seconds is None else duration_pb2.Duration(seconds=seconds)
    reply = rotate(server, old.api_key.id, overlap=overlap)
    ends = reply.previous.expire_time.ToDatetime() - reply.api_key.create_time.ToDatetime()
    assert ends == expected
    if not seconds and seconds is not None:
        assert refusal(server, old.secret).reason == "API_KEY_INVALID"
    else:
        assert use(server, old.secret).expire_time == reply.previous.expire_time


def test_an_overlap_does_not_lengthen_a_life(server: Server) -> None:
    old = issue(server, ttl=duration_pb2.Duration(seconds=60)).api_key
    assert rotate(server, old.id).previous.expire_time == old.expire_time


def ended(server: Server) -> str:
    server.new_key(frozenset({Scope.RECOGNIZE}), ttl=timedelta(seconds=-1))
    return page(server, "tester", size=1).api_keys[0].id


def revoked(server: Server) -> str:
    return revoke(server, issue(server).api_key.id).id


def replaced(server: Server) -> str:
    return rotate(server, issue(server).api_key.id).previous.id


REFUSED: dict[str, tuple[Callable[[Server], object], str, str]] = {
    "rotate no key": (lambda server: rotate(server, ""), "OPTION_INVALID", "id"),
    "rotate unknown": (lambda server: rotate(server, "nobody"), "API_KEY_NOT_FOUND", ""),
    "rotate expired": (lambda server: rotate(server, ended(server)), "API_KEY_ENDED", ""),
    "rotate revoked": (lambda server: rotate(server, revoked(server)), "API_KEY_ENDED", ""),
    "rotate replaced": (lambda server: rotate(server, replaced(server)), "API_KEY_ENDED", ""),
    "overlap too long": (
        lambda server: rotate(
            server, "x", overlap=duration_pb2.Duration(seconds=30 * 86_400, nanos=1000)
        ),
        "OPTION_INVALID",
        "overlap",
    ),
    "overlap beyond reckoning": (
        lambda server: rotate(server, "x", overlap=MOST),
        "OPTION_INVALID",
        "overlap",
    ),
    "negative overlap": (
        lambda server: rotate(server, "x", overlap=duration_pb2.Duration(seconds=-1)),
        "OPTION_INVALID",
        "overlap",
    ),
    "life beyond reckoning": (lambda server: issue(server, ttl=MOST), "OPTION_INVALID", "ttl"),
    "negative page": (lambda server: page(server, "", size=-1), "OPTION_INVALID", "page_size"),
    "revoke no key": (lambda server: revoke(server, ""), "OPTION_INVALID", "id"),
    "revoke unknown": (lambda server: revoke(server, "nobody"), "API_KEY_NOT_FOUND", ""),
}


@pytest.mark.parametrize(("call", "reason", "field"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_done_says_why(
    server: Server, call: Callable[[Server], object], reason: str, field: str
) -> None:
    refused = failure(lambda: call(server))
    assert (refused.code, refused.reason, refused.field) == (ERRORS[reason], reason, field)
    assert refused.message.endswith(".")


def test_only_one_of_many_rotations_at_once_succeeds(server: Server) -> None:
    old = issue(server, "racer").api_key.id

    def attempt(_: int) -> bool:
        try:
            rotate(server, old)
        except grpc.RpcError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(attempt, range(8))) == 1
    assert len(page(server, "racer").api_keys) == 2


# Revoke ------------------------------------------------------------------------------------------


def test_a_revoked_key_is_refused_at_once_like_one_that_never_was(server: Server) -> None:
    unknown = refusal(server, new_secret())
    for _ in range(10):
        key = issue(server)
        use(server, key.secret)  # the server believes it for a while
        first = revoke(server, key.api_key.id)
        assert first.state == pb.API_KEY_STATE_REVOKED
        assert refusal(server, key.secret) == unknown
        assert revoke(server, key.api_key.id) == first


def test_no_call_of_a_busy_key_outlives_the_reply(server: Server) -> None:
    key = issue(server)

    def call() -> bool:
        try:
            use(server, key.secret)
        except grpc.RpcError:
            return False
        return True

    with ThreadPoolExecutor(16) as threads:
        before = [threads.submit(call) for _ in range(200)]
        assert before[0].result()
        revoke(server, key.api_key.id)
        after = [threads.submit(call) for _ in range(50)]
        assert not any(one.result() for one in after)


def test_an_administrator_may_revoke_the_key_in_use(server: Server) -> None:
    own = issue(server, scopes=[pb.SCOPE_ADMIN])
    metadata = (("x-api-key", own.secret),)
    request = pb.RevokeApiKeyRequest(id=own.api_key.id)
    server.keys.RevokeApiKey(request, metadata=metadata)
    again = failure(lambda: server.keys.RevokeApiKey(request, metadata=metadata))
    assert again.reason == "API_KEY_INVALID"


def test_another_server_on_the_same_keys_refuses_it_in_time(server: Server) -> None:
    environ = {"OCR_REDIS_URL": server.redis_url}
    with running_server(server.data_dir, "--workers=1", "--pool=thread", environ=environ) as other:
        key = issue(server)
        seen = [use(asked, key.secret) for asked in (other, server)]
        for one in seen:  # each notes a use of its own, and may not have seen the other's
            one.ClearField("last_use_time")
        assert seen[0] == seen[1]
        revoke(server, key.api_key.id)
        began = time.monotonic()
        while True:
            asked = time.monotonic()
            try:
                use(other, key.secret)
            except grpc.RpcError as error:
                assert error.code() == grpc.StatusCode.UNAUTHENTICATED  # noqa: PT017  the point
                break
            assert asked - began < PROMISED_SECONDS
        replacement = rotate(server, issue(server).api_key.id).secret
        assert use(other, replacement).user_id == "ann"


def test_a_batch_under_way_is_finished(server: Server) -> None:
    key = issue(server)
    items: SimpleQueue[str] = SimpleQueue()

    def requests() -> Iterator[batch_pb2.BatchRecognizeRequest]:
        while item_id := items.get():
            item = batch_pb2.BatchItem(item_id=item_id, content=PNG)
            yield batch_pb2.BatchRecognizeRequest(item=item)

    answers = server.stub.BatchRecognize(requests(), metadata=(("x-api-key", key.secret),))
    items.put("before")
    assert next(answers).result.item_id == "before"
    revoke(server, key.api_key.id)
    items.put("after")
    assert next(answers).result.item_id == "after"
    items.put("")
    assert next(answers).summary.succeeded == 2
