"""The result cache in a real Redis: shared and sealed. How it fails: faults/test_redis.py."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image

from ocr_service.pb.ocr.v1 import recognize_pb2
from ocr_service.pb.ocr.v1.recognize_pb2 import CACHE_STATUS_HIT, CACHE_STATUS_MISS
from tests.data import make
from tests.fakes.reciting import WORDS
from tests.gate import Gate, reciting_server
from tests.redis_server import RedisServer, running_redis
from tests.servers import Server
from tests.test_cache import CARD, page, send, statuses, taken
from tests.test_wire_errors import failure

DAY = 24 * 3600


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of both replicas: they have the same keys and the same pepper."""
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def first(data_dir: Path, gate: Gate, redis_server: RedisServer) -> Iterator[Server]:
    with reciting_server(data_dir, gate, environ={"OCR_REDIS_URL": redis_server.url}) as server:
        yield server


@pytest.fixture(scope="module")
def second(data_dir: Path, gate: Gate, redis_server: RedisServer) -> Iterator[Server]:
    with reciting_server(data_dir, gate, environ={"OCR_REDIS_URL": redis_server.url}) as server:
        yield server


def status(server: Server, content: bytes) -> recognize_pb2.CacheStatus.ValueType:
    reply: recognize_pb2.RecognizeResponse = send(server, content).result()
    assert CARD in reply.text
    return reply.cache_status


def test_replicas_share_results_and_errors(first: Server, second: Server, gate: Gate) -> None:
    before = gate.runs
    assert status(first, page(201)) == CACHE_STATUS_MISS
    assert status(second, page(201)) == CACHE_STATUS_HIT
    too_long = make.encode_pages([Image.new("L", (202, 40)), Image.new("1", (17_000, 8))], "TIFF")
    errors = [failure(send(server, too_long).result) for server in (first, second)]
    assert errors[0] == errors[1]
    assert gate.runs == before + 2


def test_the_same_work_at_two_replicas_is_done_once(
    first: Server, second: Server, gate: Gate, redis_server: RedisServer
) -> None:
    before = gate.runs
    gate.close()
    calls = [send(server, page(203)) for server in (first, second) for _ in range(8)]
    taken(first)
    taken(second)
    gate.open()
    assert statuses(calls) == [CACHE_STATUS_MISS, *[CACHE_STATUS_HIT] * 15]
    assert gate.runs == before + 1
    assert redis_server.client().keys("ocr:lease:*") == []


def test_a_replica_that_dies_is_not_waited_for(
    data_dir: Path, second: Server, gate: Gate, redis_server: RedisServer
) -> None:
    gate.close()
    before = gate.runs
    with reciting_server(data_dir, gate, environ={"OCR_REDIS_URL": redis_server.url}) as doomed:
        lost = send(doomed, page(204))
        taken(doomed)
        while gate.runs == before:
            taken(doomed)
        waiting = send(second, page(204))
        taken(second)
        doomed.process.kill()
        assert lost.exception() is not None
        gate.open()
    assert waiting.result().cache_status == CACHE_STATUS_MISS
    assert gate.runs == before + 2


def test_another_engine_version_is_other_work(
    data_dir: Path, gate: Gate, redis_server: RedisServer, first: Server
) -> None:
    status(first, page(205))
    newer = {"OCR_REDIS_URL": redis_server.url, "FAKE_VERSION": "2"}
    with reciting_server(data_dir, gate, environ=newer) as server:
        assert status(server, page(205)) == CACHE_STATUS_MISS


def test_redis_holds_nothing_readable_and_nothing_for_ever(
    first: Server, redis_server: RedisServer
) -> None:
    reply = send(first, page(206)).result()
    with redis_server.client() as client:
        client.save()
        results = list(client.scan_iter("ocr:result:*"))
        assert results
        lives = [client.ttl(name) for name in results]
        assert all(0 < life <= DAY for life in lives)
        assert len(set(lives)) > 1
    dump = (redis_server.folder / "dump.rdb").read_bytes()
    assert b"ocr:result:" in dump
    planted = (CARD, "sesame", WORDS[1], reply.content_sha256, first.key)
    assert [word for word in planted if word.encode() in dump] == []


def test_a_cancelled_call_leaves_nothing_to_the_next(first: Server) -> None:
    widths = range(250, 270)
    for width in widths:
        status(first, page(width))
    for _ in range(10):
        calls = {width: send(first, page(width)) for width in widths}
        for width in widths[::2]:
            calls[width].cancel()
        for width in widths[1::2]:
            assert calls[width].result().text.split()[-1] == f"{width}"


def tampered(values: dict[bytes, bytes], name: bytes) -> bytes:
    value = bytearray(values[name])
    value[-1] ^= 1
    return bytes(value)


def foreign(values: dict[bytes, bytes], name: bytes) -> bytes:
    return next(value for other, value in values.items() if other != name)


FALSE_VALUES: dict[str, Callable[[dict[bytes, bytes], bytes], bytes]] = {
    "tampered": tampered,
    "of another document": foreign,
    "cut": lambda values, name: values[name][:20],
    "garbage": lambda _values, _name: secrets.token_bytes(500),
    "empty": lambda _values, _name: b"",
}


@pytest.mark.parametrize("false", FALSE_VALUES.values(), ids=FALSE_VALUES)
def test_false_values_are_misses(
    first: Server,
    redis_server: RedisServer,
    false: Callable[[dict[bytes, bytes], bytes], bytes],
) -> None:
    with redis_server.client() as client:
        for name in client.scan_iter("ocr:result:*"):
            client.delete(name)
        for width in (207, 208):
            status(first, page(width))
        values = {name: client.get(name) for name in client.scan_iter("ocr:result:*")}
        for name in values:
            client.set(name, false(values, name))
    replies = [send(first, page(width)).result() for width in (207, 208)]
    assert [reply.text.split()[-1] for reply in replies] == ["207", "208"]
    assert {reply.cache_status for reply in replies} == {CACHE_STATUS_MISS}
    assert {status(first, page(width)) for width in (207, 208)} == {CACHE_STATUS_HIT}
