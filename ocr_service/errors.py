"""Every error a caller can meet, with its status code and stable reason.

OcrError
├── BadInput                INVALID_ARGUMENT: the request must change
│   ├── ContentEmpty, ContentUndecodable, FormatUnsupported, MimeTypeMismatch
│   ├── ContentTooLarge, PixelsExceeded, PagesExceeded, PageOutOfRange
│   ├── OptionInvalid, StreamProtocol
│   └── BadHttp, MediaTypeUnsupported           of the gateway
├── ApiKeyMissing, ApiKeyInvalid      UNAUTHENTICATED
├── ScopeInsufficient                 PERMISSION_DENIED
├── ApiKeyNotFound                    NOT_FOUND
├── LanguageNotInstalled, EngineNotInstalled, ApiKeyEnded      FAILED_PRECONDITION
├── RateLimited                       RESOURCE_EXHAUSTED: may be sent again later
├── Overloaded, Draining, KeyStoreUnavailable, ServerAway      UNAVAILABLE: may be sent again
├── RouteNotFound, MethodNotAllowed   of the gateway
├── DeadlineExceeded, Cancelled
├── NotImplementedYet                 UNIMPLEMENTED
└── EngineCrashed, Internal           INTERNAL

A message says what to do next. It never holds recognised text, a key or a path.
"""

from typing import ClassVar

from grpc import StatusCode


class OcrError(Exception):
    """Root of the tree.

    Args:
        message: A sentence for the caller that says what to do next.
        field: Path of the request field at fault, such as ``options.dpi``; empty if none is.
        retry_after: Seconds after which the same request may succeed; None if it will not.
    """

    code: ClassVar[StatusCode] = StatusCode.INTERNAL
    reason: ClassVar[str] = "INTERNAL"

    def __init__(self, message: str, *, field: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.retry_after = retry_after


class BadInput(OcrError):
    """The request itself is at fault; sending it again unchanged fails again."""

    code = StatusCode.INVALID_ARGUMENT


class ContentEmpty(BadInput):
    """There are no bytes."""

    reason = "CONTENT_EMPTY"


class ContentUndecodable(BadInput):
    """The bytes claim a format but are damaged."""

    reason = "CONTENT_UNDECODABLE"


class FormatUnsupported(BadInput):
    """The bytes are of no format that is read here."""

    reason = "FORMAT_UNSUPPORTED"


class MimeTypeMismatch(BadInput):
    """The bytes are of another type than the caller says."""

    reason = "MIME_TYPE_MISMATCH"


class ContentTooLarge(BadInput):
    """Too many bytes."""

    reason = "CONTENT_TOO_LARGE"


class PixelsExceeded(BadInput):
    """A page has too many pixels or too long a side."""

    reason = "PIXELS_EXCEEDED"


class PagesExceeded(BadInput):
    """The document has too many pages."""

    reason = "PAGES_EXCEEDED"


class PageOutOfRange(BadInput):
    """A page was asked for that the document does not have."""

    reason = "PAGE_OUT_OF_RANGE"


class OptionInvalid(BadInput):
    """An option has a value that it cannot have."""

    reason = "OPTION_INVALID"


class StreamProtocol(BadInput):
    """The messages of a stream came in an order that they cannot have."""

    reason = "STREAM_PROTOCOL"


class BadHttp(BadInput):
    """What came to the gateway is no HTTP request that can be read."""

    reason = "BAD_HTTP"


class MediaTypeUnsupported(BadInput):
    """The body of an HTTP request is of a media type that is not read there."""

    reason = "MEDIA_TYPE_UNSUPPORTED"


class RouteNotFound(OcrError):
    """Nothing is at this address of the gateway."""

    code = StatusCode.NOT_FOUND
    reason = "ROUTE_NOT_FOUND"


class MethodNotAllowed(OcrError):
    """The address takes another HTTP method."""

    code = StatusCode.UNIMPLEMENTED
    reason = "METHOD_NOT_ALLOWED"


class ApiKeyMissing(OcrError):
    """The call carries no key."""

    code = StatusCode.UNAUTHENTICATED
    reason = "API_KEY_MISSING"


class ApiKeyInvalid(OcrError):
    """The key is unknown, expired or revoked; which of them is not said."""

    code = StatusCode.UNAUTHENTICATED
    reason = "API_KEY_INVALID"


class ScopeInsufficient(OcrError):
    """The key does not allow this call."""

    code = StatusCode.PERMISSION_DENIED
    reason = "SCOPE_INSUFFICIENT"


class ApiKeyNotFound(OcrError):
    """No key has the id that an administrator names."""

    code = StatusCode.NOT_FOUND
    reason = "API_KEY_NOT_FOUND"


class ApiKeyEnded(OcrError):
    """The key is revoked, expired or replaced, so it cannot be rotated."""

    code = StatusCode.FAILED_PRECONDITION
    reason = "API_KEY_ENDED"


class LanguageNotInstalled(OcrError):
    """The engine has no data for a language."""

    code = StatusCode.FAILED_PRECONDITION
    reason = "LANGUAGE_NOT_INSTALLED"


class EngineNotInstalled(OcrError):
    """The engine is not on this server."""

    code = StatusCode.FAILED_PRECONDITION
    reason = "ENGINE_NOT_INSTALLED"


class RateLimited(OcrError):
    """The key has had as much as it may have for now."""

    code = StatusCode.RESOURCE_EXHAUSTED
    reason = "RATE_LIMITED"


class Overloaded(OcrError):
    """The queue is full."""

    code = StatusCode.UNAVAILABLE
    reason = "OVERLOADED"


class Draining(OcrError):
    """The server is shutting down."""

    code = StatusCode.UNAVAILABLE
    reason = "DRAINING"


class KeyStoreUnavailable(OcrError):
    """Keys cannot be checked right now, so the call is refused."""

    code = StatusCode.UNAVAILABLE
    reason = "KEY_STORE_UNAVAILABLE"


class ServerAway(OcrError):
    """The server behind the gateway does not answer."""

    code = StatusCode.UNAVAILABLE
    reason = "SERVER_AWAY"


class DeadlineExceeded(OcrError):
    """The time for the request ran out."""

    code = StatusCode.DEADLINE_EXCEEDED
    reason = "DEADLINE_EXCEEDED"


class Cancelled(OcrError):
    """The caller stopped the request."""

    code = StatusCode.CANCELLED
    reason = "CANCELLED"


class NotImplementedYet(OcrError):
    """This version of the service cannot do it."""

    code = StatusCode.UNIMPLEMENTED
    reason = "NOT_IMPLEMENTED"


class EngineCrashed(OcrError):
    """The worker died while it worked on the request, twice."""

    reason = "ENGINE_CRASHED"


class Internal(OcrError):
    """Anything else; the cause is in the log, under the request id."""
