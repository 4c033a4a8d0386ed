"""Looks values up in Redis, together what is wanted together: a command costs more than a value."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from itertools import repeat
from typing import Any

from ocr_service.questions import Questions

_AT_ONCE = 32  # values of one command, which may be large

Get = Callable[[Sequence[str]], Awaitable[Any]]


class Lookups:
    """While one question is under way, names gather for the next. Used from one event loop only."""

    def __init__(self, questions: Questions, get_many: Get) -> None:
        """Ask by a command that answers with a list, a value or None for each name."""
        self._questions = questions
        self._get_many = get_many
        self._wanted: list[tuple[str, asyncio.Future[bytes | None]]] = []
        self._asking: asyncio.Task[None] | None = None

    async def get(self, name: str) -> bytes | None:
        """The value, or None where there is none or Redis does not answer."""
        if self._questions.are_in_vain:  # each asks for itself, and nearly all not at all
            return (await self._ask([name]))[0]
        future: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._wanted.append((name, future))
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask_all())
        return await future

    async def _ask_all(self) -> None:
        while self._wanted:
            asked, self._wanted = self._wanted[:_AT_ONCE], self._wanted[_AT_ONCE:]
            values = await self._ask([name for name, _ in asked])
            for (_, future), value in zip(asked, values, strict=True):
                if not future.done():  # its caller may have gone
                    future.set_result(value)
        self._asking = None

    async def _ask(self, names: Sequence[str]) -> list[bytes | None]:
        answer = await self._questions.ask(partial(self._get_many, names))
        if not isinstance(answer, list) or len(answer) != len(names):
            return list(repeat(None, len(names)))
        return [value if isinstance(value, bytes) else None for value in answer]
