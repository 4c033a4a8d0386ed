"""Errors as HTTP tells them: a status code and the body of https://google.aip.dev/193.

    {"error": {"code": 400, "message": "...", "status": "INVALID_ARGUMENT", "details": [...]}}

The service's own errors keep their message and details. The codes are google/rpc/code.proto's.
"""

import math
from typing import Any, cast

import grpc
from google.protobuf import json_format
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode
from grpc_status import rpc_status

from ocr_service.errors import (
    Cancelled,
    ContentTooLarge,
    DeadlineExceeded,
    Internal,
    NotImplementedYet,
    OcrError,
    Overloaded,
    ServerAway,
)
from ocr_service.status import status_of

_HTTP = {
    StatusCode.OK: 200,
    StatusCode.CANCELLED: 499,
    StatusCode.UNKNOWN: 500,
    StatusCode.INVALID_ARGUMENT: 400,
    StatusCode.DEADLINE_EXCEEDED: 504,
    StatusCode.NOT_FOUND: 404,
    StatusCode.ALREADY_EXISTS: 409,
    StatusCode.PERMISSION_DENIED: 403,
    StatusCode.UNAUTHENTICATED: 401,
    StatusCode.RESOURCE_EXHAUSTED: 429,
    StatusCode.FAILED_PRECONDITION: 400,
    StatusCode.ABORTED: 409,
    StatusCode.OUT_OF_RANGE: 400,
    StatusCode.UNIMPLEMENTED: 501,
    StatusCode.INTERNAL: 500,
    StatusCode.UNAVAILABLE: 503,
    StatusCode.DATA_LOSS: 500,
}
_BY_NUMBER: dict[int, StatusCode] = {code.value[0]: code for code in StatusCode}


class Refusal(Exception):
    """A request that is not answered as asked.

    Attributes:
        status: Code, message and details.
        http: HTTP status code.
    """

    def __init__(self, status: status_pb2.Status, http: int | None = None) -> None:
        super().__init__(status.message)
        self.status = status
        self.http = http or _HTTP[self.code]

    @classmethod
    def of(cls, error: OcrError, http: int | None = None) -> "Refusal":
        """Return the refusal for one of our own errors; ``http`` replaces the code's usual one."""
        return cls(status_of(error), http)

    @classmethod
    def of_rpc(cls, error: grpc.RpcError) -> "Refusal":
        """Return the refusal for what a call of the service raised."""
        call = cast("grpc.Call", error)
        try:
            status = rpc_status.from_call(call)
        except (ValueError, DecodeError):  # details that contradict the status are no details
            status = None
        if status is not None and status.details:
            return cls(status)
        return _without_details(call.code(), call.details() or "")

    @property
    def code(self) -> StatusCode:
        """The gRPC code."""
        return _BY_NUMBER.get(self.status.code, StatusCode.UNKNOWN)

    @property
    def body(self) -> dict[str, Any]:
        """What the caller reads."""
        details = [json_format.MessageToDict(detail) for detail in self.status.details]
        message = self.status.message
        error = {"code": self.http, "message": message, "status": self.code.name}
        return {"error": error | {"details": details}}

    @property
    def headers(self) -> dict[str, str]:
        """What HTTP says of it beside the body."""
        headers = {"WWW-Authenticate": "Bearer"} if self.http == 401 else {}
        for detail in self.status.details:
            retry = error_details_pb2.RetryInfo()
            if detail.Unpack(retry):
                seconds = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
                headers["Retry-After"] = str(math.ceil(seconds))
        return headers


def _without_details(code: StatusCode, message: str) -> Refusal:
    """Return the refusal for a status that gRPC made and not the service."""
    if code is StatusCode.UNAVAILABLE:
        text = "The OCR server behind this gateway does not answer. Send the request again."
        return Refusal.of(ServerAway(text, retry_after=1.0))
    if code is StatusCode.DEADLINE_EXCEEDED:
        text = "No answer in the time allowed. Allow more time, or send fewer or smaller pages."
        return Refusal.of(DeadlineExceeded(text))
    if code is StatusCode.RESOURCE_EXHAUSTED and "larger than max" in message:
        return too_large()
    if code is StatusCode.CANCELLED:
        return Refusal.of(Cancelled("The call was stopped."))
    if code is StatusCode.UNIMPLEMENTED:
        return Refusal.of(NotImplementedYet("The server behind this gateway lacks this call."))
    return internal()


def too_large() -> Refusal:
    """The body is larger than any document may be."""
    return Refusal.of(
        ContentTooLarge("The body is too large. Send fewer or smaller pages.", field="content"), 413
    )


def busy() -> Refusal:
    """The gateway has as much in hand as it takes."""
    text = "The gateway has as many requests in hand as it takes. Send the request again."
    return Refusal.of(Overloaded(text, retry_after=1.0))


def internal() -> Refusal:
    """Something failed that is none of the caller's doing."""
    return Refusal.of(
        Internal("The server failed on this request. Report it with its X-Request-Id.")
    )
