"""A TCP proxy that is slow, stops or breaks off when a test wants it to."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Proxy:
    """Passes on what it is sent, both ways.

    Attributes:
        port: Where it listens.
        chunk: Most bytes that it passes on at once.
        pause: Seconds before it passes anything on.
        flowing: Cleared, nothing passes and nobody is told.
    """

    def __init__(self, target: int) -> None:
        self.chunk = 1 << 16
        self.pause = 0.0
        self.flowing = threading.Event()
        self.flowing.set()
        self._target = target
        self._sockets: list[socket.socket] = []
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def break_off(self) -> None:
        """Reset all connections."""
        for one in self._sockets:
            with suppress(OSError):
                one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
                one.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.break_off()
        self.flowing.set()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self._target))
            except OSError:
                caller.close()
                continue
            self._sockets += [caller, server]
            for ends in ((caller, server), (server, caller)):
                threading.Thread(target=self._pass_on, args=ends, daemon=True).start()

    def _pass_on(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError), source:
            while data := source.recv(self.chunk):
                self.flowing.wait()
                time.sleep(self.pause)
                target.sendall(data)
        with suppress(OSError):
            target.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxy(target: int) -> Iterator[Proxy]:
    """One in front of a port of this machine, until the end."""
    made = Proxy(target)
    try:
        yield made
    finally:
        made.close()
