"""API keys: their form, their hashes, and what is known about each.

A key is ``ocr_`` + 32 characters from 24 random bytes + 6 characters of their CRC-32, all base 62.
The check characters let a mistyped key be refused without asking the store. The store holds the
HMAC-SHA-256 of the key under a pepper that is not in it, never the key.
"""

import hmac
import os
import secrets
import string
import zlib
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple, Protocol

import structlog

DEFAULT_TTL = timedelta(days=90)
THIS_MACHINE = "this machine"
"""Who makes a change that no key asked for, in the log: a command or the server itself."""
UNAVAILABLE = "API keys cannot be checked right now. Try again shortly."
"""What `KeyStoreUnavailable` says, whatever the store is."""

_PREFIX = "ocr_"
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase
_RANDOM_CHARACTERS = 32
_CHECK_CHARACTERS = 6

log = structlog.get_logger()


class Scope(StrEnum):
    """What a key allows."""

    RECOGNIZE = "recognize"
    UNMASKED = "unmasked"
    ADMIN = "admin"


class State(StrEnum):
    """Whether a key works."""

    ACTIVE = "active"
    EXPIRED = "expired"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key without its secret. Times are aware, in UTC.

    Attributes:
        id: Identifier, not secret.
        user_id: Whose key it is.
        description: What it is for.
        display_prefix: First characters of the secret.
        scopes: What it allows.
        create_time: When it was made.
        expire_time: When it ends.
        last_use_time: When it was last used, to the minute; None if it never was.
        revoke_time: When it was taken back; None if it was not.
        requests_per_minute: Calls it may make in a minute; 0 for the server's default.
        successor_id: The key that replaces it; None if none does.
    """

    id: str
    user_id: str
    description: str
    display_prefix: str
    scopes: frozenset[Scope]
    create_time: datetime
    expire_time: datetime
    last_use_time: datetime | None = None
    revoke_time: datetime | None = None
    requests_per_minute: int = 0
    successor_id: str | None = None

    def state(self, now: datetime) -> State:
        """Whether the key works at that time. Revoked is revoked, whatever the clock says."""
        if self.revoke_time is not None:
            return State.REVOKED
        return State.EXPIRED if self.expire_time <= now else State.ACTIVE


class Position(NamedTuple):
    """Where a key stands in the order of all keys: newest first, then by id, backwards."""

    create_time: datetime
    id: str


class ApiKeyStore(Protocol):
    """Where keys live. Calls may block; every one may raise `KeyStoreUnavailable`.

    What a call changes, every process that shares the store sees with its next call.
    """

    def add(self, key: ApiKey, digest: str) -> None:
        """Keep a new key under the digest of its secret."""

    def find(self, digest: str) -> ApiKey | None:
        """Return the key with that digest, whatever its state."""

    def get(self, key_id: str) -> ApiKey | None:
        """Return the key with that id, whatever its state."""

    def page(self, user_id: str, after: Position | None, size: int) -> list[ApiKey]:
        """Return up to ``size`` keys, newest first.

        Args:
            user_id: Only this user's; empty for everybody's.
            after: Only keys that stand after this place; None for all.
            size: At least 1.
        """

    def touch(self, key_id: str, when: datetime) -> None:
        """Note that a key was used."""

    def replace(
        self, key_id: str, expire_time: datetime, successor: ApiKey, digest: str
    ) -> ApiKey | None:
        """Keep a successor under its digest, and let the old key end then: both or neither.

        Returns:
            The old key as it is now; None, and nothing is changed, if it is not there, is revoked
            or has a successor.
        """

    def revoke(self, key_id: str, when: datetime) -> ApiKey | None:
        """Take a key back, unless it was before. Returns it as it is now; None if there is none."""

    def close(self) -> None:
        """Let go of the store."""


def new_secret() -> str:
    """Return a fresh key."""
    number = int.from_bytes(secrets.token_bytes(24))
    body = _base62(number, _RANDOM_CHARACTERS)
    return _PREFIX + body + _check(body)


def is_well_formed(secret: str) -> bool:
    """Whether the form and the check characters are right. Says nothing of the store."""
    body = secret[len(_PREFIX) : -_CHECK_CHARACTERS]
    return (
        secret.startswith(_PREFIX)
        and len(body) == _RANDOM_CHARACTERS
        and set(body) <= set(_ALPHABET)
        and hmac.compare_digest(secret[-_CHECK_CHARACTERS:].encode(), _check(body).encode())
    )


def digest_of(secret: str, pepper: bytes) -> str:
    """HMAC-SHA-256 of a key, hexadecimal: what the store holds."""
    return hmac.digest(pepper, secret.encode(), "sha256").hex()


def issue(  # the arguments are the fields of IssueApiKeyRequest
    store: ApiKeyStore,
    pepper: bytes,
    *,
    user_id: str,
    scopes: frozenset[Scope],
    ttl: timedelta = DEFAULT_TTL,
    description: str = "",
    requests_per_minute: int = 0,
    by: str = THIS_MACHINE,
) -> tuple[ApiKey, str]:
    """Make a key, keep it and log that. Returns it with its secret, which nobody else knows."""
    secret = new_secret()
    now = datetime.now(UTC)
    key = ApiKey(
        id=secrets.token_hex(8),
        user_id=user_id,
        description=description,
        display_prefix=secret[:8],
        scopes=scopes,
        create_time=now,
        expire_time=now + ttl,
        requests_per_minute=requests_per_minute,
    )
    store.add(key, digest_of(secret, pepper))
    log.info(
        "key issued", key_id=key.id, user_id=user_id, scopes=sorted(map(str, scopes)), by_key_id=by
    )
    return key, secret


def private_file(path: Path, content: bytes, *, overwrite: bool) -> None:
    """Write a file that only its owner can read; it is never there half-written.

    Args:
        path: Where; missing folders are made.
        content: What.
        overwrite: False keeps a file that is already there, even one made this very moment.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        if overwrite:
            temporary.replace(path)
        else:
            with suppress(FileExistsError):
                path.hardlink_to(temporary)
    finally:
        temporary.unlink(missing_ok=True)


def _base62(number: int, length: int) -> str:
    characters = []
    for _ in range(length):
        number, digit = divmod(number, 62)
        characters.append(_ALPHABET[digit])
    return "".join(reversed(characters))


def _check(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _CHECK_CHARACTERS)
