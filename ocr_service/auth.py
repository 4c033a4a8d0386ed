"""Whose a secret is, by the key store or by a copy of its last answer."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

import structlog

from ocr_service.api_keys import ApiKey, ApiKeyStore, Scope, State, digest_of, is_well_formed
from ocr_service.errors import ApiKeyInvalid, KeyStoreUnavailable, OcrError

_FRESH_SECONDS = 2.0  # how long an answer is believed; a revocation must take effect within 5
_STAND_IN_SECONDS = 30.0  # how long the last answer stands in for a store that gives none
_REMEMBERED = 8192
_TOUCH_EVERY = timedelta(minutes=1)
_EPOCH = datetime.fromtimestamp(0, UTC)

ANONYMOUS = ApiKey(
    id="anonymous",
    user_id="anonymous",
    description="insecure_no_auth",
    display_prefix="",
    scopes=frozenset(Scope),
    create_time=_EPOCH,
    expire_time=datetime.max.replace(tzinfo=UTC),
)
"""Who calls when the operator asked for no keys."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Copy:
    """A key as the store had it; times are the clock's.

    Attributes:
        key: The key.
        verified_at: When the question was put to which this is the answer.
        asked_at: When the store was last asked, in vain perhaps.
    """

    key: ApiKey
    verified_at: float
    asked_at: float

    def is_fresh(self, now: float) -> bool:
        """Whether to believe it without asking."""
        return now - self.asked_at <= _FRESH_SECONDS and self.may_stand_in(now)

    def may_stand_in(self, now: float) -> bool:
        """Whether to believe it when the store does not answer."""
        return now - self.verified_at <= _STAND_IN_SECONDS


class Authenticator:
    """Finds the key of a secret and believes it for two seconds, then asks the store again.

    A store that does not answer is asked about a key every two seconds, and its last answer stands
    in for thirty. Used from one event loop only.

    Attributes:
        store_failures: Times that the store could not be asked, or told of a key's use.
    """

    def __init__(
        self, store: ApiKeyStore, pepper: bytes, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """Ask a store, whose digests are of this pepper; the clock counts seconds."""
        self._store = store
        self._pepper = pepper
        self._clock = clock
        self._copies: dict[str, _Copy] = {}
        self._asking: dict[str, asyncio.Task[ApiKey | None]] = {}
        self.store_failures = 0

    def forget(self, key_id: str) -> None:
        """Ask the store again about a key, because it was changed.

        The answers that are on their way go to the dictionaries of before: nobody believes them.
        """
        kept = {digest: copy for digest, copy in self._copies.items() if copy.key.id != key_id}
        self._copies = kept
        self._asking = {}

    async def key_of(self, secret: str) -> ApiKey:
        """Return the key.

        Raises:
            ApiKeyInvalid: It is unknown, expired or revoked.
            KeyStoreUnavailable: The store did not answer, now or for too long.
        """
        digest = digest_of(secret, self._pepper)
        copy = self._copies.get(digest)
        if copy is not None and copy.is_fresh(self._clock()):
            key: ApiKey | None = copy.key
        else:
            key = await self._ask_once(digest) if is_well_formed(secret) else None
        if key is None or key.state(datetime.now(UTC)) is not State.ACTIVE:
            raise _invalid()
        return key

    async def _ask_once(self, digest: str) -> ApiKey | None:
        """Ask for all calls of a burst, whoever of them leaves."""
        asking = self._asking

        def ended(task: asyncio.Task[ApiKey | None]) -> None:
            del asking[digest]
            if not task.cancelled():
                task.exception()  # all callers may have left

        if digest not in asking:
            asking[digest] = asyncio.create_task(self._ask(digest, self._copies))
            asking[digest].add_done_callback(ended)
        return await asyncio.shield(asking[digest])

    async def _ask(self, digest: str, copies: dict[str, _Copy]) -> ApiKey | None:
        """Return the store's answer and keep a copy; without an answer, return the last copy."""
        copy, now = copies.get(digest), self._clock()
        try:
            key = await asyncio.to_thread(self._store.find, digest)
        except KeyStoreUnavailable:
            self.store_failures += 1
            if copy is None or not copy.may_stand_in(now):
                raise
            copies[digest] = replace(copy, asked_at=now)
            return copy.key
        copies.pop(digest, None)
        if key is None:
            return None
        key = self._note_use(key)
        copies[digest] = _Copy(key, now, now)
        if len(copies) > _REMEMBERED:
            del copies[next(iter(copies))]
        return key

    def _note_use(self, key: ApiKey) -> ApiKey:
        """Have the store note it, once a minute; no call waits for that."""
        now = datetime.now(UTC)
        if now - (key.last_use_time or _EPOCH) <= _TOUCH_EVERY:
            return key
        asyncio.get_running_loop().run_in_executor(None, self._touch, key.id, now)
        return replace(key, last_use_time=now)

    def _touch(self, key_id: str, now: datetime) -> None:
        try:
            self._store.touch(key_id, now)
        except OcrError:
            self.store_failures += 1
            log.warning("last use of a key was not noted", key_id=key_id)


def _invalid() -> ApiKeyInvalid:
    return ApiKeyInvalid(
        "This API key is not valid. Check that it was copied whole, or ask for a new one."
    )
