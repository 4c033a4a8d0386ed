"""Starts gateways for tests, and asks them."""

import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import requests

from tests.servers import START_SECONDS, STOP_SECONDS, Server, eventually

SECONDS = 60


@dataclass
class Gateway:
    """A gateway, the server that it calls, and its own process if it has one of its own."""

    server: Server
    ports: list[int]
    process: subprocess.Popen[str]

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.ports[0]}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    @property
    def key(self) -> dict[str, str]:
        return {"X-API-Key": self.server.key}

    def post(self, path: str, **arguments: Any) -> requests.Response:
        """POST, with the key unless other headers are given."""
        arguments.setdefault("headers", self.key)
        return requests.post(self.url + path, timeout=SECONDS, **arguments)

    def get(self, path: str, **arguments: Any) -> requests.Response:
        arguments.setdefault("headers", self.key)
        return requests.get(self.url + path, timeout=SECONDS, **arguments)


def beside(server: Server) -> Gateway:
    """The gateway of a server that was started with one."""
    ports = eventually(lambda: [e["ports"] for e in server.log if e.get("event") == "serving HTTP"])
    assert isinstance(ports[0], list)
    return Gateway(server, ports[0], server.process)


@contextmanager
def running_gateway(server: Server, *flags: str) -> Iterator[Gateway]:
    """Run ``ocr-service gateway`` for the server until the end; ``--listen`` is among the flags."""
    words = ["gateway", f"--server={server.address}", f"--data-dir={server.data_dir}"]
    process = subprocess.Popen(
        [sys.executable, "-m", "ocr_service", *words, "--log-format=json", *flags],
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ,
    )
    started: queue.Queue[list[int]] = queue.Queue()
    reader = threading.Thread(target=_follow, args=(process, started), daemon=True)
    reader.start()
    try:
        yield Gateway(server, started.get(timeout=START_SECONDS), process)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(STOP_SECONDS)
        reader.join(STOP_SECONDS)


def _follow(process: subprocess.Popen[str], started: "queue.Queue[list[int]]") -> None:
    assert process.stderr is not None
    with process.stderr as stream:
        for line in stream:
            entry = json.loads(line) if line.startswith("{") else {}
            if entry.get("event") == "serving HTTP":
                started.put(entry["ports"])


def lines(response: requests.Response) -> list[dict[str, Any]]:
    """The messages of a stream."""
    assert response.headers["Content-Type"].startswith("application/x-ndjson"), response.text
    return [json.loads(line) for line in response.iter_lines()]


@dataclass(frozen=True)
class Refused:
    """An error as REST tells it."""

    http: int
    status: str
    reason: str
    field: str
    message: str


def refused(response: requests.Response) -> Refused:
    """Read the standard body; every error must have it."""
    error = response.json()["error"]
    assert error["code"] == response.status_code
    details = {detail["@type"].rpartition(".")[2]: detail for detail in error["details"]}
    info = details["ErrorInfo"]
    assert info["domain"] == "ocr.v1"
    violations = details.get("BadRequest", {}).get("fieldViolations", [{"field": ""}])
    assert ("RetryInfo" in details) == ("Retry-After" in response.headers)
    return Refused(
        response.status_code,
        error["status"],
        info["reason"],
        violations[0]["field"],
        error["message"],
    )
