"""A circuit breaker: who has just failed is not asked for a while, then once to see.

https://martinfowler.com/bliki/CircuitBreaker.html; closed, open and half-open are its states.
"""

import time


class Breaker:
    """Opens after some failures in a row."""

    def __init__(self, failures: int, seconds: float) -> None:
        """Open after so many failures, and for so long before the next try."""
        self._most_failures = failures
        self._failures = 0
        self._seconds = seconds
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
        self._try_at = now + self._seconds
        return True

    def succeeded(self) -> None:
        """There was an answer."""
        self._failures = 0
        self._try_at = None

    def failed(self) -> None:
        """There was none."""
        self._failures += 1
        if self._failures >= self._most_failures:
            self._try_at = time.monotonic() + self._seconds
