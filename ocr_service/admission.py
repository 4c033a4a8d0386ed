"""Whether a call may come in: its key, the key's limits and the queue's room.

All of it is asked before the call's body is read, so that a refusal costs little.
"""

from collections.abc import Iterable

from ocr_service.api_keys import ApiKey, Scope
from ocr_service.auth import ANONYMOUS, Authenticator
from ocr_service.call import Call
from ocr_service.errors import ApiKeyMissing, ScopeInsufficient
from ocr_service.pool import Pool
from ocr_service.rate_limits import RateLimits

Metadata = Iterable[tuple[str, str | bytes]]

_OCR, _KEYS = "/ocr.v1.OcrService/", "/ocr.v1.ApiKeyService/"
_LOOK = f"{_KEYS}GetCurrentApiKey"  # any key may, as often as it likes
_BATCH = f"{_OCR}BatchRecognize"
_READING = frozenset(
    f"{_OCR}{name}" for name in ("Recognize", "RecognizeDocument", "BatchRecognize", "Redact")
)
"""Methods whose replies hold pages."""
_QUEUED = _READING - {_BATCH} | {f"{_OCR}FindEntities"}
"""Methods whose first job waits in the queue or is refused; a batch waits until there is room."""


class CallAdmission:
    """Lets calls in or refuses them."""

    def __init__(self, authenticator: Authenticator | None, limits: RateLimits, pool: Pool) -> None:
        """Without an authenticator everybody comes in as `ANONYMOUS`."""
        self._authenticator = authenticator
        self._limits = limits
        self._pool = pool

    async def admit(self, this: Call, metadata: Metadata) -> None:
        """Tell the call whose it is, and count it.

        Raises:
            ApiKeyMissing, ApiKeyInvalid, ScopeInsufficient: It has no key that is good for it.
            KeyStoreUnavailable: The store did not answer.
            RateLimited: The key has had what it may have for now.
            Overloaded: The queue is full, and the caller has no claim to a place in it.
        """
        this.key = key = await self._key(metadata)
        _check_scope(this.method, key)
        await self._count(this.method, key)
        if this.method in _QUEUED:
            self._pool.check_room(key.id)

    async def _key(self, metadata: Metadata) -> ApiKey:
        if self._authenticator is None:
            return ANONYMOUS
        secret = _secret_in(metadata)
        if not secret:
            raise ApiKeyMissing(
                "This call needs an API key. Send it as metadata `x-api-key: KEY` or "
                "`authorization: Bearer KEY`; an administrator makes one with `ocr keys issue`."
            )
        return await self._authenticator.key_of(secret)

    async def _count(self, method: str, key: ApiKey) -> None:
        if method == _LOOK or not method.startswith((_OCR, _KEYS)):
            return
        if method in _READING:
            await self._limits.check_pages(key)
        if method == _BATCH:  # its items count, see `batch.py`
            await self._limits.check_requests(key)
        else:
            await self._limits.count_request(key)


def _check_scope(method: str, key: ApiKey) -> None:
    needed = Scope.ADMIN if method.startswith(_KEYS) else Scope.RECOGNIZE
    if needed not in key.scopes and method != _LOOK:
        raise ScopeInsufficient(
            f"This call needs a key with the scope {needed.name}. "
            "Ask an administrator for one, or call with another key."
        )


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
