"""Keys: their form, their store, and the service that issues them."""

import sqlite3
import stat
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from google.protobuf import duration_pb2
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.api_keys import (
    Position,
    Scope,
    State,
    changes,
    digest_of,
    is_well_formed,
    issue,
    new_secret,
    page_token,
)
from ocr_service.api_keys.sqlite import SqliteApiKeyStore
from ocr_service.errors import KeyStoreUnavailable
from ocr_service.pb.ocr.v1 import api_key_service_pb2 as pb
from tests.servers import Server
from tests.test_wire_errors import failure

PEPPER = b"p" * 32


def test_a_new_key_has_the_form_and_is_new() -> None:
    secrets = {new_secret() for _ in range(100)}
    assert len(secrets) == 100
    assert all(len(secret) == 42 and is_well_formed(secret) for secret in secrets)


@given(st.integers(4, 41), st.sampled_from("0Aa9Zz-"))
def test_a_key_with_one_other_character_is_not_well_formed(position: int, character: str) -> None:
    secret = new_secret()
    changed = secret[:position] + character + secret[position + 1 :]
    assert is_well_formed(changed) == (changed == secret)


@given(st.text())
def test_any_text_can_be_asked_about(text: str) -> None:
    assert not is_well_formed(text)


def test_the_store_keeps_a_key_and_never_its_secret(tmp_path: Path) -> None:
    path = tmp_path / "new" / "keys.sqlite3"
    store = SqliteApiKeyStore(path)
    key, secret = issue(
        store, PEPPER, user_id="ann", scopes=frozenset({Scope.RECOGNIZE}), description="for a test"
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert store.find(digest_of(secret, PEPPER)) == key
    assert store.find(digest_of(secret, b"other")) is None
    store.touch(key.id, datetime.now(UTC))
    store.close()
    again = SqliteApiKeyStore(path)
    found = again.find(digest_of(secret, PEPPER))
    again.close()
    assert found is not None
    assert found.last_use_time is not None
    everything = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert secret.encode() not in everything


def test_a_key_ends(tmp_path: Path) -> None:
    store = SqliteApiKeyStore(tmp_path / "keys.sqlite3")
    key, _ = issue(store, PEPPER, user_id="ann", scopes=frozenset(), ttl=timedelta(hours=1))
    assert key.state(key.create_time) is State.ACTIVE
    assert key.state(key.expire_time) is State.EXPIRED
    store.close()


def test_a_revoked_key_stays_so_when_the_clock_steps_back(tmp_path: Path) -> None:
    store = SqliteApiKeyStore(tmp_path / "keys.sqlite3")
    key, secret = issue(store, PEPPER, user_id="ann", scopes=frozenset())
    revoked = changes.revoke(store, key.id)
    assert revoked.state(key.create_time - timedelta(days=1)) is State.REVOKED
    assert store.find(digest_of(secret, PEPPER)) == store.get(key.id) == revoked
    store.close()


def test_pages_of_any_size_hold_every_key_once(tmp_path: Path) -> None:
    store = SqliteApiKeyStore(tmp_path / "keys.sqlite3")
    key, _ = issue(store, PEPPER, user_id="ann", scopes=frozenset())
    for number in range(6):  # some of them made in the same microsecond
        made = key.create_time + timedelta(microseconds=number // 3)
        store.add(replace(key, id=f"{number}", create_time=made), f"{number}")
    order = ["5", "4", "3", *sorted(["0", "1", "2", key.id], reverse=True)]
    for size in range(1, 9):
        listed: list[str] = []
        after = None
        while keys := store.page("", after, size):
            assert len(keys) <= size
            listed += [one.id for one in keys]
            after = page_token.read(
                page_token.write(Position(keys[-1].create_time, keys[-1].id), "", PEPPER),
                "",
                PEPPER,
            )
        assert listed == order
    store.close()


def test_a_store_of_the_version_before_is_brought_up_to_date(tmp_path: Path) -> None:
    path = tmp_path / "keys.sqlite3"
    store = SqliteApiKeyStore(path)
    key, _ = issue(store, PEPPER, user_id="ann", scopes=frozenset())
    store.close()
    old = sqlite3.connect(path)
    old.executescript(
        "DROP INDEX api_keys_in_order; ALTER TABLE api_keys DROP COLUMN successor_id;"
        "PRAGMA user_version = 0"
    )
    old.close()
    with ThreadPoolExecutor(4) as threads:
        stores = list(threads.map(SqliteApiKeyStore, [path] * 4))
    assert [one.page("", None, 9) for one in stores] == [[key]] * 4
    assert changes.rotate(stores[0], PEPPER, key.id).successor == stores[1].page("", None, 1)[0]
    for one in stores:
        one.close()


def test_a_store_that_is_none_refuses(tmp_path: Path) -> None:
    (tmp_path / "keys.sqlite3").write_bytes(b"this is no database, " * 100)
    with pytest.raises(KeyStoreUnavailable):
        SqliteApiKeyStore(tmp_path / "keys.sqlite3")


def test_an_issued_key_works_and_knows_itself(server: Server) -> None:
    admin = (("x-api-key", server.admin_key),)
    request = pb.IssueApiKeyRequest(
        user_id="bob",
        scopes=[pb.SCOPE_RECOGNIZE],
        ttl=duration_pb2.Duration(seconds=3600),
        description="nightly batch",
        requests_per_minute=7,
    )
    issued = server.keys.IssueApiKey(request, metadata=admin)
    mine = (("x-api-key", issued.secret),)
    current = server.keys.GetCurrentApiKey(pb.GetCurrentApiKeyRequest(), metadata=mine).api_key
    assert current.last_use_time.ToDatetime(UTC) >= issued.api_key.create_time.ToDatetime(UTC)
    current.ClearField("last_use_time")
    assert current == issued.api_key
    assert (current.user_id, current.description) == ("bob", "nightly batch")
    assert (list(current.scopes), current.requests_per_minute) == ([pb.SCOPE_RECOGNIZE], 7)
    assert current.state == pb.API_KEY_STATE_ACTIVE
    assert issued.secret.startswith(current.display_prefix)
    lifetime = current.expire_time.ToDatetime() - current.create_time.ToDatetime()
    assert lifetime == timedelta(hours=1)


def test_a_key_has_sensible_defaults(server: Server) -> None:
    admin = (("x-api-key", server.admin_key),)
    key = server.keys.IssueApiKey(pb.IssueApiKeyRequest(user_id="bob"), metadata=admin).api_key
    assert list(key.scopes) == [pb.SCOPE_RECOGNIZE, pb.SCOPE_UNMASKED]
    assert key.expire_time.ToDatetime() - key.create_time.ToDatetime() == timedelta(days=90)


WRONG = {
    "no user": (pb.IssueApiKeyRequest(), "user_id"),
    "long user": (pb.IssueApiKeyRequest(user_id="x" * 129), "user_id"),
    "long description": (
        pb.IssueApiKeyRequest(user_id="bob", description="x" * 257),
        "description",
    ),
    "user with a line break": (pb.IssueApiKeyRequest(user_id="a\nb"), "user_id"),
    "description with an escape": (
        pb.IssueApiKeyRequest(user_id="bob", description="\x1b[2J"),
        "description",
    ),
    "negative ttl": (
        pb.IssueApiKeyRequest(user_id="bob", ttl=duration_pb2.Duration(seconds=-1)),
        "ttl",
    ),
    "endless ttl": (
        pb.IssueApiKeyRequest(user_id="bob", ttl=duration_pb2.Duration(seconds=10**10)),
        "ttl",
    ),
    "unknown scope": (pb.IssueApiKeyRequest(user_id="bob", scopes=[77]), "scopes"),  # type: ignore[list-item]
    "negative limit": (
        pb.IssueApiKeyRequest(user_id="bob", requests_per_minute=-1),
        "requests_per_minute",
    ),
}


@pytest.mark.parametrize(("request_", "field"), WRONG.values(), ids=WRONG)
def test_wrong_requests_name_the_field(
    server: Server, request_: pb.IssueApiKeyRequest, field: str
) -> None:
    admin = (("x-api-key", server.admin_key),)
    refused = failure(lambda: server.keys.IssueApiKey(request_, metadata=admin))
    assert (refused.code, refused.reason, refused.field) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "OPTION_INVALID",
        field,
    )


def test_the_store_gone_is_a_refusal_and_not_an_open_door(server: Server) -> None:
    key = server.new_key(frozenset({Scope.RECOGNIZE}))
    blocker = sqlite3.connect(server.data_dir / "keys.sqlite3", isolation_level=None)
    blocker.execute("ALTER TABLE api_keys RENAME TO hidden")
    try:
        refused = failure(
            lambda: server.keys.GetCurrentApiKey(
                pb.GetCurrentApiKeyRequest(), metadata=(("x-api-key", key),)
            )
        )
        assert (refused.code, refused.reason) == (
            grpc.StatusCode.UNAVAILABLE,
            "KEY_STORE_UNAVAILABLE",
        )
    finally:
        blocker.execute("ALTER TABLE hidden RENAME TO api_keys")
        blocker.close()
