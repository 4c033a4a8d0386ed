"""The same work, asked for by many at once, is done once.

The name is that of Go's golang.org/x/sync/singleflight. Here a caller may leave, cancelled or past
its deadline, without ending the work of the others; when the last one leaves, the work is stopped.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from ocr_service.deadline import OUT_OF_TIME, Deadline
from ocr_service.errors import DeadlineExceeded, Overloaded

T = TypeVar("T")


@dataclass(eq=False, slots=True)
class _Flight(Generic[T]):
    task: asyncio.Task[T]
    callers: int = 0


class SingleFlight(Generic[T]):
    """Work in hand, by key. Used from one event loop only."""

    def __init__(self, most_bytes: int) -> None:
        """Callers who wait for the work of others hold at most so many bytes together."""
        self._most_bytes = most_bytes
        self._bytes = 0
        self._flights: dict[bytes, _Flight[T]] = {}

    def is_crowded(self, key: bytes, size: int) -> bool:
        """Whether the work is in hand and no further caller of that size may wait for it."""
        return key in self._flights and self._bytes + size > self._most_bytes

    async def join(
        self,
        key: bytes,
        work: Callable[[], Awaitable[T]],
        deadline: Deadline,
        size: int,
        *,
        patient: bool,
    ) -> tuple[T, bool]:
        """Start the work, or wait for it where it is in hand.

        Args:
            key: Its name.
            work: Does it.
            deadline: How long this caller waits.
            size: Bytes that this caller holds meanwhile.
            patient: Start the work anew when who started it was refused by a full queue.

        Returns:
            What came of it, and whether this caller started it.

        Raises:
            DeadlineExceeded: It took too long for this caller.
            OcrError: As the work raised it, for all who wait.
        """
        while True:
            flight = self._flights.get(key)
            leads = flight is None
            if flight is None:
                flight = self._start(key, work)
            try:
                return await self._wait(key, flight, deadline, 0 if leads else size), leads
            except Overloaded:
                if leads or not patient:
                    raise

    def _start(self, key: bytes, work: Callable[[], Awaitable[T]]) -> _Flight[T]:
        async def run() -> T:
            return await work()

        flight = _Flight(asyncio.create_task(run()))
        self._flights[key] = flight
        flight.task.add_done_callback(lambda task: self._end(key, flight, task))
        return flight

    def _end(self, key: bytes, flight: _Flight[T], task: asyncio.Task[T] | None = None) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]
        if task is not None and not task.cancelled():
            task.exception()  # all callers may have left

    async def _wait(self, key: bytes, flight: _Flight[T], deadline: Deadline, size: int) -> T:
        flight.callers += 1
        self._bytes += size
        try:
            async with asyncio.timeout(deadline.remaining()):
                return await asyncio.shield(flight.task)
        except TimeoutError as exc:
            raise DeadlineExceeded(OUT_OF_TIME) from exc
        finally:
            self._bytes -= size
            flight.callers -= 1
            if not flight.callers:
                self._end(key, flight)  # at once: nobody may join what is being stopped
                flight.task.cancel()
