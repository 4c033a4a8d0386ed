"""Starts, ends and accidents of the gateway's process."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest
import requests
from PIL import Image

from ocr_service.gateway.http_server import THREADS
from tests.certificates import self_signed
from tests.data import make
from tests.gateway.gateways import SECONDS, Gateway, beside, refused, running_gateway
from tests.servers import eventually, running_server

PNG = make.encode(make.text_image(["Total 12.50"]), "PNG")
NOISE = make.encode(Image.effect_noise((500, 500), 200), "PNG")
FLAGS = ("--workers=1", "--gateway", "--gateway-listen=127.0.0.1:0")


def gateway_process(gateway: Gateway) -> list[psutil.Process]:
    children = psutil.Process(gateway.process.pid).children()
    return [child for child in children if "spawn_main" in " ".join(words_of(child))]


def words_of(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a zombie too
        return []


def test_sigterm_answers_what_was_taken_and_the_printed_command_works(tmp_path: Path) -> None:
    (tmp_path / "receipt.png").write_bytes(PNG)
    flags = (*FLAGS, "--first-key")
    with running_server(tmp_path / "data", *flags) as server, ThreadPoolExecutor(4) as senders:
        gateway = beside(server)
        command = re.search(r"^# curl.*\n(.+)", "\n".join(server.output), re.MULTILINE)
        assert command
        environ = os.environ | {"IMAGE": str(tmp_path / "receipt.png")}
        done = subprocess.run(["bash", "-c", command[1]], capture_output=True, env=environ)
        assert b'"text":"Total 12.50"' in done.stdout
        family = psutil.Process(server.process.pid).children(recursive=True)
        sent = [
            senders.submit(gateway.post, "/v1/images:recognize", files={"file": NOISE})
            for _ in range(4)
        ]
        eventually(lambda: any(p.nice() > 0 and p.status() == "running" for p in family))
        assert server.stop() == 0
        for one in sent:
            response = one.result()
            assert response.status_code == 200 or refused(response).http == 503
        assert any(one.result().status_code == 200 for one in sent)
        assert psutil.wait_procs(family, timeout=30)[1] == []


def test_a_gateway_that_dies_is_replaced(tmp_path: Path) -> None:
    with running_server(tmp_path, *FLAGS) as server:
        gateway = beside(server)
        assert gateway.get("/readyz").status_code == 200
        (first,) = gateway_process(gateway)
        first.kill()
        eventually(lambda: gateway_process(gateway) not in ([], [first]))
        assert gateway.get("/readyz").status_code == 200  # the address was never given up
        family = psutil.Process(server.process.pid).children(recursive=True)
        server.process.kill()
        assert psutil.wait_procs(family, timeout=30)[1] == []


def test_the_server_may_be_away(tmp_path: Path) -> None:
    twice = ("--listen=127.0.0.1:0", "--listen=127.0.0.1:0")
    with (
        running_server(tmp_path, "--workers=1") as server,
        running_gateway(server, *twice) as gateway,
    ):
        assert len(gateway.ports) == 2
        for port in gateway.ports:
            url = f"http://127.0.0.1:{port}/readyz"
            assert requests.get(url, timeout=SECONDS).status_code == 200
        assert server.stop() == 0
        assert gateway.get("/readyz").status_code == 503
        assert gateway.get("/healthz").status_code == 200
        away = gateway.get("/v1/capabilities")
        assert (refused(away).http, refused(away).reason) == (503, "SERVER_AWAY")
        assert away.headers["Retry-After"] == "1"
        gateway.process.send_signal(signal.SIGTERM)
        assert gateway.process.wait(SECONDS) == 0


def test_with_tls(tmp_path: Path) -> None:
    """Beside a server that wants client certificates it needs none; elsewhere it shows one."""
    mine = self_signed(tmp_path, "server")
    tls = (f"--tls-certificate={mine.certificate}", f"--tls-key={mine.key}")
    with running_server(tmp_path, *FLAGS, *tls, f"--tls-client-ca={mine.certificate}") as server:
        assert beside(server).post("/v1/images:recognize", files={"file": PNG}).status_code == 200
        shown = (f"--certificate={mine.certificate}", f"--key={mine.key}")
        secure = f"--server=https://{server.address}"
        flags = ("--listen=127.0.0.1:0", secure, f"--ca={mine.certificate}")
        with running_gateway(server, *flags, *shown) as gateway:
            assert gateway.get("/v1/capabilities").status_code == 200
        with running_gateway(server, *flags) as stranger:
            assert stranger.get("/v1/capabilities").status_code == 503


@pytest.mark.parametrize(
    "words",
    [("gateway", "--listen"), ("serve", "--listen=127.0.0.1:0", "--gateway", "--gateway-listen")],
    ids=["gateway", "serve"],
)
def test_a_port_in_use_is_said(gateway: Gateway, tmp_path: Path, words: tuple[str, ...]) -> None:
    command = [sys.executable, "-m", "ocr_service", *words, gateway.address]
    done = subprocess.run(
        [*command, f"--data-dir={tmp_path}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stderr.startswith(f"The gateway cannot listen on {gateway.address}: ")


def test_many_callers_at_once_lose_nothing(gateway: Gateway) -> None:
    def ask(_number: int) -> str:
        while True:
            response = gateway.post("/v1/images:recognize", files={"file": PNG})
            if response.status_code == 200:
                text: str = response.json()["text"]
                return text
            assert refused(response).reason == "OVERLOADED"
            time.sleep(float(response.headers["Retry-After"]))

    with ThreadPoolExecutor(2 * THREADS) as callers:
        assert set(callers.map(ask, range(4 * THREADS))) == {"Total 12.50"}
