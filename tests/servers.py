"""Starts real servers for tests."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path

import grpc

from ocr_service.api_keys import Scope, issue, load_pepper
from ocr_service.api_keys.sqlite import SqliteApiKeyStore
from ocr_service.pb.ocr.v1.api_key_service_pb2_grpc import ApiKeyServiceStub
from ocr_service.pb.ocr.v1.ocr_service_pb2_grpc import OcrServiceStub

START_SECONDS = 60
STOP_SECONDS = 60
EVERYTHING = frozenset(Scope)
DEFAULT_SCOPES = frozenset({Scope.RECOGNIZE, Scope.UNMASKED})
CHANNEL_OPTIONS = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_retries", 0),  # tests see every answer as the server gave it
)


@dataclass
class Server:
    """A server process, a channel to it, and keys for it."""

    process: subprocess.Popen[str]
    data_dir: Path
    port: int
    log: list[dict[str, object]]
    output: list[str] = field(default_factory=list)

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
        store = SqliteApiKeyStore(self.data_dir / "keys.sqlite3")
        pepper = load_pepper(self.data_dir)
        try:
            _, secret = issue(store, pepper, user_id=user_id, scopes=scopes, ttl=ttl)
        finally:
            store.close()
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

    def stop(self) -> int:
        """Send SIGTERM, wait for the end, return the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_SECONDS)


def eventually(is_so: Callable[[], bool], seconds: float = 20) -> bool:
    """Ask again until it is so: what a server prints arrives by a thread of its own."""
    end = time.monotonic() + seconds
    while not is_so():
        if time.monotonic() > end:
            return False
        time.sleep(0.02)
    return True


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
        server = Server(process, data_dir, port, log, output)
        if "--first-key" in flags:  # which is printed by another thread than the log
            assert eventually(lambda: any("Stop with Ctrl-C" in line for line in output))
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
