"""Keys in a real Redis that hangs, is gone, forgets, is full, or is no Redis at all."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import grpc
import pytest

from ocr_service.api_keys import ApiKey, ApiKeyStore, Scope, changes, issue, new_secret
from ocr_service.api_keys.redis import RedisApiKeyStore
from ocr_service.auth import Authenticator
from ocr_service.config import Settings, SettingsError
from ocr_service.errors import ApiKeyInvalid, KeyStoreUnavailable
from ocr_service.key_store import open_keys
from ocr_service.pb.ocr.v1 import api_key_service_pb2 as pb
from tests.gateway.gateways import beside
from tests.key_calls import issue as issue_at
from tests.key_calls import refusal, use
from tests.no_redis import ANSWERS, listening
from tests.redis_server import RedisServer, running_redis
from tests.servers import Server, eventually, running_server

PEPPER = b"p" * 32
LIFE = 30.0  # seconds that a verified key is believed for when the store does not answer


@pytest.fixture(scope="module")
def failing_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, failing_redis: RedisServer
) -> Iterator[Server]:
    flags = ("--workers=1", "--pool=thread", "--gateway", "--gateway-listen=127.0.0.1:0")
    environ = {"OCR_REDIS_URL": failing_redis.url}
    data_dir = tmp_path_factory.mktemp("server")
    with running_server(data_dir, *flags, "--open-enrolment", environ=environ) as running:
        yield running


@pytest.fixture
def store(failing_redis: RedisServer) -> Iterator[ApiKeyStore]:
    with closing(RedisApiKeyStore(failing_redis.database(1))) as store:
        yield store


class Clock:
    """Seconds, as a test sets them."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


async def verdict(authenticator: Authenticator, secret: str) -> str:
    """The id of the key, or the reason why there is none."""
    try:
        return (await authenticator.key_of(secret)).id
    except (ApiKeyInvalid, KeyStoreUnavailable) as error:
        return error.reason


def test_a_known_key_is_believed_for_its_life_while_redis_hangs(
    store: ApiKeyStore, failing_redis: RedisServer
) -> None:
    key, secret = new_key(store)
    clock = Clock()

    async def at(authenticator: Authenticator, *seconds: float) -> list[str]:
        verdicts = []
        for clock.now in seconds:
            verdicts.append(await verdict(authenticator, secret))
        return verdicts

    async def story() -> None:
        authenticator = Authenticator(store, PEPPER, clock)
        assert await at(authenticator, 0) == [key.id]
        failing_redis.pause()
        try:
            assert await at(authenticator, 2, 2.1, 15, LIFE) == [key.id] * 4
            assert await verdict(authenticator, new_secret()) == "KEY_STORE_UNAVAILABLE"
            assert await at(authenticator, LIFE + 0.1, 60) == ["KEY_STORE_UNAVAILABLE"] * 2
        finally:
            failing_redis.resume()
        while await verdict(authenticator, secret) != key.id:  # the breaker closes by itself
            await asyncio.sleep(0.02)

    asyncio.run(story())


def test_a_key_that_was_changed_here_has_no_copy_to_stand_in(
    store: ApiKeyStore, failing_redis: RedisServer
) -> None:
    (revoked, secret), (other, other_secret) = new_key(store), new_key(store)

    async def story() -> None:
        authenticator = Authenticator(store, PEPPER)
        assert await verdict(authenticator, secret) == revoked.id
        assert await verdict(authenticator, other_secret) == other.id
        changes.revoke(store, revoked.id)
        authenticator.forget(revoked.id)
        failing_redis.pause()
        try:
            assert await verdict(authenticator, secret) == "KEY_STORE_UNAVAILABLE"
            assert await verdict(authenticator, other_secret) == other.id
        finally:
            failing_redis.resume()

    asyncio.run(story())


def new_key(store: ApiKeyStore) -> tuple[ApiKey, str]:
    return issue(store, PEPPER, user_id="ann", scopes=frozenset({Scope.RECOGNIZE}))


def kill(redis_server: RedisServer) -> Callable[[], None]:
    redis_server.client().save()
    redis_server.kill()
    return redis_server.start


def pause(redis_server: RedisServer) -> Callable[[], None]:
    redis_server.pause()
    return redis_server.resume


@pytest.mark.parametrize("fail", [kill, pause])
def test_known_keys_go_on_and_unknown_ones_are_refused(
    server: Server,
    failing_redis: RedisServer,
    fail: Callable[[RedisServer], Callable[[], None]],
) -> None:
    known, fresh = issue_at(server), issue_at(server)
    assert use(server, known.secret).id == known.api_key.id
    mend = fail(failing_redis)
    try:
        for _ in range(100):
            assert use(server, known.secret).id == known.api_key.id
        refused = refusal(server, fresh.secret)
        assert (refused.code, refused.reason) == (
            grpc.StatusCode.UNAVAILABLE,
            "KEY_STORE_UNAVAILABLE",
        )
        assert refused.retry_seconds
    finally:
        mend()
    assert eventually(lambda: works(server, fresh.secret, otherwise=grpc.StatusCode.UNAVAILABLE))


def works(server: Server, secret: str, *, otherwise: grpc.StatusCode) -> bool:
    """Whether a key is taken; one that is not must be refused with that code."""
    try:
        use(server, secret)
    except grpc.RpcError as error:
        assert error.code() == otherwise  # noqa: PT017  the point
        return False
    return True


def test_a_full_redis_takes_no_new_key_and_knows_the_old_ones(
    server: Server, failing_redis: RedisServer
) -> None:
    key = issue_at(server)
    with failing_redis.client() as client:
        client.config_set("maxmemory", 1)
        try:
            with pytest.raises(grpc.RpcError) as raised:
                issue_at(server)
            assert raised.value.code() == grpc.StatusCode.UNAVAILABLE
            assert use(server, key.secret).id == key.api_key.id
        finally:
            client.config_set("maxmemory", 0)
    assert issue_at(server).secret


def test_redis_holds_no_secret(server: Server, failing_redis: RedisServer) -> None:
    key = issue_at(server, "dumped")
    use(server, key.secret)
    failing_redis.client().save()
    dump = (failing_redis.folder / "dump.rdb").read_bytes()
    assert b"dumped" in dump
    pepper = (server.data_dir / "pepper").read_bytes()
    planted = (key.secret.encode(), server.admin_key.encode(), pepper)
    assert [secret for secret in planted if secret in dump] == []
    names = failing_redis.client().scan_iter()
    assert {name.partition(b":")[0] for name in names} == {b"ocr"}


def test_commands_and_the_gateway_know_where_the_keys_are(server: Server) -> None:
    made = beside(server).post("/generate_api_key", json={"user_id": "enrolled"}, headers={})
    assert made.status_code == 200, made.text
    assert use(server, made.json()["api_key"]).user_id == "enrolled"
    environ = {"OCR_DATA_DIR": str(server.data_dir), "OCR_REDIS_URL": server.redis_url}
    shown = subprocess.run(
        [sys.executable, "-m", "ocr_service", "keys", "list", "--user", "enrolled", "--json"],
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | environ,
    )
    [key] = map(json.loads, shown.stdout.splitlines())
    assert (key["userId"], key["state"]) == ("enrolled", "API_KEY_STATE_ACTIVE")


def test_keys_of_another_pepper_stop_the_start(server: Server, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="another pepper"):
        open_keys(Settings(data_dir=tmp_path, redis_url=server.redis_url))
    theirs = Settings(
        data_dir=tmp_path, redis_url=server.redis_url, pepper_file=server.data_dir / "pepper"
    )
    store, _ = open_keys(theirs)
    store.close()


def test_a_server_starts_without_its_redis(tmp_path: Path, failing_redis: RedisServer) -> None:
    failing_redis.pause()
    try:
        environ = {"OCR_REDIS_URL": failing_redis.url}
        with running_server(tmp_path, "--workers=1", "--pool=thread", environ=environ) as late:
            assert refusal(late, new_secret()).reason == "KEY_STORE_UNAVAILABLE"
            failing_redis.resume()
            assert eventually(lambda: refusal(late, new_secret()).reason == "API_KEY_INVALID")
    finally:
        failing_redis.resume()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_whatever_answers_lets_nobody_in(answer: bytes) -> None:
    with listening(answer) as url, closing(RedisApiKeyStore(url)) as store:
        for _ in range(3):
            with pytest.raises(KeyStoreUnavailable):
                store.find("digest")
            with suppress(KeyStoreUnavailable):
                assert store.page("", None, 9) == []


def test_an_empty_redis_knows_no_key(server: Server, failing_redis: RedisServer) -> None:
    """The last test of this module: the keys are gone then."""
    key = issue_at(server)
    assert use(server, key.secret).state == pb.API_KEY_STATE_ACTIVE
    failing_redis.client().flushall()
    assert eventually(
        lambda: not works(server, key.secret, otherwise=grpc.StatusCode.UNAUTHENTICATED)
    )
    assert refusal(server, new_secret()).reason == "API_KEY_INVALID"
