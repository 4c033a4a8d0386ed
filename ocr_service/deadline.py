"""The moment by which work must be done, carried from the request to the engine."""

import threading
import time
from dataclasses import dataclass, field

from ocr_service.errors import Cancelled, DeadlineExceeded

OUT_OF_TIME = "The time for the request ran out. Allow more time, or send fewer or smaller pages."


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point in time, and a flag that ends the work earlier.

    Stages call `check` between steps. In a worker process that is a courtesy: the pool kills what
    does not listen. In a thread it is the only way to stop.

    Attributes:
        expires: Value of ``time.monotonic()`` at which the time is over; it is one clock for all
            processes of a machine.
        cancelled: Set when the caller has gone.
    """

    expires: float
    cancelled: threading.Event | None = field(default=None, compare=False)

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the deadline that many seconds from now."""
        return cls(time.monotonic() + seconds)

    def remaining(self) -> float:
        """Seconds left, never below 0."""
        return max(0.0, self.expires - time.monotonic())

    def check(self) -> None:
        """Return while there is time.

        Raises:
            Cancelled: The caller has gone.
            DeadlineExceeded: The time is over.
        """
        if self.cancelled is not None and self.cancelled.is_set():
            raise Cancelled("The caller stopped the request.")
        if self.remaining() <= 0:
            raise DeadlineExceeded(OUT_OF_TIME)
