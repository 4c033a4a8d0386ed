"""A circuit breaker: who has just failed is not asked for a while, then once to see.

https://martinfowler.com/bliki/CircuitBreaker.html; closed, open and half-open are its states.
"""

import time

import structlog

_FAILURES = 2  # in a row that open it; one may be a hiccup
_OPEN_SECONDS = 1.0

log = structlog.get_logger()


class Breaker:
    """Opens after some failures in a row. A race of threads costs a question more at most."""

    def __init__(self, name: str) -> None:
        """Stand before what the log calls so."""
        self._name = name
        self._failures = 0
        self._try_at: float | None = None  # None: closed

    @property
    def is_closed(self) -> bool:
        """Whether all is well."""
        return self._try_at is None

    def allows(self) -> bool:
        """Whether to ask now. When the time is over one caller may (half-open), the others not.

        A caller that never tells how it went blocks nobody: after the same time the next may try.
        """
        if self._try_at is None:
            return True
        now = time.monotonic()
        if now < self._try_at:
            return False
        self._try_at = now + _OPEN_SECONDS
        return True

    def succeeded(self) -> None:
        """There was an answer."""
        if self._try_at is not None:
            log.info("store answers again", store=self._name)
        self._failures = 0
        self._try_at = None

    def failed(self, cause: str) -> None:
        """There was none, for a cause that tells nothing secret."""
        self._failures += 1
        if self._failures < _FAILURES:
            return
        if self._try_at is None:
            log.warning("store does not answer", store=self._name, cause=cause)
        self._try_at = time.monotonic() + _OPEN_SECONDS
