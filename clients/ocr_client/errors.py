"""Every error the client raises, one class for each kind of answer a caller can give to it.

OcrClientError
├── BadInput             INVALID_ARGUMENT: change the request
├── NotAuthenticated     UNAUTHENTICATED: give a key that works
├── NotPermitted         PERMISSION_DENIED: give a key with more scopes
├── NotFound             NOT_FOUND: name something that is there
├── NotInstalled         FAILED_PRECONDITION: the server lacks an engine or a language
├── KeyEnded             FAILED_PRECONDITION: a key that has ended is not rotated
├── LimitReached         RESOURCE_EXHAUSTED: slow down, or send less
├── Unavailable          UNAVAILABLE: send the same request again later
│   └── ServerAway       nobody answers at the address
├── TimedOut             DEADLINE_EXCEEDED: allow more time
├── Cancelled            CANCELLED
├── NotImplementedYet    UNIMPLEMENTED: a newer server is needed
└── ServerFault          INTERNAL, and whatever the service never sends
"""

# ruff: noqa: N818 - the names say what went wrong

from typing import ClassVar

from grpc import StatusCode


class OcrClientError(Exception):
    """Root of the tree.

    Args:
        message: A sentence that says what to do next.
        code: The status code; the class's own by default.
        reason: The stable reason the server gave, such as ``CONTENT_EMPTY``; empty if it gave none.
        field: Path of the request field at fault, such as ``options.dpi``; empty if none is.
        retry_after: Seconds after which the same request may succeed; None if it will not.
    """

    default_code: ClassVar[StatusCode] = StatusCode.UNKNOWN

    def __init__(
        self,
        message: str,
        *,
        code: StatusCode | None = None,
        reason: str = "",
        field: str = "",
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.default_code
        self.reason = reason
        self.field = field
        self.retry_after = retry_after


class BadInput(OcrClientError):
    """The request itself is at fault; sending it again unchanged fails again."""

    default_code = StatusCode.INVALID_ARGUMENT


class NotAuthenticated(OcrClientError):
    """The call carries no key, or one that does not work."""

    default_code = StatusCode.UNAUTHENTICATED


class NotPermitted(OcrClientError):
    """The key lacks a scope."""

    default_code = StatusCode.PERMISSION_DENIED


class NotInstalled(OcrClientError):
    """The server lacks the engine or the language."""

    default_code = StatusCode.FAILED_PRECONDITION


class NotFound(OcrClientError):
    """Nothing has this id."""

    default_code = StatusCode.NOT_FOUND


class KeyEnded(OcrClientError):
    """The key is revoked, expired or replaced."""

    default_code = StatusCode.FAILED_PRECONDITION


class LimitReached(OcrClientError):
    """Too many calls, or too large a message."""

    default_code = StatusCode.RESOURCE_EXHAUSTED


class Unavailable(OcrClientError):
    """The server cannot answer now; the retries of the channel are used up."""

    default_code = StatusCode.UNAVAILABLE


class ServerAway(Unavailable):
    """Nobody answers at the address, or the connection broke."""


class TimedOut(OcrClientError):
    """The deadline passed."""

    default_code = StatusCode.DEADLINE_EXCEEDED


class Cancelled(OcrClientError):
    """The call was stopped."""

    default_code = StatusCode.CANCELLED


class NotImplementedYet(OcrClientError):
    """This server cannot do it."""

    default_code = StatusCode.UNIMPLEMENTED


class ServerFault(OcrClientError):
    """The server failed, or something between here and there did."""

    default_code = StatusCode.INTERNAL


BY_CODE: dict[StatusCode, type[OcrClientError]] = {
    cls.default_code: cls
    for cls in (
        BadInput,
        NotAuthenticated,
        NotPermitted,
        NotFound,
        NotInstalled,
        LimitReached,
        Unavailable,
        TimedOut,
        Cancelled,
        NotImplementedYet,
        ServerFault,
    )
}
BY_REASON: dict[str, type[OcrClientError]] = {"API_KEY_ENDED": KeyEnded}
"""Where one code stands for two kinds of answer."""
