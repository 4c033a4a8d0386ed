"""The result cache: replies kept for callers who send the same work again.

    recognizer.py -> ResultCache -> single_flight.py -> memory.py, in this process, or
                                                        redis.py, for all, by questions.py, sealed

A cache that fails is a miss, never an error. A name says nothing of the document, and differs
between tenants, so that none can tell what another has sent.
"""

import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from functools import partial
from typing import Protocol

from ocr_service.cache import fingerprint
from ocr_service.cache.memory import MemoryStore
from ocr_service.cache.remembered import of_error, of_reply, reply_in
from ocr_service.cache.sealing import derive
from ocr_service.cache.single_flight import SingleFlight
from ocr_service.config import Settings
from ocr_service.deadline import Deadline
from ocr_service.errors import BadInput

_REPLY_SECONDS = 24 * 3600.0
_ERROR_SECONDS = 60.0
_JITTER = 0.1  # of the life time: replies of one burst do not end in one burst
_LARGEST = 4 << 20  # bytes; larger replies would take Redis too long

Run = Callable[[], Awaitable[bytes]]


class Store(Protocol):
    """Where replies are kept. Nothing here raises: what cannot be had is not there."""

    @property
    def is_away(self) -> bool:
        """Whether it does not answer at present."""

    async def get(self, key: bytes) -> bytes | None:
        """What is kept under this key."""

    def turn(self, key: bytes) -> AbstractAsyncContextManager[bytes | None]:
        """Yields what is kept under this key, or None for the work to be done inside.

        Waits while another replica does it.
        """

    async def put(self, key: bytes, value: bytes, seconds: float) -> None:
        """Keep a value for that long, or not at all."""

    async def close(self) -> None:
        """Let go of the store."""


class ResultCache:
    """Answers from the store, or does the work once for all who ask for it meanwhile."""

    def __init__(self, store: Store, secret: bytes, versions: str, most_waiting: int) -> None:
        """Keep replies in a store.

        Args:
            store: Where.
            secret: The server's; names are derived from it.
            versions: Of everything that a reply depends on.
            most_waiting: Bytes of content that callers who wait for others' work may hold.
        """
        self._store = store
        self._secret = derive(secret, b"ocr-service: names of results")
        self._versions = versions
        self._flights = SingleFlight[tuple[bytes, bool]](most_waiting)

    @property
    def is_away(self) -> bool:
        """Whether the store does not answer at present."""
        return self._store.is_away

    def key(self, tenant: str, content_sha256: str, *question: str) -> bytes:
        """The name of a piece of work, 32 bytes, by BLAKE2b with a key (RFC 7693).

        Args:
            tenant: Whose results these are.
            content_sha256: Of the document.
            question: All else that decides the reply.
        """
        text = repr((self._versions, tenant, content_sha256, *question))  # parts stay apart
        return hashlib.blake2b(text.encode(), key=self._secret, digest_size=32).digest()

    async def answer(
        self, key: bytes, run: Run, deadline: Deadline, *, size: int, patient: bool
    ) -> tuple[bytes, bool]:
        """Return the reply, and whether it was there or another caller's work made it.

        Args:
            key: Of `key`.
            run: Does the work; goes on as long as anybody waits for it.
            deadline: Of this caller.
            size: Bytes that this caller holds while it waits.
            patient: This caller does not take another's refusal for its own.

        Raises:
            DeadlineExceeded: It took too long.
            OcrError: As the work raised it, now or within the last minute.
        """
        found = await self._store.get(key)
        if found is not None:
            return reply_in(found), True
        if self._flights.is_crowded(key, size):
            return await run(), False  # the queue decides, as over work that nobody else has
        work = partial(self._look_or_run, key, run)
        (reply, hit), led = await self._flights.join(key, work, deadline, size, patient=patient)
        return reply, hit or not led

    async def renew(self, key: bytes, run: Run) -> bytes:
        """Do the work, and keep what comes of it.

        Raises:
            OcrError: As the work raised it.
        """
        try:
            reply = await run()
        except BadInput as error:
            await self._store.put(key, of_error(error), _ERROR_SECONDS)
            raise
        if len(reply) <= _LARGEST:
            seconds = _REPLY_SECONDS * random.uniform(1 - _JITTER, 1)  # noqa: S311  no secret
            await self._store.put(key, of_reply(reply), seconds)
        return reply

    async def close(self) -> None:
        """Let go of the store."""
        await self._store.close()

    async def _look_or_run(self, key: bytes, run: Run) -> tuple[bytes, bool]:
        async with self._store.turn(key) as found:
            if found is not None:
                return reply_in(found), True
            return await self.renew(key, run), False


def open_cache(settings: Settings, secret: bytes, engines: Sequence[object]) -> ResultCache | None:
    """The cache that the operator chose; None for none.

    Args:
        settings: What the operator chose.
        secret: The server's; replicas that are to share results have the same.
        engines: What is known of the engines that are here.
    """
    if not settings.cache_bytes:
        return None
    store: Store
    if settings.redis_url:
        from ocr_service.cache.redis import RedisStore  # loads much that only Redis needs

        store = RedisStore(settings.redis_url, secret)
    else:
        store = MemoryStore(settings.cache_bytes)
    versions = fingerprint.of(settings, engines)
    return ResultCache(store, secret, versions, settings.queue_bytes)
