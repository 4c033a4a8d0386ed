"""A real Redis for tests, on a free port, that can be made to fail."""

import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import redis

_START_SECONDS = 30.0


@dataclass
class RedisServer:
    """Keeps nothing over a restart."""

    folder: Path
    port: int
    process: subprocess.Popen[bytes] = field(init=False)

    def __post_init__(self) -> None:
        self.start()

    @property
    def url(self) -> str:
        return self.database(0)

    def database(self, number: int) -> str:
        """The address of one of its sixteen databases."""
        return f"redis://127.0.0.1:{self.port}/{number}"

    def client(self) -> redis.Redis:
        return redis.Redis(port=self.port)

    def start(self) -> None:
        flags = {"bind": "127.0.0.1", "port": self.port, "save": "", "dir": self.folder}
        pairs = [word for name, value in flags.items() for word in (f"--{name}", f"{value}")]
        self.process = subprocess.Popen(["redis-server", *pairs], stdout=subprocess.DEVNULL)
        until = time.monotonic() + _START_SECONDS
        with self.client() as client:
            while True:
                try:
                    client.ping()
                except redis.ConnectionError:
                    if time.monotonic() > until or self.process.poll() is not None:
                        raise
                    time.sleep(0.01)
                else:
                    return

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def pause(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.process.send_signal(signal.SIGCONT)


def free_port() -> int:
    """A port that nobody has at this moment."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


@contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    """Run one until the end; the test is skipped where there is no ``redis-server``."""
    if shutil.which("redis-server") is None:
        pytest.skip("no redis-server here; `scripts/setup.sh dev` installs it where it may")
    server = RedisServer(folder, free_port())
    try:
        yield server
    finally:
        server.kill()
