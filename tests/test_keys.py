"""Keys: their form, their file, and the service that issues them."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, timedelta
from pathlib import Path

import grpc
import pytest
from google.protobuf import duration_pb2
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.api_keys import Scope, changes, is_well_formed, issue, new_secret
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
