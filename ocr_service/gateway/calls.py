"""Calls of the service: one channel, and an end to every call whose HTTP client has gone."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc_health.v1 import health_pb2
from ocr_client.channel import Address
from ocr_client.errors import BadInput

from ocr_service.config import Settings, SettingsError
from ocr_service.gateway.caller import Caller

_LOOK_SECONDS = 0.5
_HEALTH_SECONDS = 2.0
_OPTIONS = (
    ("grpc.max_send_message_length", -1),
    ("grpc.max_receive_message_length", -1),
    ("grpc.enable_retries", 0),  # every answer as the server gave it; the HTTP client decides
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)

Gone = Callable[[], bool]
"""Tells whether the HTTP client has closed its connection."""


class Backend:
    """The service, as the gateway calls it."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel
        self._departures = _Departures()

    def unary(self, method: MethodDescriptor, request: Message, caller: Caller, gone: Gone) -> Any:
        """Return the reply.

        Raises:
            grpc.RpcError: The service refused or failed, or the client has gone.
        """
        stub: Any = self._channel.unary_unary(*_arguments(method))
        call = stub.future(request, timeout=caller.timeout, metadata=caller.metadata)
        with self._departures.watch(call, gone):
            return call.result()

    @contextmanager
    def stream(
        self,
        method: MethodDescriptor,
        request: Message | Iterator[Message],
        caller: Caller,
        gone: Gone,
    ) -> Iterator[Any]:
        """Open a call that is answered by a stream, and end it on leaving."""
        both_ways = isinstance(request, Iterator)
        kind = self._channel.stream_stream if both_ways else self._channel.unary_stream
        stub: Any = kind(*_arguments(method))
        call = stub(request, timeout=caller.timeout, metadata=caller.metadata)
        try:
            with self._departures.watch(call, gone):
                yield call
        finally:
            call.cancel()

    def is_serving(self) -> bool:
        """Whether the service says that it takes calls."""
        check: Any = self._channel.unary_unary(
            "/grpc.health.v1.Health/Check",
            health_pb2.HealthCheckRequest.SerializeToString,
            health_pb2.HealthCheckResponse.FromString,
        )
        try:
            reply = check(health_pb2.HealthCheckRequest(), timeout=_HEALTH_SECONDS)
        except grpc.RpcError:
            return False
        return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)


def open_channel(settings: Settings) -> grpc.Channel:
    """Return a channel to ``gateway_server``; it connects when it is first used.

    Raises:
        SettingsError: The address is none, or a certificate cannot be read.
    """
    try:
        address = Address.parse(settings.gateway_server)
        files = (settings.gateway_ca, settings.gateway_key, settings.gateway_certificate)
        ca, key, certificate = (path.read_bytes() if path else None for path in files)
    except (BadInput, OSError) as exc:
        raise SettingsError(f"The server cannot be reached so: {exc}") from exc
    options = (*_OPTIONS, ("grpc.enable_http_proxy", 0)) if address.loopback else _OPTIONS
    if not (address.tls or ca or certificate):
        return grpc.insecure_channel(address.target, options)
    return grpc.secure_channel(
        address.target, grpc.ssl_channel_credentials(ca, key, certificate), options
    )


def _arguments(method: MethodDescriptor) -> tuple[str, Any, Any]:
    path = f"/{method.containing_service.full_name}/{method.name}"
    output = GetMessageClass(method.output_type)
    return path, GetMessageClass(method.input_type).SerializeToString, output.FromString


class _Departures:
    """Cancels calls whose client has gone; looks twice a second, from a thread of its own."""

    def __init__(self) -> None:
        self._calls: dict[int, tuple[Any, Gone]] = {}
        threading.Thread(target=self._run, name="departures", daemon=True).start()

    @contextmanager
    def watch(self, call: Any, gone: Gone) -> Iterator[None]:
        self._calls[id(call)] = (call, gone)
        try:
            yield
        finally:
            del self._calls[id(call)]

    def _run(self) -> None:
        while True:
            time.sleep(_LOOK_SECONDS)
            for call, gone in list(self._calls.values()):
                if gone():
                    call.cancel()
