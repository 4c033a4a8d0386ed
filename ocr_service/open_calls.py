"""Calls that need no key: health and reflection, which gRPC's own servicers answer."""

import asyncio
import inspect
from collections.abc import AsyncGenerator, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

import grpc
from grpc import StatusCode

from ocr_service.metrics import Metrics
from ocr_service.observation import method_name

if TYPE_CHECKING:
    from collections.abc import Callable

    Handler = grpc.RpcMethodHandler[Any, Any]
    Context = grpc.aio.ServicerContext[Any, Any]
    Count = Callable[[Context], AbstractContextManager[None]]

OPEN = ("/grpc.health.v1.Health/", "/grpc.reflection.")
"""Their methods begin so."""

_KINDS = ("unary_unary", "unary_stream", "stream_stream")


def counted(method: str, handler: "Handler | None", metrics: Metrics) -> "Handler | None":
    """The handler of an open method, counted."""
    if handler is None:
        return None
    kind = next(kind for kind in _KINDS if getattr(handler, kind) is not None)
    parts: Any = handler  # a named tuple, which the published types do not tell
    behavior = getattr(parts, kind)
    count = partial(_count, metrics, method_name(method))
    wrap = _stream if inspect.isasyncgenfunction(behavior) else _answer
    counted: Handler = parts._replace(**{kind: wrap(behavior, count)})
    return counted


def _stream(behavior: Any, count: "Count") -> Any:
    async def stream(request: Any, context: "Context") -> AsyncGenerator[Any]:
        with count(context):
            async for reply in behavior(request, context):
                yield reply

    return stream


def _answer(behavior: Any, count: "Count") -> Any:
    async def answer(request: Any, context: "Context") -> Any:
        with count(context):
            return await behavior(request, context)

    return answer


@contextmanager
def _count(metrics: Metrics, method: str, context: "Context") -> Iterator[None]:
    """Count a call at its end. Its time tells nothing: a Watch lasts as its watcher likes."""
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
        metrics.call_ended(method, code.name)
