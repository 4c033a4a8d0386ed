"""What is known about the call at hand: who makes it, under which id."""

import time
from contextvars import ContextVar
from dataclasses import dataclass, field

from ocr_service.api_keys import ApiKey
from ocr_service.errors import ApiKeyMissing
from ocr_service.observation import Tally


@dataclass(slots=True)
class Call:
    """One RPC.

    Attributes:
        request_id: From the caller's metadata, or made here.
        method: Full method name, such as ``/ocr.v1.OcrService/Recognize``.
        key: The key it came with; None while it has not been checked.
        began: When it arrived, by the monotonic clock.
        tally: What its jobs and replies were.
    """

    request_id: str
    method: str
    key: ApiKey | None = None
    began: float = field(default_factory=time.monotonic)
    tally: Tally = field(default_factory=Tally)


_current: ContextVar[Call] = ContextVar("call")


def begin(call: Call) -> None:
    """Make it the call of this task."""
    _current.set(call)


def current() -> Call:
    """The call of this task."""
    return _current.get()


def request_id() -> str:
    """The id of this task's call; empty outside of calls."""
    this = _current.get(None)
    return "" if this is None else this.request_id


def current_key() -> ApiKey:
    """The key of this call.

    Raises:
        ApiKeyMissing: It came with none.
    """
    key = current().key
    if key is None:
        raise ApiKeyMissing("This call needs an API key in its metadata.")
    return key
