"""What every key store does: SQLite's and Redis's answer alike."""

import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from ocr_service.api_keys import (
    ApiKey,
    ApiKeyStore,
    Position,
    Scope,
    State,
    changes,
    digest_of,
    issue,
    page_token,
)
from ocr_service.config import Settings, SettingsError
from ocr_service.errors import ApiKeyEnded
from ocr_service.key_store import load_pepper, open_keys

PEPPER = b"p" * 32


@pytest.fixture(params=["sqlite", "redis"])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Of a store that is empty."""
    if request.param == "sqlite":
        return Settings(data_dir=tmp_path / "new")
    redis_server = request.getfixturevalue("redis_server")
    settings = Settings(data_dir=tmp_path / "new", redis_url=redis_server.database(1))
    with redis.Redis.from_url(settings.redis_url) as client:
        client.flushdb()
    return settings


@pytest.fixture
def store(settings: Settings) -> Iterator[ApiKeyStore]:
    with closing(open_keys(settings)[0]) as store:
        yield store


def test_a_key_is_kept_as_it_is(settings: Settings, store: ApiKeyStore) -> None:
    key, secret = issue(
        store,
        PEPPER,
        user_id="ann: \N{WAVING HAND SIGN}",
        scopes=frozenset({Scope.RECOGNIZE, Scope.ADMIN}),
        description="for a test",
        requests_per_minute=7,
    )
    assert store.find(digest_of(secret, PEPPER)) == store.get(key.id) == key
    assert store.find(digest_of(secret, b"other")) is None
    assert store.get(secret) is None
    used = datetime.now(UTC)
    store.touch(key.id, used)
    store.touch("nobody", used)
    assert store.get("nobody") is None
    with closing(open_keys(settings, new=False)[0]) as again:
        assert again.find(digest_of(secret, PEPPER)) == replace(key, last_use_time=used)


def test_the_file_is_its_owners_and_holds_no_secret(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.sqlite3"
    store, pepper = open_keys(Settings(data_dir=path.parent))
    with closing(store):
        _, secret = issue(store, pepper, user_id="ann", scopes=frozenset())
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        everything = b"".join(file.read_bytes() for file in path.parent.glob("keys*"))
    assert secret.encode() not in everything
    assert pepper not in everything


def test_a_key_ends(store: ApiKeyStore) -> None:
    key, _ = issue(store, PEPPER, user_id="ann", scopes=frozenset(), ttl=timedelta(hours=1))
    assert key.state(key.create_time) is State.ACTIVE
    assert key.state(key.expire_time) is State.EXPIRED


def test_a_revoked_key_stays_so_when_the_clock_steps_back(store: ApiKeyStore) -> None:
    key, secret = issue(store, PEPPER, user_id="ann", scopes=frozenset())
    revoked = changes.revoke(store, key.id)
    assert revoked.state(key.create_time - timedelta(days=1)) is State.REVOKED
    assert store.find(digest_of(secret, PEPPER)) == store.get(key.id) == revoked
    assert changes.revoke(store, key.id) == revoked


def test_pages_of_any_size_hold_every_key_once(store: ApiKeyStore) -> None:
    key, _ = issue(store, PEPPER, user_id="ann", scopes=frozenset())
    for number in range(6):  # some of them made in the same microsecond
        made = key.create_time + timedelta(microseconds=number // 3)
        user_id = "ann" if number % 2 else "bob"
        store.add(replace(key, id=f"{number}", user_id=user_id, create_time=made), f"{number}")
    order = ["5", "4", "3", *sorted(["0", "1", "2", key.id], reverse=True)]
    of_ann = [key_id for key_id in order if key_id in {"1", "3", "5", key.id}]
    for size in range(1, 9):
        assert listed(store, "", size) == order
        assert listed(store, "ann", size) == of_ann
        assert listed(store, "nobody", size) == []


def listed(store: ApiKeyStore, user_id: str, size: int) -> list[str]:
    """The ids on all pages of that size."""
    ids: list[str] = []
    after = None
    while keys := store.page(user_id, after, size):
        assert len(keys) <= size
        ids += [key.id for key in keys]
        last = Position(keys[-1].create_time, keys[-1].id)
        after = page_token.read(page_token.write(last, user_id, PEPPER), user_id, PEPPER)
    return ids


def test_a_key_has_one_successor_however_many_ask(settings: Settings) -> None:
    with ExitStack() as stack:
        stores = [stack.enter_context(closing(open_keys(settings)[0])) for _ in range(4)]
        key, _ = issue(stores[0], PEPPER, user_id="ann", scopes=frozenset())

        def rotate(store: ApiKeyStore) -> ApiKey | None:
            try:
                return changes.rotate(store, PEPPER, key.id).successor
            except ApiKeyEnded:
                return None

        with ThreadPoolExecutor(16) as threads:
            made = [one for one in threads.map(rotate, stores * 8) if one is not None]
        assert len(made) == 1
        assert [one.id for one in stores[1].page("ann", None, 99)] == [made[0].id, key.id]
        replaced = stores[2].get(key.id)
        assert replaced is not None
        assert replaced.successor_id == made[0].id


def test_nobody_replaces_a_key_that_is_revoked_or_not_there(store: ApiKeyStore) -> None:
    key, _ = issue(store, PEPPER, user_id="ann", scopes=frozenset())
    changes.revoke(store, key.id)
    successor = replace(key, id="successor")
    assert store.replace(key.id, key.expire_time, successor, "digest") is None
    assert store.replace("nobody", key.expire_time, successor, "digest") is None
    assert store.find("digest") is None
    assert listed(store, "", 9) == [key.id]


def test_the_pepper_is_made_once(settings: Settings) -> None:
    first = load_pepper(settings)
    assert len(first) == 32
    assert load_pepper(settings) == first


def test_the_operators_pepper_is_used_as_it_is(settings: Settings, tmp_path: Path) -> None:
    file = tmp_path / "pepper"
    theirs = settings.model_copy(update={"pepper_file": file})
    with pytest.raises(SettingsError, match="cannot be read"):
        open_keys(theirs)
    file.write_bytes(b"short")
    with pytest.raises(SettingsError, match="openssl rand"):
        open_keys(theirs)
    file.write_bytes(b"x" * 40 + b"\n")
    assert load_pepper(theirs) == b"x" * 40 + b"\n"
    assert not (theirs.data_dir / "pepper").exists()
