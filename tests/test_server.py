"""TLS, reflection by grpcurl, the open mode, the first key and its printed commands."""

import json
import os
import re
import shutil
import stat
import subprocess
import sys
from base64 import b64encode
from pathlib import Path

import grpc
import pytest

from ocr_service.pb.ocr.v1 import ocr_service_pb2
from ocr_service.pb.ocr.v1.ocr_service_pb2_grpc import OcrServiceStub
from tests.certificates import self_signed
from tests.data import make
from tests.servers import Server, eventually, running_server

ASK = ocr_service_pb2.GetCapabilitiesRequest()


@pytest.fixture(scope="session")
def grpcurl() -> str:
    found = shutil.which("grpcurl")
    if found is None:
        pytest.skip("grpcurl is not here")
    return found


def test_tls_and_client_certificates(tmp_path: Path) -> None:
    ours, theirs = self_signed(tmp_path, "server"), self_signed(tmp_path, "client")
    stranger = self_signed(tmp_path, "stranger")
    flags = (
        f"--tls-certificate={ours.certificate}",
        f"--tls-key={ours.key}",
        f"--tls-client-ca={theirs.certificate}",
    )
    with running_server(tmp_path / "data", "--workers=1", *flags) as server:
        for who, served in ((theirs, True), (stranger, False), (None, False)):
            credentials = grpc.ssl_channel_credentials(
                ours.certificate.read_bytes(),
                who.key.read_bytes() if who else None,
                who.certificate.read_bytes() if who else None,
            )
            with grpc.secure_channel(server.address, credentials) as channel:
                call = OcrServiceStub(channel).GetCapabilities.future(
                    ASK, metadata=server.metadata, timeout=10
                )
                wanted = grpc.StatusCode.OK if served else grpc.StatusCode.UNAVAILABLE
                assert call.code() == wanted


def test_an_open_server_is_asked_for_in_words(tmp_path: Path) -> None:
    with running_server(tmp_path, "--workers=1", "--insecure-no-auth") as server:
        assert server.stub.GetCapabilities(ASK, timeout=10).engines


def test_grpcurl_reads_an_image_by_reflection(server: Server, grpcurl: str) -> None:
    def ask(*arguments: str, content: str = "") -> str:
        return subprocess.run(
            [grpcurl, "-plaintext", "-H", f"x-api-key: {server.key}", *arguments],
            input=content,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    assert {"ocr.v1.OcrService", "ocr.v1.ApiKeyService", "grpc.health.v1.Health"} <= set(
        ask(server.address, "list").split()
    )
    assert "rpc Recognize (" in ask(server.address, "describe", "ocr.v1.OcrService")
    image = make.encode(make.text_image(["Total 12.50"]), "PNG")
    reply = ask(
        "-d",
        "@",
        server.address,
        "ocr.v1.OcrService/Recognize",
        content=json.dumps({"content": b64encode(image).decode()}),
    )
    assert json.loads(reply)["text"].split() == ["Total", "12.50"]
    health = json.loads(ask(server.address, "grpc.health.v1.Health/List"))
    assert health["statuses"]["ocr.v1.OcrService"]["status"] == "SERVING"


def test_the_first_key_is_kept_and_its_commands_work(tmp_path: Path, grpcurl: str) -> None:
    receipt = tmp_path / "receipt.png"
    receipt.write_bytes(make.encode(make.text_image(["Total 12.50", "Thank you"]), "PNG"))
    keys = set()
    for start in range(2):
        with running_server(tmp_path / "data", "--workers=1", "--first-key") as server:
            kept = server.data_dir / "first-key"
            assert stat.S_IMODE(kept.stat().st_mode) == 0o600
            keys.add(kept.read_text().strip())
            if start:
                continue
            for command in printed_commands(server):
                done = subprocess.run(
                    ["bash", "-euo", "pipefail", "-c", command],
                    capture_output=True,
                    text=True,
                    check=False,
                    env=os.environ | {"IMAGE": str(receipt)},
                )
                assert "Thank you" in done.stdout, done.stderr
    assert len(keys) == 1


def printed_commands(server: Server) -> list[str]:
    """The three blocks that begin with a comment."""

    def commands() -> list[str]:
        shown = "\n".join(server.output)
        return re.findall(r"^# \S.*\n((?:.+\n)+)", shown, re.MULTILINE)

    eventually(lambda: len(commands()) == 3)
    return commands()


def test_logs_tell_calls_and_nothing_recognised(server: Server) -> None:
    from tests.test_recognize import recognize

    recognize(server, make.encode(make.text_image(["Confidential 4711"]), "PNG"))
    everything = server.said()
    calls = [entry for entry in server.log if entry.get("event") == "call"]
    assert all({"method", "code", "seconds", "request_id", "key_id"} <= set(e) for e in calls)
    assert "Confidential" not in everything
    assert server.key not in everything


def test_the_health_command_tells_by_its_exit_code(server: Server, tmp_path: Path) -> None:
    def health(address: str, **environ: str) -> tuple[int, str]:
        done = subprocess.run(
            [sys.executable, "-m", "ocr_service", "health"],
            capture_output=True,
            text=True,
            check=False,
            env=os.environ | {"OCR_LISTEN": address} | environ,
        )
        return done.returncode, done.stdout.strip()

    assert health(server.address) == (0, "SERVING")
    assert health("127.0.0.1:1") == (1, "UNREACHABLE")
    pair = self_signed(tmp_path, "server")
    files = {"OCR_TLS_CERTIFICATE": str(pair.certificate), "OCR_TLS_KEY": str(pair.key)}
    assert health("127.0.0.1:1", **files) == (1, "UNREACHABLE")
    with running_server(tmp_path / "data", "--workers=1", environ=files) as encrypted:
        assert health(encrypted.address, **files) == (0, "SERVING")
