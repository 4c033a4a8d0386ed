"""Turns what gRPC raises into the client's errors, reading the google.rpc details."""

from typing import cast

import grpc
from google.protobuf.message import DecodeError
from google.rpc import error_details_pb2, status_pb2
from grpc import StatusCode
from grpc_status import rpc_status

from ocr_client.errors import BY_CODE, BY_REASON, OcrClientError, ServerAway, ServerFault

# What gRPC itself says when no server spoke; the service's own refusals carry an ErrorInfo instead.
_TRANSPORT = (
    ("failed to connect to all addresses", "No server answers at {}."),
    ("DNS resolution failed", "The host name of {} is not known."),
)


def translate(error: grpc.RpcError, address: str) -> OcrClientError:
    """Return the client's error for one of gRPC.

    Args:
        error: What a call raised.
        address: Where the call went, for the message.
    """
    code = error.code()
    message = error.details() or ""
    reason, field, retry_after = _details(error)
    if not reason:
        return _without_reason(code, message, address)
    cls = BY_REASON.get(reason) or BY_CODE.get(code, ServerFault)
    return cls(message, code=code, reason=reason, field=field, retry_after=retry_after)


def _details(error: grpc.RpcError) -> tuple[str, str, float | None]:
    """Return reason, field and seconds to wait; empty and None where the status has none."""
    reason, field, retry_after = "", "", None
    for detail in _status(error).details:
        info = error_details_pb2.ErrorInfo()
        request = error_details_pb2.BadRequest()
        retry = error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            reason = info.reason
        elif detail.Unpack(request) and request.field_violations:
            field = request.field_violations[0].field
        elif detail.Unpack(retry):
            retry_after = retry.retry_delay.seconds + retry.retry_delay.nanos / 1e9
    return reason, field, retry_after


def _status(error: grpc.RpcError) -> status_pb2.Status:
    try:
        return rpc_status.from_call(cast("grpc.Call", error)) or status_pb2.Status()
    except (ValueError, DecodeError):  # details that contradict the status are no details
        return status_pb2.Status()


def _without_reason(code: StatusCode, message: str, address: str) -> OcrClientError:
    """Return the error for a status that the service did not write: gRPC or a proxy did."""
    if code is StatusCode.UNAVAILABLE:
        return _away(message, address)
    if code is StatusCode.DEADLINE_EXCEEDED:
        text = "No answer in the time allowed. Allow more time, or send fewer or smaller pages."
        return BY_CODE[code](text, reason="DEADLINE_EXCEEDED")
    if code is StatusCode.RESOURCE_EXHAUSTED and "larger than max" in message:
        text = "The message is larger than the other side accepts. Send fewer or smaller pages."
        return BY_CODE[code](text, reason="CONTENT_TOO_LARGE")
    if code is StatusCode.UNIMPLEMENTED:
        text = f"The server at {address} does not know this call. Is it an OCR server, and new?"
        return BY_CODE[code](text, reason="NOT_IMPLEMENTED")
    if code is StatusCode.CANCELLED:
        return BY_CODE[code]("The call was stopped.", reason="CANCELLED")
    cls = BY_CODE.get(code, ServerFault)
    return cls(f"The server at {address} answered {code.name}: {message}", code=code)


def _away(message: str, address: str) -> ServerAway:
    if "handshake" in message.lower() or "CERTIFICATE_VERIFY_FAILED" in message:
        return ServerAway(
            f"No TLS connection to {address}. Give the server's authority with --ca, or leave TLS "
            "out if the server has none."
        )
    for sign, text in _TRANSPORT:
        if sign in message:
            return ServerAway(
                f"{text.format(address)} Start one with `make serve` or give --server."
            )
    return ServerAway(f"The connection to {address} broke. Send the request again.")
