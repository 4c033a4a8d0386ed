"""How much a key may ask for: requests in a minute, and pages in a day.

Both are counted in windows that begin with a key's first request, so that who is refused is told
exactly when to come back. They are counted in this process, or in Redis for all replicas; while
Redis does not answer, each replica counts for itself.
"""

import math
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, TypeVar

from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage, RedisStorage
from limits.aio.strategies import FixedWindowRateLimiter

from ocr_service.api_keys import ApiKey
from ocr_service.config import Settings
from ocr_service.errors import RateLimited

if TYPE_CHECKING:
    from redis.asyncio import BlockingConnectionPool

T = TypeVar("T")
_SOON = 120  # seconds; what takes longer is told as a time of day


class RateLimits:
    """Counts and refuses. Used from one event loop only."""

    def __init__(self, settings: Settings) -> None:
        """Count as the settings and the keys say; where there is no limit, nothing is counted."""
        self._requests_per_minute = settings.requests_per_minute
        self._pages = _pages(settings.pages_per_day)
        self._here = FixedWindowRateLimiter(MemoryStorage())
        self._pool: BlockingConnectionPool | None = None
        if settings.redis_url:
            from ocr_service.questions import Questions, connections  # loads Redis's library

            self._pool = connections(settings.redis_url)
            self._shared = _in_redis(self._pool)
            self._questions = Questions("rate limits")

    async def count_request(self, key: ApiKey) -> None:
        """Count a request.

        Raises:
            RateLimited: It is one too many.
        """
        limit = self._requests_of(key)
        if limit and not await self._ask(lambda counters: counters.hit(limit, key.id)):
            raise await self._refusal(limit, key.id)

    async def check_requests(self, key: ApiKey) -> None:
        """Count nothing.

        Raises:
            RateLimited: The next request would be one too many.
        """
        await self._check(self._requests_of(key), key.id)

    async def check_pages(self, key: ApiKey) -> None:
        """Count nothing.

        Raises:
            RateLimited: The key has got its pages of the day.
        """
        await self._check(self._pages, key.id)

    async def count_pages(self, key_id: str, count: Callable[[], int]) -> None:
        """Count pages that a key has got; how many is asked only where there is a limit.

        A document is never refused in the middle, so the last one may exceed the limit.
        """
        limit = self._pages
        if limit:
            cost = count()
            await self._ask(lambda counters: counters.hit(limit, key_id, cost=cost))

    async def close(self) -> None:
        """Let go of the connections."""
        if self._pool is not None:
            self._questions.close()
            await self._pool.disconnect()

    def _requests_of(self, key: ApiKey) -> RateLimitItem | None:
        amount = key.requests_per_minute or self._requests_per_minute
        return RateLimitItemPerMinute(amount, namespace="requests") if amount else None

    async def _check(self, limit: RateLimitItem | None, key_id: str) -> None:
        if limit and not await self._ask(lambda counters: counters.test(limit, key_id)):
            raise await self._refusal(limit, key_id)

    async def _refusal(self, limit: RateLimitItem, key_id: str) -> RateLimited:
        window = await self._ask(lambda counters: counters.get_window_stats(limit, key_id))
        seconds = max(1, math.ceil(window.reset_time - time.time()))
        again = datetime.fromtimestamp(window.reset_time, UTC)
        when = f"in {seconds} s" if seconds <= _SOON else f"after {again:%Y-%m-%d %H:%M} UTC"
        return RateLimited(
            f"This key may have {limit.amount} {limit.namespace} a {limit.GRANULARITY.name}. "
            f"Send it again {when}, or ask an administrator for a higher limit.",
            retry_after=seconds,
        )

    async def _ask(self, question: Callable[[FixedWindowRateLimiter], Awaitable[T]]) -> T:
        """Ask the counters in Redis, and those of this process where there is no answer."""
        if self._pool is not None:
            answer: T | None = await self._questions.ask(partial(question, self._shared))
            if answer is not None:
                return answer
        return await question(self._here)


def _pages(amount: int) -> RateLimitItem | None:
    return RateLimitItemPerDay(amount, namespace="pages") if amount else None


def _in_redis(pool: "BlockingConnectionPool") -> FixedWindowRateLimiter:
    storage = RedisStorage(
        "redis://",  # which one, the pool knows
        implementation="redispy",
        key_prefix="ocr:limit",
        connection_pool=pool,  # type: ignore[arg-type]  # passed on to redis
    )
    return FixedWindowRateLimiter(storage)
