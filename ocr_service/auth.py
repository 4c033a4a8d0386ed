"""The interceptor that checks a call's key, before the call's body is read."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import grpc
import structlog
from typing_extensions import override

from ocr_service import call
from ocr_service.api_keys import ApiKey, ApiKeyStore, Scope, State, digest_of, is_well_formed
from ocr_service.errors import ApiKeyInvalid, ApiKeyMissing, OcrError, ScopeInsufficient

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
_FRESH_SECONDS = 2.0  # how long a verified key is believed; a revocation must take effect within 5
_REMEMBERED = 1024
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


class Authenticator:
    """Finds the key of a secret, and believes it for two seconds.

    Attributes:
        store_failures: Times that the store could not be asked, or told of a key's use.
    """

    def __init__(self, store: ApiKeyStore, pepper: bytes) -> None:
        self._store = store
        self._pepper = pepper
        self.store_failures = 0
        self.forget()

    def forget(self) -> None:
        """Ask the store again about every key, because one of them was changed.

        The answers that are on their way go to the dictionaries of before: nobody believes them.
        """
        self._verified: dict[str, tuple[float, ApiKey]] = {}
        self._asking: dict[str, asyncio.Task[ApiKey | None]] = {}

    async def key_of(self, secret: str) -> ApiKey:
        """Return the key.

        Raises:
            ApiKeyInvalid: It is unknown, expired or revoked.
            KeyStoreUnavailable: The store did not answer.
        """
        if not is_well_formed(secret):
            raise _invalid()
        digest = digest_of(secret, self._pepper)
        believed_at, key = self._verified.get(digest, (0.0, None))
        if key is None or time.monotonic() - believed_at > _FRESH_SECONDS:
            key = await self._ask(digest)
        if key is None or key.state(datetime.now(UTC)) is not State.ACTIVE:
            raise _invalid()
        return key

    async def _ask(self, digest: str) -> ApiKey | None:
        """Ask the store once for all calls of a burst."""
        verified, asking = self._verified, self._asking
        if digest not in asking:
            asking[digest] = asyncio.create_task(self._look_up(digest))
            asking[digest].add_done_callback(lambda _: asking.pop(digest))
        key = await asyncio.shield(asking[digest])
        _remember(verified, digest, key)
        return key

    async def _look_up(self, digest: str) -> ApiKey | None:
        try:
            return await asyncio.to_thread(self._find, digest)
        except OcrError:
            self.store_failures += 1
            raise

    def _find(self, digest: str) -> ApiKey | None:
        key = self._store.find(digest)
        now = datetime.now(UTC)
        if key is not None and now - (key.last_use_time or _EPOCH) > _TOUCH_EVERY:
            key = replace(key, last_use_time=now)
            self._touch(key.id, now)
        return key

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


def _remember(verified: dict[str, tuple[float, ApiKey]], digest: str, key: ApiKey | None) -> None:
    verified.pop(digest, None)
    if key is not None:
        verified[digest] = (time.monotonic(), key)
    if len(verified) > _REMEMBERED:
        del verified[next(iter(verified))]


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
