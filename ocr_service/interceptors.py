"""What every call goes through: request id, admission, errors to codes, drain, log and count."""

import asyncio
import random
import re
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast

import grpc
import structlog
from grpc import StatusCode
from typing_extensions import override

from ocr_service import call, open_calls
from ocr_service.admission import CallAdmission
from ocr_service.door import Door
from ocr_service.errors import OcrError
from ocr_service.lifecycle import Lifecycle
from ocr_service.metrics import Metrics
from ocr_service.observation import method_name
from ocr_service.status import known, trailers

if TYPE_CHECKING:
    Handler = grpc.RpcMethodHandler[Any, Any]
    Stream = Callable[..., AsyncGenerator[Any]]
    Context = grpc.aio.ServicerContext[Any, Any]
    Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]

_REQUEST_ID = "x-request-id"
_SANE = re.compile(r"[A-Za-z0-9._:/-]{1,64}")

log = structlog.get_logger()


class CallInterceptor(grpc.aio.ServerInterceptor):
    """Wraps every handler, so that whatever it raises becomes a status that helps."""

    def __init__(self, admission: CallAdmission, lifecycle: Lifecycle, metrics: Metrics) -> None:
        self._admission = admission
        self._lifecycle = lifecycle
        self._metrics = metrics
        self._door = Door()
        self._wrapped: dict[str, Handler] = {}

    @override
    async def intercept_service(
        self, continuation: "Continuation", handler_call_details: grpc.HandlerCallDetails
    ) -> "Handler | None":
        """Return the method's handler in its wrapping."""
        method = handler_call_details.method
        if method.startswith(open_calls.OPEN):
            handler = await continuation(handler_call_details)
            return open_calls.counted(method, handler, self._metrics)
        metadata = handler_call_details.invocation_metadata
        this = call.Call(_request_id(metadata), method)
        call.begin(this)
        await self._door.enter()
        try:
            await self._admission.admit(this, metadata)
        except Exception as exc:  # noqa: BLE001  every error leaves by this door
            return self._refusal(known(exc))
        handler = await continuation(handler_call_details)
        if handler is None:
            self._end(StatusCode.UNIMPLEMENTED)
            return None
        if method not in self._wrapped:
            self._wrapped[method] = self._wrap(handler)
        return self._wrapped[method]

    def _wrap(self, handler: "Handler") -> "Handler":
        if handler.unary_unary is not None:
            return grpc.unary_unary_rpc_method_handler(
                self._unary(handler.unary_unary),
                handler.request_deserializer,
                _unless_encoded(handler.response_serializer),
            )
        if handler.unary_stream is not None:
            return grpc.unary_stream_rpc_method_handler(
                self._stream(cast("Stream", handler.unary_stream)),
                handler.request_deserializer,
                handler.response_serializer,
            )
        return grpc.stream_stream_rpc_method_handler(
            self._stream(cast("Stream", handler.stream_stream)),
            handler.request_deserializer,
            handler.response_serializer,
        )

    def _unary(self, behavior: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        async def handle(request: Any, context: "Context") -> Any:
            try:
                with self._lifecycle:
                    reply = await behavior(request, context)
            except asyncio.CancelledError:
                self._end(StatusCode.CANCELLED)
                raise
            except Exception as exc:  # noqa: BLE001  every error leaves by this door
                error = known(exc)
                self._end(error.code, error.reason)
                await context.abort(error.code, error.message, _trailing(error))
            self._succeed(context)
            return reply

        return handle

    def _stream(self, behavior: "Stream") -> Callable[..., Any]:
        async def handle(request: Any, context: "Context") -> AsyncGenerator[Any]:
            try:
                with self._lifecycle:
                    async with aclosing(behavior(request, context)) as replies:
                        async for reply in replies:
                            yield reply
            except asyncio.CancelledError:
                self._end(StatusCode.CANCELLED)
                raise
            except Exception as exc:  # noqa: BLE001  every error leaves by this door
                self._fail(context, known(exc))
            else:
                self._succeed(context)

        return handle

    def _refusal(self, error: OcrError) -> "Handler":
        """A handler that ends the call before any of its messages is read.

        It is a stream's handler for unary calls too: gRPC reads the request of others first.
        """

        async def refuse(_requests: object, context: "Context") -> AsyncGenerator[Any]:
            self._fail(context, error)
            replies: tuple[Any, ...] = ()
            for reply in replies:
                yield reply  # never; but tracing takes only generators for handlers of streams

        return grpc.stream_stream_rpc_method_handler(refuse)

    def _fail(self, context: "Context", error: OcrError) -> None:
        """Give a stream its status. Cheaper than `abort`: its exception and frames make a ring."""
        self._end(error.code, error.reason)
        context.set_code(error.code)
        context.set_details(error.message)
        context.set_trailing_metadata(_trailing(error))

    def _succeed(self, context: "Context") -> None:
        self._end(StatusCode.OK)
        context.set_trailing_metadata(((_REQUEST_ID, call.current().request_id),))

    def _end(self, code: StatusCode, reason: str = "") -> None:
        """Every call ends here, once."""
        this = call.current()
        method = method_name(this.method)
        seconds = time.monotonic() - this.began
        self._metrics.call_ended(method, code.name, reason, seconds)
        log.info(
            "call",
            method=method,
            code=code.name,
            **({"reason": reason} if reason else {}),
            seconds=round(seconds, 4),
            key_id=this.key.id if this.key else "",
            **this.tally.fields(),
        )


def _unless_encoded(encode: Callable[[Any], bytes] | None) -> Callable[[Any], bytes]:
    """Replies that are bytes are encoded already: a worker or the cache had them so."""
    return lambda reply: reply if encode is None or isinstance(reply, bytes) else encode(reply)


def _trailing(error: OcrError) -> tuple[tuple[str, str | bytes], ...]:
    return (*trailers(error), (_REQUEST_ID, call.current().request_id))


def _request_id(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    for name, value in metadata:
        if name == _REQUEST_ID and isinstance(value, str) and _SANE.fullmatch(value):
            return value
    return f"{random.getrandbits(128):032x}"
