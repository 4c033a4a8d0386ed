"""The interceptor that checks a call's key, before the call's body is read."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import grpc
import structlog
from typing_extensions import override

from ocr_service import call
from ocr_service.api_keys import ApiKey, ApiKeyStore, Scope, State, digest_of, is_well_formed
from ocr_service.errors import (
    ApiKeyInvalid,
    ApiKeyMissing,
    KeyStoreUnavailable,
    OcrError,
    ScopeInsufficient,
)

if TYPE_CHECKING:
    Handler = grpc.RpcMethodHandler[Any, Any]
    Continuation = Callable[[grpc.HandlerCallDetails], Awaitable[Handler | None]]

OPEN = ("/grpc.health.v1.Health/", "/grpc.reflection.")
"""Methods that need no key begin so."""

_SCOPES = (
    ("/ocr.v1.ApiKeyService/GetCurrentApiKey", None),
    ("/ocr.v1.ApiKeyService/", Scope.ADMIN),
    ("/", Scope.RECOGNIZE),
)
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


class AuthInterceptor(grpc.aio.ServerInterceptor):
    """Refuses calls without a valid key of sufficient scope, and tells the call whose it is."""

    def __init__(self, authenticator: Authenticator | None) -> None:
        """``None`` lets everybody in as `ANONYMOUS`."""
        self._authenticator = authenticator

    @override
    async def intercept_service(
        self, continuation: "Continuation", handler_call_details: grpc.HandlerCallDetails
    ) -> "Handler | None":
        """Return the method's handler.

        Raises:
            ApiKeyMissing, ApiKeyInvalid, ScopeInsufficient: The call is refused.
            KeyStoreUnavailable: The store did not answer.
        """
        method = handler_call_details.method
        if not method.startswith(OPEN):
            key = await self._check(method, handler_call_details.invocation_metadata)
            call.current().key = key
        return await continuation(handler_call_details)

    async def _check(self, method: str, metadata: Iterable[tuple[str, str | bytes]]) -> ApiKey:
        if self._authenticator is None:
            return ANONYMOUS
        secret = _secret_in(metadata)
        if not secret:
            raise ApiKeyMissing(
                "This call needs an API key. Send it as metadata `x-api-key: KEY` or "
                "`authorization: Bearer KEY`; an administrator makes one with `ocr keys issue`."
            )
        key = await self._authenticator.key_of(secret)
        needed = next(scope for prefix, scope in _SCOPES if method.startswith(prefix))
        if needed is not None and needed not in key.scopes:
            raise ScopeInsufficient(
                f"This call needs a key with the scope {needed.name}. "
                "Ask an administrator for one, or call with another key."
            )
        return key


def _secret_in(metadata: Iterable[tuple[str, str | bytes]]) -> str:
    for name, value in metadata:
        if isinstance(value, bytes):
            continue
        if name == "x-api-key":
            return value.strip()
        scheme, _, token = value.partition(" ")
        if name == "authorization" and scheme.lower() == "bearer":
            return token.strip()
    return ""


def _invalid() -> ApiKeyInvalid:
    return ApiKeyInvalid(
        "This API key is not valid. Check that it was copied whole, or ask for a new one."
    )
