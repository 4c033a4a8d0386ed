"""Serves the application: sockets, threads, the loop, and an end that loses no answer."""

import socket
import time
from collections.abc import Collection, Sequence
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.task import ThreadedTaskDispatcher

from ocr_service.config import SettingsError
from ocr_service.gateway.body import Budget
from ocr_service.gateway.connection import Server

THREADS = 64
_CONNECTIONS = 512
_RECEIVED_BYTES = 256 << 10  # at once; in pieces of 8 KiB an image costs milliseconds
_BODIES = 8  # of the largest size, that may be in memory at once
_UNSENT_BYTES = 1 << 20  # of an answer's stream, before its sender waits
_NEVER = 1 << 62
_LOOK_SECONDS = 1.0


def bind(addresses: Sequence[str]) -> list[socket.socket]:
    """Return listening sockets.

    Args:
        addresses: Each as host:port; port 0 takes a free one.

    Raises:
        SettingsError: An address is taken or not of this machine.
    """
    sockets = []
    for address in addresses:
        host, _, port = address.rpartition(":")
        family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
        try:
            where = (host.strip("[]"), int(port))
            sockets.append(socket.create_server(where, family=family, backlog=1024))
        except OSError as exc:
            for opened in sockets:
                opened.close()
            raise SettingsError(
                f"The gateway cannot listen on {address}: the address is taken or not of this "
                "machine. Choose another with --gateway-listen."
            ) from exc
    return sockets


class HttpServer:
    """The application behind some sockets.

    Args:
        app: A WSGI application.
        sockets: As `bind` makes them.
        max_body_bytes: Of one request.
        streamed: Paths whose bodies reach the application as they arrive, whatever their size.
    """

    def __init__(
        self,
        app: Any,
        sockets: Sequence[socket.socket],
        max_body_bytes: int,
        streamed: Collection[str],
    ) -> None:
        self._map: dict[int, Any] = {}
        self._stopping = False
        self._threads = ThreadedTaskDispatcher()
        self._threads.set_thread_count(THREADS)
        settings = Adjustments(
            sockets=list(sockets),
            ident=None,
            connection_limit=_CONNECTIONS,
            cleanup_interval=5,
            recv_bytes=_RECEIVED_BYTES,
            inbuf_overflow=_NEVER,  # overflowing is to disk
            outbuf_overflow=_NEVER,
            outbuf_high_watermark=_UNSENT_BYTES,
            max_request_body_size=_NEVER,  # connection.py has the limit, and answers better
            max_request_header_size=64 << 10,
            channel_request_lookahead=1,  # or a client that leaves is not noticed
            clear_untrusted_proxy_headers=False,  # caller.py asks whether there was a proxy
        )
        budget = Budget(_BODIES * max_body_bytes)
        self._servers = [
            Server(
                app,
                self._map,
                _sock=listening,
                dispatcher=self._threads,
                adj=settings,
                sockinfo=(listening.family, listening.type, None, listening.getsockname()),
                bind_socket=False,
                streamed=streamed,
                max_body_bytes=max_body_bytes,
                budget=budget,
            )
            for listening in sockets
        ]

    def run(self, drain_seconds: float) -> None:
        """Serve until `stop`, then finish what is in hand for at most so many seconds."""
        while not self._stopping:
            self._turn(_LOOK_SECONDS)
        for server in self._servers:
            wasyncore.dispatcher.close(server)
        deadline = time.monotonic() + drain_seconds
        while any(server.is_busy for server in self._servers) and time.monotonic() < deadline:
            self._turn(_LOOK_SECONDS / 10)
        self._threads.shutdown(timeout=_LOOK_SECONDS)
        wasyncore.close_all(self._map, ignore_all=True)

    def stop(self) -> None:
        """End `run`; may be called from a signal handler and from any thread."""
        self._stopping = True
        self._servers[0].pull_trigger()

    def _turn(self, seconds: float) -> None:
        wasyncore.loop(seconds, use_poll=True, map=self._map, count=1)
