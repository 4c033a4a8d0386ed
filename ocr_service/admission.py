"""The interceptor that refuses a call the queue has no room for, before the call's body is read."""

from typing import TYPE_CHECKING, Any

import grpc
from typing_extensions import override

from ocr_service.call import current_key
from ocr_service.pool import Pool

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    Handler = grpc.RpcMethodHandler[Any, Any]
    Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]

_QUEUED = frozenset(
    f"/ocr.v1.OcrService/{name}"
    for name in ("Recognize", "RecognizeDocument", "FindEntities", "Redact")
)
"""Methods whose first job waits in the queue or is refused; a batch waits until there is room."""


class AdmissionInterceptor(grpc.aio.ServerInterceptor):
    """Spares the server what a call costs that the queue would refuse anyway."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    @override
    async def intercept_service(
        self, continuation: "Continuation", handler_call_details: grpc.HandlerCallDetails
    ) -> "Handler | None":
        """Return the method's handler.

        Raises:
            Overloaded: The queue is full, and the caller has no claim to a place in it.
        """
        if handler_call_details.method in _QUEUED:
            self._pool.check_room(current_key().id)
        return await continuation(handler_call_details)
