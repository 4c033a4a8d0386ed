"""The outermost interceptor: counts calls of health and reflection, which pass the others by."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import grpc
from grpc import StatusCode
from typing_extensions import override

from ocr_service.auth import OPEN
from ocr_service.metrics import Metrics
from ocr_service.observation import method_name

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = grpc.RpcMethodHandler[Any, Any]
    Context = grpc.aio.ServicerContext[Any, Any]
    Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]

_KINDS = ("unary_unary", "unary_stream", "stream_stream")


class OpenCallInterceptor(grpc.aio.ServerInterceptor):
    """Adds a count to what gRPC's own servicers do, and nothing else."""

    def __init__(self, metrics: Metrics) -> None:
        self._metrics = metrics

    @override
    async def intercept_service(
        self, continuation: "Continuation", handler_call_details: grpc.HandlerCallDetails
    ) -> "Handler | None":
        """Return the method's handler, counted if it is an open one."""
        handler = await continuation(handler_call_details)
        method = handler_call_details.method
        if handler is None or not method.startswith(OPEN):
            return handler
        kind = next(kind for kind in _KINDS if getattr(handler, kind) is not None)
        parts: Any = handler  # a named tuple, which the published types do not tell
        counted: Handler = parts._replace(**{kind: self._counted(method, getattr(parts, kind))})
        return counted

    def _counted(self, method: str, behavior: Any) -> Any:
        if inspect.isasyncgenfunction(behavior):

            async def stream(request: Any, context: "Context") -> AsyncGenerator[Any]:
                with self._count(method, context):
                    async for reply in behavior(request, context):
                        yield reply

            return stream

        async def answer(request: Any, context: "Context") -> Any:
            with self._count(method, context):
                return await behavior(request, context)

        return answer

    @contextmanager
    def _count(self, method: str, context: "Context") -> Iterator[None]:
        """Count the call at its end. Its time tells nothing: a Watch lasts as its watcher likes."""
        code = StatusCode.UNKNOWN
        try:
            yield
            code = StatusCode.OK
        except grpc.aio.AbortError:
            code = context.code()
            raise
        except (asyncio.CancelledError, GeneratorExit):
            code = StatusCode.CANCELLED
            raise
        finally:
            self._metrics.call_ended(method_name(method), code.name)
