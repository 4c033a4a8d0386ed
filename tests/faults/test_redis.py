"""Redis fails in the middle of load: no call fails, and the cache comes back by itself.

The servers need no keys; what becomes of keys that are in Redis is in test_keys_redis.
"""

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from ocr_service.pb.ocr.v1 import recognize_pb2
from ocr_service.pb.ocr.v1.recognize_pb2 import CACHE_STATUS_HIT, CACHE_STATUS_MISS
from tests.gate import Gate, reciting_server
from tests.no_redis import ANSWERS, listening
from tests.proxy import Proxy, proxy
from tests.redis_server import RedisServer, running_redis
from tests.servers import Server
from tests.test_cache import CARD, page, send


@dataclass
class Away:
    """A Redis behind a proxy."""

    redis: RedisServer
    path: Proxy


@pytest.fixture(scope="module")
def away(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Away]:
    with running_redis(tmp_path_factory.mktemp("redis")) as redis, proxy(redis.port) as path:
        yield Away(redis, path)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, gate: Gate, away: Away) -> Iterator[Server]:
    environ = {"OCR_REDIS_URL": f"redis://127.0.0.1:{away.path.port}/0"}
    with reciting_server(
        tmp_path_factory.mktemp("data"), gate, "--insecure-no-auth", environ=environ
    ) as running:
        yield running


def status(server: Server, content: bytes) -> recognize_pb2.CacheStatus.ValueType:
    reply: recognize_pb2.RecognizeResponse = send(server, content).result()
    assert CARD in reply.text
    return reply.cache_status


def kill(away: Away) -> Callable[[], None]:
    away.redis.kill()
    return away.redis.start


def pause(away: Away) -> Callable[[], None]:
    away.redis.pause()
    return away.redis.resume


def restart(away: Away) -> Callable[[], None]:
    away.redis.kill()
    away.redis.start()
    return lambda: None


def fill(away: Away) -> Callable[[], None]:
    away.redis.client().config_set("maxmemory", 1)

    def empty() -> None:
        away.redis.client().config_set("maxmemory", 0)

    return empty


def slow(away: Away) -> Callable[[], None]:
    """It answers, but later than anybody waits."""
    away.path.pause = 0.2

    def hurry() -> None:
        away.path.pause = 0.0

    return hurry


def break_off(away: Away) -> Callable[[], None]:
    away.path.break_off()
    return lambda: None


@pytest.mark.parametrize("fail", [kill, pause, restart, fill, slow, break_off])
def test_no_call_fails_whatever_redis_does(
    server: Server, away: Away, fail: Callable[[Away], Callable[[], None]]
) -> None:
    widths = [*range(220, 240)] * 3
    going_on = threading.Event()
    answered: list[recognize_pb2.CacheStatus.ValueType] = []

    def call() -> None:
        while not going_on.is_set():
            answered.extend(status(server, page(width)) for width in widths)

    def wait_for(more: int) -> None:
        until = len(answered) + more
        while callers.is_alive() and len(answered) < until:
            callers.join(0.01)

    callers = threading.Thread(target=call)
    callers.start()
    try:
        wait_for(100)
        mend = fail(away)
        wait_for(200)
        mend()
        wait_for(100)
    finally:
        going_on.set()
        callers.join()
    assert len(answered) >= 400
    fresh = page(241)
    while status(server, fresh) != CACHE_STATUS_HIT:  # the breaker closes by itself
        pass


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_no_call_fails_whatever_answers(tmp_path: Path, gate: Gate, answer: bytes) -> None:
    with (
        listening(answer) as url,
        reciting_server(
            tmp_path, gate, "--insecure-no-auth", environ={"OCR_REDIS_URL": url}
        ) as server,
    ):
        for width in (242, 242, 243):
            assert status(server, page(width)) == CACHE_STATUS_MISS
        assert server.stop() == 0
