"""Lets the calls of a burst in one at a time, so that nobody waits for all the work of a burst.

gRPC's event loop accepts at most one call each turn, and every turn runs whatever is ready. When a
burst of a thousand calls is worked on as it is accepted, a health check that comes last waits for
all of that work. Here a call waits before anything is done for it, its body unread, until some
turns have passed in which no other call arrived: the loop accepts the burst first, health with it.
A few calls at once are no burst and go straight in: the turns would cost more than a cached answer.
"""

import asyncio
from collections import deque

_FEW = 32  # calls inside, below which the next goes in at once
_QUIET = 8  # turns without an arrival after which the next call goes in; some 0.1 ms
_MOST = 256  # turns after which it goes in all the same


class Door:
    """Used from one event loop only."""

    def __init__(self) -> None:
        self._inside = 0
        self._loop = asyncio.get_running_loop()  # asking for it at each call costs a system call
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._arrived = False

    async def enter(self) -> None:
        """Wait for one's turn. The call is inside until its task ends."""
        self._arrived = True
        if self._waiting or self._inside >= _FEW:
            mine: asyncio.Future[None] = self._loop.create_future()
            self._waiting.append(mine)
            if len(self._waiting) == 1:
                self._turn(0, 0)
            await mine
        self._inside += 1
        task = asyncio.current_task(self._loop)
        if task is not None:
            task.add_done_callback(self._leave)

    def _leave(self, _task: object) -> None:
        self._inside -= 1

    def _turn(self, quiet: int, turns: int) -> None:
        """One turn of the loop after another, until it is the next call's."""
        quiet = 0 if self._arrived else quiet + 1
        self._arrived = False
        if quiet >= _QUIET or turns >= _MOST:
            quiet = turns = 0
            first = self._waiting.popleft()
            if not first.done():  # its caller may have gone
                first.set_result(None)
        if self._waiting:
            self._loop.call_soon(self._turn, quiet, turns + 1)
