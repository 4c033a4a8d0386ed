"""The other commands of `ocr`, and what only a process of its own shows."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import Result

from tests.data import make
from tests.ocr_command import command, ocr
from tests.servers import Server


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A picture whose name is not ASCII."""
    path = tmp_path / "ş.png"
    path.write_bytes(make.encode(make.text_image(["Total 12.50"]), "PNG"))
    return path


def test_keys_are_made_and_shown(server: Server) -> None:
    words = ("--user", "billing", "--ttl", "12h", "--description", "invoices")
    done = ocr(server, "keys", "issue", *words, key=server.admin_key)
    assert done.exit_code == 0
    secret = done.stdout.strip()
    assert secret not in done.stderr
    who = ocr(server, "keys", "whoami", key=secret)
    assert "billing" in who.stdout
    assert "recognize, unmasked\n" in who.stdout
    assert secret not in who.stdout


@pytest.mark.parametrize(
    ("words", "scopes"),
    [
        pytest.param((), {"RECOGNIZE", "UNMASKED"}, id="default"),
        pytest.param(("--admin",), {"RECOGNIZE", "UNMASKED", "ADMIN"}, id="admin"),
        pytest.param(("--scope", "recognize"), {"RECOGNIZE"}, id="one"),
        pytest.param(("--scope", "recognize", "--admin"), {"RECOGNIZE", "ADMIN"}, id="both"),
    ],
)
def test_scopes(server: Server, words: tuple[str, ...], scopes: set[str]) -> None:
    done = ocr(server, "keys", "issue", "--user", "u", "--json", *words, key=server.admin_key)
    issued = json.loads(done.stdout)["apiKey"]
    assert {scope.removeprefix("SCOPE_") for scope in issued["scopes"]} == scopes


def test_only_administrators_make_keys(server: Server) -> None:
    done = ocr(server, "keys", "issue", "--user", "u")
    assert (done.exit_code, done.stdout) == (2, "")
    assert "ocr keys whoami" in done.stderr


def test_keys_are_listed_rotated_and_revoked(server: Server) -> None:
    def keys(*words: str) -> Result:
        done = ocr(server, "keys", *words, key=server.admin_key)
        assert done.exit_code == 0, done.stderr
        return done

    assert keys("list", "--user", "payroll").stderr == "There are no keys.\n"
    secret = keys("issue", "--user", "payroll").stdout.strip()
    [old] = map(json.loads, keys("list", "--user", "payroll", "--json").stdout.splitlines())
    rotated = keys("rotate", old["id"], "--overlap", "0")
    assert f"The old key, {old['id']}, ends" in rotated.stderr
    assert "payroll" in ocr(server, "keys", "whoami", key=rotated.stdout.strip()).stdout
    assert ocr(server, "keys", "whoami", key=secret).exit_code == 2
    newer = json.loads(keys("list", "--user", "payroll", "--json").stdout.splitlines()[0])
    newest = json.loads(keys("rotate", newer["id"], "--json").stdout)
    assert newest["previous"]["successorId"] == newest["apiKey"]["id"]
    assert "is revoked" in keys("revoke", newer["id"]).stderr
    shown = json.loads(keys("revoke", newer["id"], "--json").stdout)
    assert shown["apiKey"]["state"] == "API_KEY_STATE_REVOKED"
    table = keys("list", "--user", "payroll").stdout
    assert [line.split()[2] for line in table.splitlines()[1:]] == ["active", "revoked", "expired"]
    assert secret not in table


@pytest.mark.parametrize("action", ["rotate", "revoke"])
def test_keys_that_are_not_there(server: Server, action: str) -> None:
    done = ocr(server, "keys", action, "nobody", key=server.admin_key)
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == ("ocr: No API key has this id. List the keys to see the ids there are.\n")


def test_capabilities(server: Server) -> None:
    assert "tesseract" in ocr(server, "capabilities").stdout
    document = json.loads(ocr(server, "capabilities", "--json").stdout)
    assert "ENGINE_TESSERACT" in [engine["engine"] for engine in document["engines"]]
    key = json.loads(ocr(server, "keys", "whoami", "--json").stdout)
    assert key["userId"] == "tester"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("recognize",),
        ("batch",),
        ("capabilities",),
        ("keys",),
        ("keys", "issue"),
        ("keys", "list"),
        ("keys", "rotate"),
        ("keys", "revoke"),
    ],
    ids=lambda words: " ".join(words) or "ocr",
)
def test_help_explains_every_option(server: Server, words: tuple[str, ...]) -> None:
    shown = ocr(server, *words, "--help")
    assert shown.exit_code == 0
    assert server.key not in shown.stdout
    assert shown.stdout.startswith(f"Usage: ocr {' '.join(words)}".rstrip())


# As a process of its own -------------------------------------------------------------------------


def test_output_is_utf_8_without_colours_whatever_the_locale(server: Server, page: Path) -> None:
    name = str(page)
    words, environ = command(server, "recognize", name, name, environ={"LC_ALL": "C"})
    done = subprocess.run(
        words, env=environ | {"PYTHONUTF8": "0", "PYTHONIOENCODING": "ascii"}, capture_output=True
    )
    assert done.returncode == 0
    assert f"==> {name} <==\n".encode() in done.stdout
    assert b"\x1b" not in done.stdout + done.stderr


def test_a_reader_that_goes_away_is_no_error(server: Server, page: Path) -> None:
    words, environ = command(server, "recognize", *[str(page)] * 5)
    with subprocess.Popen(words, env=environ, stdout=-1, stderr=-1) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 141


def test_grpc_keeps_quiet_about_what_the_command_says(server: Server) -> None:
    words, environ = command(server, "capabilities", "--tls")
    done = subprocess.run(words, env=environ, capture_output=True, text=True)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1


def test_the_command_is_installed(server: Server) -> None:
    program = Path(sys.executable).with_name("ocr")
    done = subprocess.run([program, "--version"], capture_output=True, text=True)
    assert (done.returncode, done.stdout.split()[0]) == (0, "ocr")


def test_output_that_cannot_be_written_is_said(server: Server) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no /dev/full")
    words, environ = command(server, "capabilities")
    with full.open("wb") as nowhere:
        done = subprocess.run(words, env=environ, stdout=nowhere, stderr=-1, text=True)
    assert done.returncode == 2
    assert done.stderr == "ocr: The output cannot be written: No space left on device.\n"
