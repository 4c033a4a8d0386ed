"""Questions to a Redis that may be slow, full, gone or not Redis at all: none waits for long.

redis-py waits for minutes by default; here a question waits 70 ms, and none where two have failed.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

import structlog
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import ResponseError

from ocr_service.breaker import Breaker

_WAIT_SECONDS = 0.07  # for an answer
_LATE_SECONDS = 0.01  # by which this process itself is too busy to tell whether Redis is slow
_SOCKET_SECONDS = 1.0  # after which an answer that nobody waits for any more is given up
_CONNECTIONS = 32

log = structlog.get_logger()


def connections(url: str) -> BlockingConnectionPool:
    """Return connections for questions; each is made when it is first needed.

    Args:
        url: As ``redis://HOST:PORT/0``, ``rediss://…`` for TLS, or ``unix:///PATH``.
    """
    return BlockingConnectionPool.from_url(
        url,
        max_connections=_CONNECTIONS,
        timeout=_SOCKET_SECONDS,
        socket_timeout=_SOCKET_SECONDS,
        socket_connect_timeout=_SOCKET_SECONDS,
        protocol=2,  # no greeting that would cost a round trip
        driver_info=None,
        retry=Retry(NoBackoff(), 1, (RedisConnectionError,)),  # Redis was started again
    )


class Questions:
    """Asks within bounds. Used from one event loop only."""

    def __init__(self, name: str) -> None:
        """Ask what the log calls so."""
        self._name = name
        self._breaker = Breaker(name)
        self._commands: set[asyncio.Future[Any]] = set()
        self._refuses = False

    @property
    def are_in_vain(self) -> bool:
        """Whether the last ones failed, and none has been answered since."""
        return not self._breaker.is_closed

    def close(self) -> None:
        """End what nobody waits for any more."""
        for command in self._commands:
            command.cancel()

    async def ask(self, question: Callable[[], Awaitable[Any]]) -> Any:
        """Return Redis's answer, or None if there is none in time. Never raises.

        Commands are never cancelled, whoever stops waiting: a cancelled one has once handed its
        answer to the next command on the same connection.
        """
        if not self._breaker.allows():
            return None
        command = asyncio.ensure_future(question())
        self._commands.add(command)
        command.add_done_callback(self._ended)
        if not await _in_time(command):
            self._breaker.failed("no answer in time")
            return None
        try:
            answer = command.result()
        except ResponseError as exc:  # it is well, but full for example
            self._refused(type(exc).__name__)
            return None
        except Exception as exc:  # noqa: BLE001  whatever answers there, it costs an answer
            self._breaker.failed(type(exc).__name__)
            return None
        self._breaker.succeeded()
        return answer

    def _ended(self, command: asyncio.Future[Any]) -> None:
        self._commands.discard(command)
        if not command.cancelled():
            command.exception()  # nobody may wait for it any more

    def _refused(self, cause: str) -> None:
        self._breaker.succeeded()
        if not self._refuses:
            self._refuses = True  # said once: a full Redis refuses for hours
            log.warning("store refuses", store=self._name, cause=cause)


async def _in_time(command: asyncio.Future[Any]) -> bool:
    """Wait for an answer; for a second time if this process itself was too busy to look."""
    for _ in range(2):
        due = time.monotonic() + _WAIT_SECONDS
        await asyncio.wait({command}, timeout=_WAIT_SECONDS)
        if command.done() or time.monotonic() - due < _LATE_SECONDS:
            break
    return command.done()
