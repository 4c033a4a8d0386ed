"""Whether the server takes calls, drains, or is over; and how many calls it has in hand."""

import asyncio

from ocr_service.errors import Draining


class Lifecycle:
    """Shared by the interceptor, the streams and the shutdown. Used from one event loop only.

    Attributes:
        draining: Set when no new work is taken: streams finish what they have and say so.
        over: Set when the time for that has ended.
    """

    def __init__(self) -> None:
        self.draining = asyncio.Event()
        self.over = asyncio.Event()
        self._calls = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def __enter__(self) -> None:
        """Count a call, which is in hand until the block ends.

        Raises:
            Draining: The server takes no new calls.
        """
        if self.draining.is_set():
            raise Draining("The server is shutting down. Send the request again.", retry_after=1.0)
        self._calls += 1
        self._idle.clear()

    def __exit__(self, *_error: object) -> None:
        """Count it no more."""
        self._calls -= 1
        if self._calls == 0:
            self._idle.set()

    async def drain(self, seconds: float) -> bool:
        """Take no new calls and wait for those in hand. Returns whether all ended in time."""
        self.draining.set()
        try:
            async with asyncio.timeout(seconds):
                await self._idle.wait()
        except TimeoutError:
            return False
        finally:
            self.over.set()
        return True
