"""A bound on the bytes that many may hold together."""

import asyncio


class ByteBudget:
    """Who finds no room waits, first come, first served. Used from one event loop only."""

    def __init__(self, most: int) -> None:
        """Bound to so many bytes; what is larger goes in alone."""
        self._most = most
        self._held = 0
        self._line = asyncio.Lock()
        self._freed = asyncio.Event()

    async def take(self, size: int) -> None:
        """Wait until there is room, and hold it until `give_back`."""
        async with self._line:
            while self._held and self._held + size > self._most:
                self._freed.clear()
                await self._freed.wait()
            self._held += size

    def give_back(self, size: int) -> None:
        """End what `take` began."""
        self._held -= size
        self._freed.set()
