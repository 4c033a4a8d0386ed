"""The interceptor that refuses a call beyond its key's limits, before the call's body is read."""

from typing import TYPE_CHECKING, Any

import grpc
from typing_extensions import override

from ocr_service.call import current_key
from ocr_service.rate_limits import RateLimits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = grpc.RpcMethodHandler[Any, Any]
    Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]

_SERVICES = "/ocr.v1."
_FREE = "/ocr.v1.ApiKeyService/GetCurrentApiKey"  # so that a caller can always look
_BATCH = "/ocr.v1.OcrService/BatchRecognize"
_READING = frozenset(
    f"/ocr.v1.OcrService/{name}"
    for name in ("Recognize", "RecognizeDocument", "BatchRecognize", "Redact")
)
"""Methods whose replies hold pages."""


class RateLimitInterceptor(grpc.aio.ServerInterceptor):
    """Counts calls. Of a batch each item counts and not the call, see `batch.py`."""

    def __init__(self, limits: RateLimits) -> None:
        self._limits = limits

    @override
    async def intercept_service(
        self, continuation: "Continuation", handler_call_details: grpc.HandlerCallDetails
    ) -> "Handler | None":
        """Return the method's handler.

        Raises:
            RateLimited: The key has had what it may have for now.
        """
        method = handler_call_details.method
        if method.startswith(_SERVICES) and method != _FREE:
            key = current_key()
            if method in _READING:
                await self._limits.check_pages(key)
            if method == _BATCH:
                await self._limits.check_requests(key)
            else:
                await self._limits.count_request(key)
        return await continuation(handler_call_details)
