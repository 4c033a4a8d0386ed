"""Replies in Redis, shared by all replicas, and leases so that one of them does the work.

Nothing that is kept there can be read or made up without the server's secret. A request asks once
for a hit; where work is to be done, once more before it and once after; and waits as briefly as
`questions.py` says.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from redis.asyncio import Redis

from ocr_service.cache.lookups import Lookups
from ocr_service.cache.sealing import Sealer
from ocr_service.questions import Questions, connections

_LEASE_SECONDS = 3.0
_PAUSES = (0.01, 0.2)  # seconds between looks for another replica's result: first, longest
_TAKEN, _LEASED = 0, 1
_LOOK = """
local found = redis.call('GET', KEYS[1])
if found then return found end
return redis.call('SET', KEYS[2], '', 'NX', 'PX', ARGV[1]) and 1 or 0
"""


class RedisStore:
    """Sealed replies in Redis. See `Store`. Used from one event loop only."""

    def __init__(self, url: str, secret: bytes) -> None:
        """Connect when first asked, so that a server starts without its Redis.

        Args:
            url: See `connections`.
            secret: The server's.
        """
        self._redis = Redis.from_pool(connections(url))
        self._sealer = Sealer(secret)
        self._questions = Questions("result cache")
        self._lookups = Lookups(self._questions, self._redis.mget)
        self._leased: set[bytes] = set()

    @property
    def is_away(self) -> bool:
        """See `Store`."""
        return self._questions.are_in_vain

    async def get(self, key: bytes) -> bytes | None:
        """See `Store`."""
        sealed = await self._lookups.get(_result(key))
        return None if sealed is None else self._sealer.open(sealed, key)

    async def put(self, key: bytes, value: bytes, seconds: float) -> None:
        """See `Store`."""
        self._leased.discard(key)
        sealed = self._sealer.seal(value, key)
        both = self._redis.pipeline(transaction=False)
        both.set(_result(key), sealed, px=_milliseconds(seconds))
        both.delete(_lease(key))
        await self._questions.ask(both.execute)

    @asynccontextmanager
    async def turn(self, key: bytes) -> AsyncIterator[bytes | None]:
        """See `Store`.

        A lease saves work and guards nothing, so it names no owner: at worst two replicas do the
        same. It ends by itself soon after its holder has died.
        """
        answer = await self._look(key)
        pause, longest = _PAUSES
        while answer == _TAKEN:
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)
            answer = await self._look(key)
        if answer != _LEASED:
            yield self._sealer.open(answer, key) if isinstance(answer, bytes) else None
            return
        self._leased.add(key)
        renewing = asyncio.create_task(self._renew(key))
        try:
            yield None
        finally:
            renewing.cancel()
            if key in self._leased:  # nothing came of it
                self._leased.discard(key)
                await self._questions.ask(partial(self._redis.delete, _lease(key)))

    async def close(self) -> None:
        """See `Store`."""
        self._questions.close()
        await self._redis.aclose()

    async def _look(self, key: bytes) -> Any:
        """The sealed reply, `_LEASED`, `_TAKEN`, or None where there is no use in waiting."""
        names = (_result(key), _lease(key))
        life = _milliseconds(_LEASE_SECONDS)
        return await self._questions.ask(partial(self._redis.eval, _LOOK, len(names), *names, life))

    async def _renew(self, key: bytes) -> None:
        life = _milliseconds(_LEASE_SECONDS)
        while True:
            await asyncio.sleep(_LEASE_SECONDS / 3)
            await self._questions.ask(partial(self._redis.pexpire, _lease(key), life))


def _result(key: bytes) -> str:
    return f"ocr:result:{key.hex()}"


def _lease(key: bytes) -> str:
    return f"ocr:lease:{key.hex()}"


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
