"""Runs the gateway: alone, or as a process beside the server."""

import multiprocessing
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import connection

import structlog

from ocr_service import logs
from ocr_service.config import Settings
from ocr_service.gateway.app import create_app
from ocr_service.gateway.bindings import bindings
from ocr_service.gateway.calls import Backend, open_channel
from ocr_service.gateway.http_server import THREADS, HttpServer, bind

_HEALTH_THREADS = 8
_RESTART_SECONDS = 1.0

log = structlog.get_logger()


def run(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT, then drain.

    Raises:
        SettingsError: An address is taken, or the server's address or certificates are wrong.
    """
    sockets = bind(settings.gateway_listen)
    server = _server(settings, sockets)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: server.stop())
    log.info("serving HTTP", ports=ports(sockets))
    server.run(settings.drain_seconds)
    log.info("stopped HTTP")


@contextmanager
def beside(settings: Settings) -> Iterator[tuple[str, list[int]]]:
    """Run the gateway in a process of its own while the block runs.

    It ends when the block does: the server has drained by then, so what the gateway had in hand is
    answered. If it dies before, another takes its place; callers wait in the sockets' queues.

    Yields:
        The address at which the server must listen for the gateway, and the gateway's ports. The
        address is a socket in a folder of this user, so that TLS and its names play no part.

    Raises:
        SettingsError: An address is taken.
    """
    sockets = bind(settings.gateway_listen)
    folder = tempfile.mkdtemp(prefix="ocr-service-")
    link = f"unix:{folder}/grpc"
    over = threading.Event()
    keeper = threading.Thread(target=_keep, args=(settings, sockets, link, over), name="gateway")
    keeper.start()
    log.info("serving HTTP", ports=ports(sockets))
    try:
        yield link, ports(sockets)
    finally:
        over.set()
        keeper.join()
        for listening in sockets:
            listening.close()
        shutil.rmtree(folder, ignore_errors=True)


def ports(sockets: Sequence[socket.socket]) -> list[int]:
    """Where they listen."""
    return [listening.getsockname()[1] for listening in sockets]


def _keep(
    settings: Settings, sockets: Sequence[socket.socket], link: str, over: threading.Event
) -> None:
    keeps_keys = settings.anonymous_user or settings.open_enrolment
    ours = settings.model_copy(
        update={
            "gateway_server": link,
            "gateway_ca": None,
            "gateway_certificate": None,
            "redis_url": settings.redis_url if keeps_keys else "",
        }
    )
    context = multiprocessing.get_context("spawn")
    while not over.is_set():
        process = context.Process(target=_child, args=(ours, sockets), name="gateway")
        process.start()
        while process.is_alive() and not over.wait(_RESTART_SECONDS):
            pass
        if over.is_set():
            process.terminate()
        else:
            log.error("the gateway's process ended; starting another", exit_code=process.exitcode)
        process.join()


def _child(settings: Settings, sockets: Sequence[socket.socket]) -> None:
    logs.configure(settings.log_level, settings.log_format)
    server = _server(settings, sockets)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches both; the parent ends this one
    signal.signal(signal.SIGTERM, lambda *_: server.stop())
    threading.Thread(target=_end_with_parent, args=(server,), daemon=True).start()
    server.run(settings.drain_seconds)


def _end_with_parent(server: HttpServer) -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        server.stop()


def _server(settings: Settings, sockets: Sequence[socket.socket]) -> HttpServer:
    backend = Backend(open_channel(settings))
    streamed = [binding.path for binding in bindings() if binding.method.client_streaming]
    app = create_app(settings, backend, THREADS - _HEALTH_THREADS)
    return HttpServer(app, sockets, 2 * settings.max_content_bytes, streamed)
