"""Replies in Redis, shared by all replicas, and leases so that one of them does the work.

Nothing that is kept there can be read or made up without the server's secret. A Redis that is slow,
full, gone or not Redis at all costs a request two short waits at most, and mostly none.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import structlog
from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from ocr_service.cache.breaker import Breaker
from ocr_service.cache.sealing import Sealer

_WAIT_SECONDS = 0.07  # for an answer; a request waits for two, one before and one after its run
_LATE_SECONDS = 0.01  # by which this process itself is too busy to tell whether Redis is slow
_SOCKET_SECONDS = 1.0  # after which an answer that nobody waits for any more is given up
_FAILURES = 2  # in a row that open the breaker; one may be a hiccup
_OPEN_SECONDS = 1.0
_CONNECTIONS = 32
_LEASE_SECONDS = 3.0
_PAUSES = (0.01, 0.2)  # seconds between looks for another replica's result: first, longest
_TAKEN, _LEASED = 0, 1
_LOOK = """
local found = redis.call('GET', KEYS[1])
if found then return found end
return redis.call('SET', KEYS[2], '', 'NX', 'PX', ARGV[1]) and 1 or 0
"""

log = structlog.get_logger()


class RedisStore:
    """Sealed replies in Redis. See `Store`. Used from one event loop only."""

    def __init__(self, url: str, secret: bytes) -> None:
        """Connect when first asked, so that a server starts without its Redis.

        Args:
            url: As ``redis://HOST:PORT/0``, ``rediss://…`` for TLS, or ``unix:///PATH``.
            secret: The server's.
        """
        pool = BlockingConnectionPool.from_url(
            url,
            max_connections=_CONNECTIONS,
            timeout=_SOCKET_SECONDS,
            socket_timeout=_SOCKET_SECONDS,
            socket_connect_timeout=_SOCKET_SECONDS,
            protocol=2,  # no greeting that would cost a round trip
            driver_info=None,
            retry=Retry(NoBackoff(), 1, (RedisConnectionError,)),  # Redis was started again
        )
        self._redis = Redis.from_pool(pool)
        self._sealer = Sealer(secret)
        self._breaker = Breaker(_FAILURES, _OPEN_SECONDS)
        self._commands: set[asyncio.Future[Any]] = set()
        self._leased: set[bytes] = set()
        self._refuses = False

    async def put(self, key: bytes, value: bytes, seconds: float) -> None:
        """See `Store`."""
        self._leased.discard(key)
        sealed = self._sealer.seal(value, key)
        both = self._redis.pipeline(transaction=False)
        both.set(_result(key), sealed, px=_milliseconds(seconds))
        both.delete(_lease(key))
        await self._ask(both.execute)

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
                await self._ask(partial(self._redis.delete, _lease(key)))

    async def close(self) -> None:
        """See `Store`."""
        for command in self._commands:
            command.cancel()
        await self._redis.aclose()

    async def _look(self, key: bytes) -> Any:
        """The sealed reply, `_LEASED`, `_TAKEN`, or None where there is no use in waiting."""
        names = (_result(key), _lease(key))
        life = _milliseconds(_LEASE_SECONDS)
        return await self._ask(partial(self._redis.eval, _LOOK, len(names), *names, life))

    async def _renew(self, key: bytes) -> None:
        life = _milliseconds(_LEASE_SECONDS)
        while True:
            await asyncio.sleep(_LEASE_SECONDS / 3)
            await self._ask(partial(self._redis.pexpire, _lease(key), life))

    async def _ask(self, ask: Callable[[], Awaitable[Any]]) -> Any:
        """Return Redis's answer, or None if there is none in time. Never raises.

        Commands are never cancelled, whoever stops waiting: a cancelled one has once handed its
        answer to the next command on the same connection.
        """
        if not self._breaker.allows():
            return None
        command = asyncio.ensure_future(ask())
        self._commands.add(command)
        command.add_done_callback(self._ended)
        if not await _in_time(command):
            self._failed("no answer in time")
            return None
        try:
            answer = command.result()
        except ResponseError as exc:  # it is well, but full for example
            self._refused(type(exc).__name__)
            return None
        except Exception as exc:  # noqa: BLE001  whatever answers there, a miss is what it costs
            self._failed(type(exc).__name__)
            return None
        if not self._breaker.is_closed:
            log.info("result cache is back")
        self._breaker.succeeded()
        return answer

    def _ended(self, command: asyncio.Future[Any]) -> None:
        self._commands.discard(command)
        if not command.cancelled():
            command.exception()  # nobody may wait for it any more

    def _failed(self, cause: str) -> None:
        was_closed = self._breaker.is_closed
        self._breaker.failed()
        if was_closed and not self._breaker.is_closed:
            log.warning("result cache is away", cause=cause)

    def _refused(self, cause: str) -> None:
        self._breaker.succeeded()
        if not self._refuses:
            self._refuses = True  # said once: a full Redis refuses for hours
            log.warning("result cache refuses", cause=cause)


async def _in_time(command: asyncio.Future[Any]) -> bool:
    """Wait for an answer; for a second time if this process itself was too busy to look."""
    for _ in range(2):
        due = time.monotonic() + _WAIT_SECONDS
        await asyncio.wait({command}, timeout=_WAIT_SECONDS)
        if command.done() or time.monotonic() - due < _LATE_SECONDS:
            break
    return command.done()


def _result(key: bytes) -> str:
    return f"ocr:result:{key.hex()}"


def _lease(key: bytes) -> str:
    return f"ocr:lease:{key.hex()}"


def _milliseconds(seconds: float) -> int:
    return int(seconds * 1000)
