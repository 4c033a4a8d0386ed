"""Replies in Redis, shared by all replicas, and leases so that one of them does the work.

Nothing that is kept there can be read or made up without the server's secret. A Redis that is slow,
full, gone or not Redis at all costs a request at most three short waits, and mostly none.
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

_WAIT_SECONDS = 0.045  # for an answer; three of them stay under 150 ms
_LATE_SECONDS = 0.01  # by which this process itself is too busy to tell whether Redis is slow
_SOCKET_SECONDS = 1.0  # after which an answer that nobody waits for any more is given up
_OPEN_SECONDS = 1.0
_CONNECTIONS = 32
_LEASE_SECONDS = 3.0
_PAUSES = (0.01, 0.2)  # seconds between looks for another replica's result: first, longest

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
        self._breaker = Breaker(_OPEN_SECONDS)
        self._commands: set[asyncio.Future[Any]] = set()
        self._refuses = False

    async def get(self, key: bytes) -> bytes | None:
        """See `Store`."""
        sealed = await self._ask(partial(self._redis.get, _result(key)))
        return self._sealer.open(sealed, key) if isinstance(sealed, bytes) else None

    async def put(self, key: bytes, value: bytes, seconds: float) -> None:
        """See `Store`."""
        sealed = self._sealer.seal(value, key)
        await self._ask(partial(self._redis.set, _result(key), sealed, px=_milliseconds(seconds)))

    @asynccontextmanager
    async def turn(self, key: bytes) -> AsyncIterator[bytes | None]:
        """See `Store`.

        A lease saves work and guards nothing, so it names no owner: at worst two replicas do the
        same. It ends by itself soon after its holder has died.
        """
        pause, longest = _PAUSES
        while True:
            lease = partial(self._redis.set, _lease(key), b"", px=_milliseconds(_LEASE_SECONDS))
            ours = await self._ask(partial(lease, nx=True), otherwise=True)
            found = await self.get(key)  # after the lease: another's may have just ended
            if ours or found is not None:
                break
            await asyncio.sleep(pause)
            pause = min(2 * pause, longest)
        if not ours:
            yield found
            return
        renewing = asyncio.create_task(self._renew(partial(lease, xx=True)))
        try:
            yield found
        finally:
            renewing.cancel()
            await self._ask(partial(self._redis.delete, _lease(key)))

    async def close(self) -> None:
        """See `Store`."""
        for command in self._commands:
            command.cancel()
        await self._redis.aclose()

    async def _renew(self, lease: Callable[[], Awaitable[Any]]) -> None:
        while True:
            await asyncio.sleep(_LEASE_SECONDS / 3)
            await self._ask(lease)

    async def _ask(self, ask: Callable[[], Awaitable[Any]], otherwise: Any = None) -> Any:
        """Return Redis's answer, or ``otherwise`` if there is none in time. Never raises.

        Commands are never cancelled, whoever stops waiting: a cancelled one has once handed its
        answer to the next command on the same connection.
        """
        if not self._breaker.allows():
            return otherwise
        command = asyncio.ensure_future(ask())
        self._commands.add(command)
        command.add_done_callback(self._ended)
        if not await _in_time(command):
            self._failed("no answer in time")
            return otherwise
        try:
            answer = command.result()
        except ResponseError as exc:  # it is well, but full for example
            self._refused(type(exc).__name__)
            return otherwise
        except Exception as exc:  # noqa: BLE001  whatever answers there, a miss is what it costs
            self._failed(type(exc).__name__)
            return otherwise
        if not self._breaker.is_closed:
            log.info("result cache is back")
        self._breaker.succeeded()
        return answer

    def _ended(self, command: asyncio.Future[Any]) -> None:
        self._commands.discard(command)
        if not command.cancelled():
            command.exception()  # nobody may wait for it any more

    def _failed(self, cause: str) -> None:
        if self._breaker.is_closed:
            log.warning("result cache is away", cause=cause)
        self._breaker.failed()

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
