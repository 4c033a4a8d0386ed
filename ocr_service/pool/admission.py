"""Who may wait for a worker, for how long, and who is next.

The queue is bounded by the wait it would cause, not by a count: it takes as many jobs as the
workers finish in four fifths of ``queue_seconds``, by the mean time of recent jobs, and at most
``queue_bytes`` of content. Callers take turns: each tenant has a line of its own, and a free worker
goes to the next tenant. When the queue is full and the newcomer has fewer jobs in it than another
tenant has, the longest line gives up its last job; so a burst of one caller refuses that caller's
jobs. What was taken and still waits after ``queue_seconds``, since jobs turned out longer or other
tenants came, is refused then, unless it is patient. As many jobs as there are workers may always
wait, for two jobs' time where that is longer.
"""

import asyncio
import math
import time
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from ocr_service.deadline import OUT_OF_TIME, Deadline
from ocr_service.errors import DeadlineExceeded, Overloaded

_FIRST_GUESS = 0.25  # seconds a job takes, until jobs have been seen
_FILLED = 0.8  # of the time allowed: jobs differ, and their mean comes after the fact
_WEIGHT = 0.1  # of the newest job in the running mean
_SHORTEST = 0.001  # seconds; keeps the limit finite
_JOBS_AHEAD = 2  # that may be waited for, however long they take
_RETRY_SECONDS = (0.1, 5.0)


@dataclass(eq=False, slots=True)
class _Waiter:
    tenant: str
    size: int
    turn: asyncio.Future[None] = field(default_factory=asyncio.Future)

    @property
    def has_turn(self) -> bool:
        """Whether it was given a slot, and neither gave up before nor was refused."""
        return self.turn.done() and not self.turn.cancelled() and not self.turn.exception()


class Admission:
    """A bounded, fair queue in front of a number of slots. Used from one event loop only."""

    def __init__(self, slots: int, queue_seconds: float, queue_bytes: int) -> None:
        self._slots = slots
        self._free = slots
        self._queue_seconds = queue_seconds
        self._queue_bytes = queue_bytes
        self._mean = _FIRST_GUESS
        self._lines: OrderedDict[str, deque[_Waiter]] = OrderedDict()
        self._since: dict[_Waiter, float] = {}  # of all lines, in the order of arrival
        self._waiting_bytes = 0
        self._changed = asyncio.Event()

    @property
    def free(self) -> int:
        """Slots that nobody holds."""
        return self._free

    @property
    def limit(self) -> int:
        """Jobs that may wait now."""
        return max(self._slots, int(self._slots * _FILLED * self._queue_seconds / self._mean))

    @property
    def _longest_wait(self) -> float:
        return max(self._queue_seconds, _JOBS_AHEAD * self._mean)

    @property
    def waiting(self) -> tuple[int, int, float]:
        """Jobs that wait, their bytes, and seconds that the oldest has waited. From any thread."""
        since = list(self._since.values())  # one step for Python: nobody comes or goes meanwhile
        oldest = time.monotonic() - since[0] if since else 0.0
        return len(since), self._waiting_bytes, oldest

    @asynccontextmanager
    async def slot(
        self, tenant: str, size: int, deadline: Deadline, *, patient: bool
    ) -> AsyncIterator[float]:
        """Wait for a turn and hold a slot. Yields the seconds waited.

        Args:
            tenant: Who asks; tenants take turns.
            size: Bytes that the job keeps in memory while it waits.
            deadline: When to give up.
            patient: Wait longer than ``queue_seconds`` too.

        Raises:
            Overloaded: The queue is full, or was full when a tenant with a shorter line came, or
                the wait took too long.
            DeadlineExceeded: The turn did not come in time.
        """
        began = time.monotonic()
        if self._free > 0:
            self._free -= 1
        else:
            await self._wait(_Waiter(tenant, size), deadline, patient)
        started = time.monotonic()
        try:
            yield started - began
        finally:
            self._mean += _WEIGHT * (max(time.monotonic() - started, _SHORTEST) - self._mean)
            self._release()

    def check_room(self, tenant: str, size: int = 0) -> None:
        """Check that a job may wait: there is room, or a tenant with a longer line makes some.

        Raises:
            Overloaded: It may not.
        """
        if self._is_full(size):
            line = self._lines.get(tenant, ())
            if len(self._longest()) <= len(line) + 1:
                raise self._refusal()

    async def room(self, size: int) -> None:
        """Wait until the queue may take a job of that size."""
        while self._is_full(size):
            await self._changed.wait()

    async def _wait(self, waiter: _Waiter, deadline: Deadline, patient: bool) -> None:
        self._make_room(waiter)
        self._lines.setdefault(waiter.tenant, deque()).append(waiter)
        self._since[waiter] = time.monotonic()
        self._count(waiter.size)
        left, longest = deadline.remaining(), math.inf if patient else self._longest_wait
        try:
            async with asyncio.timeout(min(left, longest)):
                await waiter.turn
        except (TimeoutError, asyncio.CancelledError) as exc:
            if waiter in self._since:
                self._leave(waiter)
            elif waiter.has_turn:
                self._release()  # it came at the very moment of giving up
            if isinstance(exc, TimeoutError):
                over = left <= longest
                raise (DeadlineExceeded(OUT_OF_TIME) if over else self._refusal()) from exc
            raise

    def _make_room(self, newcomer: _Waiter) -> None:
        while self._is_full(newcomer.size):
            self.check_room(newcomer.tenant, newcomer.size)
            last = self._longest()[-1]
            self._leave(last)
            if not last.turn.done():  # it may be about to give up
                last.turn.set_exception(self._refusal())

    def _longest(self) -> deque[_Waiter]:
        return max(self._lines.values(), key=len)

    def _is_full(self, size: int) -> bool:
        too_many = len(self._since) >= self.limit
        too_large = bool(self._since) and self._waiting_bytes + size > self._queue_bytes
        return too_many or too_large

    def _refusal(self) -> Overloaded:
        shortest, longest = _RETRY_SECONDS
        half_empty = len(self._since) * self._mean / self._slots / 2
        return Overloaded(
            "The server is busy and its queue is full. Send the request again after a moment.",
            retry_after=min(max(half_empty, shortest), longest),
        )

    def _release(self) -> None:
        self._free += 1
        while self._lines and self._free:
            tenant, line = next(iter(self._lines.items()))
            self._lines.move_to_end(tenant)
            waiter = line[0]
            self._leave(waiter)
            if not waiter.turn.done():  # it may be about to give up
                self._free -= 1
                waiter.turn.set_result(None)

    def _leave(self, waiter: _Waiter) -> None:
        line = self._lines[waiter.tenant]
        line.remove(waiter)
        if not line:
            del self._lines[waiter.tenant]
        del self._since[waiter]
        self._count(-waiter.size)

    def _count(self, size: int) -> None:
        self._waiting_bytes += size
        self._changed.set()  # wakes all who wait for room; the next ones wait for the next change
        self._changed = asyncio.Event()
