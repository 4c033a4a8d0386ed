"""Errors as they go over the wire: a code, a sentence, and google.rpc details in the trailers.

https://google.aip.dev/193 for the details,
https://github.com/grpc/proposal/blob/master/A6-client-retries.md for the pushback.
"""

import structlog
from google.protobuf import any_pb2, duration_pb2
from google.rpc import error_details_pb2, status_pb2

from ocr_service.errors import Internal, OcrError
from ocr_service.pool.failures import JobFailedError, describe

DOMAIN = "ocr.v1"
_DETAILS = "grpc-status-details-bin"
_PUSHBACK = "grpc-retry-pushback-ms"
_LONGEST_PUSHBACK = 60.0  # seconds; for longer a call should not hang in its client, but fail

log = structlog.get_logger()


def known(exc: BaseException) -> OcrError:
    """Return the error that the caller may see; the unknown is logged and becomes `Internal`."""
    if isinstance(exc, OcrError):
        return exc
    cause = str(exc) if isinstance(exc, JobFailedError) else describe(exc)
    log.error("internal error", cause=cause)
    return Internal(
        "The server failed on this request. Report it with the request id in the trailers."
    )


def code_number(error: OcrError) -> int:
    """The google.rpc.Code."""
    number: int = error.code.value[0]
    return number


def status_of(error: OcrError) -> status_pb2.Status:
    """Code, sentence and details."""
    details = [_pack(error_details_pb2.ErrorInfo(reason=error.reason, domain=DOMAIN))]
    if error.field:
        violation = error_details_pb2.BadRequest.FieldViolation(
            field=error.field, description=error.message
        )
        details.append(_pack(error_details_pb2.BadRequest(field_violations=[violation])))
    if error.retry_after is not None:
        delay = duration_pb2.Duration()
        delay.FromMilliseconds(int(error.retry_after * 1000))
        details.append(_pack(error_details_pb2.RetryInfo(retry_delay=delay)))
    return status_pb2.Status(code=code_number(error), message=error.message, details=details)


def trailers(error: OcrError) -> tuple[tuple[str, str | bytes], ...]:
    """Trailing metadata that tells a program what went wrong."""
    metadata: list[tuple[str, str | bytes]] = [(_DETAILS, status_of(error).SerializeToString())]
    if error.retry_after is not None:
        waits = error.retry_after <= _LONGEST_PUSHBACK
        metadata.append((_PUSHBACK, str(int(error.retry_after * 1000)) if waits else "-1"))
    return tuple(metadata)


def _pack(detail: object) -> any_pb2.Any:
    packed = any_pb2.Any()
    packed.Pack(detail)  # type: ignore[arg-type]
    return packed
