"""Bare grpc.aio servers: the least that gRPC itself costs, to compare with."""

import asyncio
import multiprocessing
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeAlias

import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

METHOD = "/ocr.v1.OcrService/Recognize"
UNLIMITED = (("grpc.max_receive_message_length", -1),)
_READY_SECONDS = 60.0
Handler: TypeAlias = "grpc.RpcMethodHandler[Any, Any]"


@contextmanager
def running(make: Callable[..., Handler], *args: object) -> Iterator[tuple[str, int]]:
    """Serve one method and health, in a process of its own. Yields its address and process id.

    Args:
        make: `echo` or `refuse`.
        args: For it.
    """
    port = free_port()
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=_run, args=(port, make, *args), daemon=True)
    process.start()
    try:
        yield ready(f"127.0.0.1:{port}"), process.pid or 0
    finally:
        process.kill()
        process.join()


def echo(replies: dict[int, bytes]) -> Handler:
    """Answers with the reply that belongs to a request of that length."""

    async def reply(request: bytes, _context: object) -> bytes:
        return replies[len(request)]

    behavior: Callable[[bytes, Any], Awaitable[bytes]] = reply
    return grpc.unary_unary_rpc_method_handler(behavior)


def refuse() -> Handler:
    """Refuses every call before its message is read."""

    async def behavior(_requests: object, context: Any) -> AsyncIterator[bytes]:
        context.set_code(grpc.StatusCode.UNAVAILABLE)
        context.set_details("full")
        nothing: tuple[bytes, ...] = ()
        for message in nothing:
            yield message

    return grpc.stream_stream_rpc_method_handler(behavior)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def ready(address: str) -> str:
    """Wait until somebody serves there; returns the address."""
    with grpc.insecure_channel(address) as channel:
        grpc.channel_ready_future(channel).result(_READY_SECONDS)
    return address


def _run(port: int, make: Callable[..., Handler], *args: object) -> None:
    asyncio.run(_serve(port, make(*args)))


async def _serve(port: int, handler: Handler) -> None:
    server = grpc.aio.server(options=UNLIMITED)
    service, method = METHOD[1:].split("/")
    handlers = grpc.method_handlers_generic_handler(service, {method: handler})
    server.add_generic_rpc_handlers((handlers,))
    status = health.aio.HealthServicer()
    await status.set("", health_pb2.HealthCheckResponse.SERVING)
    health_pb2_grpc.add_HealthServicer_to_server(status, server)
    server.add_insecure_port(f"127.0.0.1:{port}")
    await server.start()
    await server.wait_for_termination()
