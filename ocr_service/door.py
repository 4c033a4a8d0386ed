"""Lets calls in one at a time, so that nobody waits for all the work of a burst.

gRPC's event loop accepts one call each turn, and every turn runs whatever is ready. When a burst
of a thousand calls is worked on as it is accepted, a health check that comes last waits for all of
that work. Here a call waits before anything is done for it, its body unread, until the loop has had
some turns that do little but accept. (Measured, 1,500 calls on 2 cores: the slowest health check
among them went from 1.1 s to 0.2 to 0.5 s.)
"""

import asyncio
from collections import deque

_TURNS = 16  # of the loop between two calls; some 0.2 ms when it is idle


class Door:
    """Used from one event loop only."""

    def __init__(self) -> None:
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._free = True

    async def enter(self) -> None:
        """Wait for one's turn; at once when nobody else is there."""
        loop = asyncio.get_running_loop()
        if self._free:
            self._free = False
            loop.call_soon(self._next, _TURNS)
            return
        turn: asyncio.Future[None] = loop.create_future()
        self._waiting.append(turn)
        await turn

    def _next(self, turns: int) -> None:
        loop = asyncio.get_running_loop()
        if turns > 0:
            loop.call_soon(self._next, turns - 1)
            return
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():  # its caller may have gone
                turn.set_result(None)
                loop.call_soon(self._next, _TURNS)
                return
        self._free = True
