"""Replies in this process: those least lately used go first."""

import time
from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

_OVERHEAD = 300  # bytes of an entry beside its value


@dataclass(frozen=True, slots=True)
class _Entry:
    value: bytes
    expires: float

    @property
    def size(self) -> int:
        return len(self.value) + _OVERHEAD


class MemoryStore:
    """At most so many bytes, in one process. See `Store`."""

    is_away = False

    def __init__(self, most_bytes: int) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._entries: OrderedDict[bytes, _Entry] = OrderedDict()

    async def get(self, key: bytes) -> bytes | None:
        """See `Store`."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.expires <= time.monotonic():
            self._drop(key)
            return None
        self._entries.move_to_end(key)
        return entry.value

    @asynccontextmanager
    async def turn(self, key: bytes) -> AsyncIterator[bytes | None]:
        """See `Store`. There is no other replica."""
        yield await self.get(key)

    async def put(self, key: bytes, value: bytes, seconds: float) -> None:
        """See `Store`."""
        if key in self._entries:
            self._drop(key)
        entry = _Entry(value, time.monotonic() + seconds)
        if entry.size > self._most_bytes:
            return
        self._entries[key] = entry
        self._bytes += entry.size
        while self._bytes > self._most_bytes:
            self._drop(next(iter(self._entries)))

    async def close(self) -> None:
        """See `Store`."""
        self._entries.clear()

    def _drop(self, key: bytes) -> None:
        self._bytes -= self._entries.pop(key).size
