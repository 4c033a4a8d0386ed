"""`ocr-service keys`: the keys in a data folder, with a server beside it and without."""

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from ocr_service.api_keys import is_well_formed
from ocr_service.pb.ocr.v1 import api_key_service_pb2 as pb
from tests.key_calls import use
from tests.servers import Server


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
        *("keys", "issue", "--user", "carol", "--admin", "--ttl", "12h"),
        *("--requests-per-minute", "99"),
        data_dir=server.data_dir,
    )
    assert issued.returncode == 0
    mine = (("x-api-key", issued.stdout.strip()),)
    key = server.keys.GetCurrentApiKey(pb.GetCurrentApiKeyRequest(), metadata=mine).api_key
    assert (key.user_id, key.requests_per_minute) == ("carol", 99)
    assert pb.SCOPE_ADMIN in key.scopes
    assert key.expire_time.ToDatetime() - key.create_time.ToDatetime() == timedelta(hours=12)


def test_the_command_lists_rotates_and_revokes(server: Server) -> None:
    folder = server.data_dir
    secret = command("keys", "issue", "--user", "dave", data_dir=folder).stdout.strip()
    shown = command("keys", "list", "--user", "dave", "--json", data_dir=folder)
    [key] = map(json.loads, shown.stdout.splitlines())
    assert (key["userId"], key["state"]) == ("dave", "API_KEY_STATE_ACTIVE")
    rotated = command("keys", "rotate", key["id"], "--overlap", "7d", data_dir=folder)
    assert (rotated.returncode, is_well_formed(rotated.stdout.strip())) == (0, True)
    assert f"The old key, {key['id']}, ends" in rotated.stderr
    assert use(server, rotated.stdout.strip()).user_id == "dave"
    assert use(server, secret).successor_id in rotated.stderr
    revoked = command("keys", "revoke", key["id"], data_dir=folder)
    assert f"Key {key['id']} of dave is revoked." in revoked.stderr
    [audit] = [json.loads(line) for line in revoked.stderr.splitlines() if line[0] == "{"]
    assert (audit["event"], audit["by_key_id"]) == ("key revoked", "this machine")
    table = command("keys", "list", "--user", "dave", data_dir=folder).stdout.splitlines()
    assert [line.split()[1:3] for line in table] == [
        ["USER", "STATE"],
        ["dave", "active"],
        ["dave", "revoked"],
    ]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(("revoke", "nobody"), "No API key has this id.", id="revoke unknown"),
        pytest.param(("rotate", "nobody"), "No API key has this id.", id="rotate unknown"),
        pytest.param(("rotate", "x", "--overlap=31d"), "at most 30d", id="long overlap"),
        pytest.param(("rotate", "x", "--overlap=soon"), "write 90d", id="no length"),
        pytest.param(
            ("issue", "--user=x", "--requests-per-minute=-1"), "whole number", id="negative limit"
        ),
        pytest.param(
            ("issue", "--user=x", "--requests-per-minute=9999999999"), "whole number", id="limit"
        ),
        pytest.param(("list", "--data-dir=/nowhere"), "--data-dir", id="no store"),
    ],
)
def test_the_command_says_what_is_wrong(server: Server, words: tuple[str, ...], says: str) -> None:
    refused = command("keys", *words, data_dir=server.data_dir)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert says in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("ttl", ["", "90", "d", "0d", "1w", "-1d", "99999d", "²d"])
def test_the_command_refuses_a_wrong_ttl(tmp_path: Path, ttl: str) -> None:
    refused = command("keys", "issue", "--user", "carol", f"--ttl={ttl}", data_dir=tmp_path)
    assert refused.returncode == 2
    assert "90d, 12h, 30m" in refused.stderr
    assert refused.stdout == ""
