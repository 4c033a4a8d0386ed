"""Lets calls in one at a time, so that nobody waits for all the work of a burst.

gRPC's event loop accepts at most one call each turn, and every turn runs whatever is ready. When a
burst of a thousand calls is worked on as it is accepted, a health check that comes last waits for
all of that work. Here a call waits before anything is done for it, its body unread, until some
turns have passed in which no other call arrived: the loop accepts the burst first, health with it.
"""

import asyncio
from collections import deque

_QUIET = 8  # turns without an arrival after which the next call goes in; some 0.1 ms
_MOST = 256  # turns after which it goes in all the same


class Door:
    """Used from one event loop only."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._arrived = False
        self._free = True

    async def enter(self) -> None:
        """Wait for one's turn; at once when nobody came just before."""
        loop = asyncio.get_running_loop()
        self._arrived = True
        if self._free:
            self._free = False
            loop.call_soon(self._turn, 0, 0)
            return
        mine: asyncio.Future[None] = loop.create_future()
        self._waiting.append(mine)
        await mine

    def _turn(self, quiet: int, turns: int) -> None:
        """One turn of the loop after another, until it is the next call's."""
        loop = asyncio.get_running_loop()
        quiet = 0 if self._arrived else quiet + 1
        self._arrived = False
        if quiet < _QUIET and turns < _MOST:
            loop.call_soon(self._turn, quiet, turns + 1)
            return
        while self._waiting:
            first = self._waiting.popleft()
            if not first.done():  # its caller may have gone
                first.set_result(None)
                loop.call_soon(self._turn, 0, 0)
                return
        self._free = True
