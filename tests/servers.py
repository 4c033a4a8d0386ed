"""Starts real servers for tests."""

import json
import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TypeVar

import grpc

from ocr_service.api_keys import Scope, issue
from ocr_service.config import Settings
from ocr_service.key_store import open_keys
from ocr_service.pb.ocr.v1 import ocr_service_pb2
from ocr_service.pb.ocr.v1.api_key_service_pb2_grpc import ApiKeyServiceStub
from ocr_service.pb.ocr.v1.ocr_service_pb2_grpc import OcrServiceStub

START_SECONDS = 60
STOP_SECONDS = 60
WAIT_SECONDS = 60
T = TypeVar("T")
EVERYTHING = frozenset(Scope)
DEFAULT_SCOPES = frozenset({Scope.RECOGNIZE, Scope.UNMASKED})
CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_retries", 0),  # tests see every answer as the server gave it
)


@dataclass
class Server:
    """A server process, a channel to it, and keys for it.

    Attributes:
        redis_url: Where its keys are; empty for those in its data folder.
        needs_keys: Whether it does; otherwise its keys are empty.
    """

    process: subprocess.Popen[str]
    data_dir: Path
    port: int
    log: list[dict[str, object]]
    output: list[str] = field(default_factory=list)
    redis_url: str = ""
    needs_keys: bool = True

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    @property
    def metrics_address(self) -> str:
        """Of a server that was started with ``--metrics-listen=127.0.0.1:0``."""
        port = next(entry["port"] for entry in self.log if entry.get("event") == "serving metrics")
        return f"127.0.0.1:{port}"

    @cached_property
    def key(self) -> str:
        """A key with the scopes RECOGNIZE and UNMASKED."""
        return self.new_key(DEFAULT_SCOPES)

    @cached_property
    def admin_key(self) -> str:
        return self.new_key(EVERYTHING)

    def new_key(
        self,
        scopes: frozenset[Scope],
        ttl: timedelta = timedelta(days=1),
        user_id: str = "tester",
    ) -> str:
        if not self.needs_keys:
            return ""
        store, pepper = open_keys(Settings(data_dir=self.data_dir, redis_url=self.redis_url))
        with closing(store):
            _, secret = issue(store, pepper, user_id=user_id, scopes=scopes, ttl=ttl)
        return secret

    @cached_property
    def channel(self) -> grpc.Channel:
        return grpc.insecure_channel(self.address, CHANNEL_OPTIONS)

    @property
    def metadata(self) -> tuple[tuple[str, str], ...]:
        return (("x-api-key", self.key),)

    @cached_property
    def stub(self) -> OcrServiceStub:
        return OcrServiceStub(self.channel)

    @cached_property
    def keys(self) -> ApiKeyServiceStub:
        return ApiKeyServiceStub(self.channel)

    def said(self) -> str:
        """All that it has printed until now."""
        mark = secrets.token_hex(8)
        request = ocr_service_pb2.GetCapabilitiesRequest()
        self.stub.GetCapabilities(request, metadata=(*self.metadata, ("x-request-id", mark)))
        eventually(lambda: any(entry.get("request_id") == mark for entry in self.log))
        return "\n".join(self.output)

    def stop(self) -> int:
        """Send SIGTERM, wait for the end, return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


def eventually(found: Callable[[], T]) -> T:
    """Ask until there is something, and return it: what a server prints comes by a thread."""
    end = time.monotonic() + WAIT_SECONDS
    while not (value := found()):
        assert time.monotonic() < end
        time.sleep(0.02)
    return value


@contextmanager
def running_server(
    data_dir: Path,
    *flags: str,
    program: Sequence[str] = ("-m", "ocr_service"),
    environ: dict[str, str] | None = None,
) -> Iterator[Server]:
    """Run ``ocr-service serve`` on a free port, with a key store of its own, until the end."""
    arguments = ["serve", "--listen=127.0.0.1:0", f"--data-dir={data_dir}", "--log-format=json"]
    process = subprocess.Popen(
        [sys.executable, *program, *arguments, *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | (environ or {}),
    )
    log: list[dict[str, object]] = []
    output: list[str] = []
    serving = threading.Event()
    threads = [
        threading.Thread(target=_follow, args=(process, log, output, serving), daemon=True),
        threading.Thread(target=_collect, args=(process, output), daemon=True),
    ]
    for thread in threads:
        thread.start()
    try:
        if not serving.wait(START_SECONDS) or process.poll() is not None:
            raise RuntimeError("the server did not start:\n" + "\n".join(output))
        port = next(entry["port"] for entry in log if entry.get("event") == "serving")
        assert isinstance(port, int)
        redis_url = (environ or {}).get("OCR_REDIS_URL", "")
        needs_keys = "--insecure-no-auth" not in flags
        server = Server(process, data_dir, port, log, output, redis_url, needs_keys)
        if "--first-key" in flags:  # which is printed by another thread than the log
            eventually(lambda: any("Stop with Ctrl-C" in line for line in output))
        yield server
        if "channel" in server.__dict__:
            server.channel.close()
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise
        for thread in threads:
            thread.join(STOP_SECONDS)


def _follow(
    process: subprocess.Popen[str],
    log: list[dict[str, object]],
    output: list[str],
    serving: threading.Event,
) -> None:
    """Read the log until the process ends."""
    assert process.stderr is not None
    with process.stderr as stream:
        for line in stream:
            output.append(line.rstrip())
            if line.startswith("{"):
                log.append(json.loads(line))
                if log[-1].get("event") == "serving":
                    serving.set()
    serving.set()


def _collect(process: subprocess.Popen[str], output: list[str]) -> None:
    assert process.stdout is not None
    with process.stdout as stream:
        output.extend(line.rstrip() for line in stream)
