"""Keys: their form, their store, the service and the command that issue them."""

import os
import sqlite3
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import grpc
import pytest
from google.protobuf import duration_pb2
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.api_keys import Scope, State, digest_of, is_well_formed, issue, new_secret
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


@pytest.mark.parametrize(
    "call",
    [
        lambda server, admin: server.keys.ListApiKeys(pb.ListApiKeysRequest(), metadata=admin),
        lambda server, admin: server.keys.RotateApiKey(pb.RotateApiKeyRequest(), metadata=admin),
        lambda server, admin: server.keys.RevokeApiKey(pb.RevokeApiKeyRequest(), metadata=admin),
    ],
    ids=["list", "rotate", "revoke"],
)
def test_what_is_not_there_yet_says_so(server: Server, call: object) -> None:
    assert callable(call)
    refused = failure(lambda: call(server, (("x-api-key", server.admin_key),)))
    assert refused.code == grpc.StatusCode.UNIMPLEMENTED
    assert "not in this version" in refused.message


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


def command(*arguments: str, data_dir: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ocr_service", *arguments],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OCR_DATA_DIR": str(data_dir)},
    )


def test_the_command_issues_keys_that_work(server: Server) -> None:
    issued = command(
        "keys", "issue", "--user", "carol", "--admin", "--ttl", "12h", data_dir=server.data_dir
    )
    assert issued.returncode == 0
    mine = (("x-api-key", issued.stdout.strip()),)
    key = server.keys.GetCurrentApiKey(pb.GetCurrentApiKeyRequest(), metadata=mine).api_key
    assert key.user_id == "carol"
    assert pb.SCOPE_ADMIN in key.scopes
    assert key.expire_time.ToDatetime() - key.create_time.ToDatetime() == timedelta(hours=12)


@pytest.mark.parametrize("ttl", ["", "90", "d", "0d", "1w", "-1d", "99999d", "²d"])
def test_the_command_refuses_a_wrong_ttl(tmp_path: Path, ttl: str) -> None:
    refused = command("keys", "issue", "--user", "carol", f"--ttl={ttl}", data_dir=tmp_path)
    assert refused.returncode == 2
    assert "90d, 12h, 30m" in refused.stderr
    assert refused.stdout == ""
