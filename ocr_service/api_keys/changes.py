"""What happens to a key after it was issued; each change leaves a line in the log."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import structlog

from ocr_service.api_keys import (
    THIS_MACHINE,
    ApiKey,
    ApiKeyStore,
    State,
    digest_of,
    new_secret,
)
from ocr_service.errors import ApiKeyEnded, ApiKeyNotFound

DEFAULT_OVERLAP = timedelta(hours=24)
MAX_OVERLAP = timedelta(days=30)

log = structlog.get_logger()


class Rotation(NamedTuple):
    """A key's replacement.

    Attributes:
        previous: The old key, with its new end.
        successor: The new key.
        secret: The new key's, which nobody else knows.
    """

    previous: ApiKey
    successor: ApiKey
    secret: str


def rotate(
    store: ApiKeyStore,
    pepper: bytes,
    key_id: str,
    *,
    overlap: timedelta = DEFAULT_OVERLAP,
    by: str = THIS_MACHINE,
) -> Rotation:
    """Make a successor that lives as long as the key was made for.

    Args:
        store: Where the key is.
        pepper: Of the store.
        key_id: The key to replace.
        overlap: How long it still works, from 0 to `MAX_OVERLAP`; never beyond its own end.
        by: Id of the key that asks for it.

    Raises:
        ApiKeyNotFound: No key has this id.
        ApiKeyEnded: The key is revoked, expired or replaced already.
    """
    old = store.get(key_id)
    if old is None:
        raise _not_found()
    now = datetime.now(UTC)
    state = old.state(now)
    if state is not State.ACTIVE:
        raise ApiKeyEnded(f"This key is {state}, so it has no successor. Issue a new one.")
    if old.successor_id:
        raise ApiKeyEnded(
            f"This key is replaced already. Rotate its successor, {old.successor_id}."
        )
    secret = new_secret()
    successor = replace(
        old,
        id=secrets.token_hex(8),
        display_prefix=secret[:8],
        create_time=now,
        expire_time=now + (old.expire_time - old.create_time),
        last_use_time=None,
    )
    end = min(now + overlap, old.expire_time)
    previous = store.replace(old.id, end, successor, digest_of(secret, pepper))
    if previous is None:  # another call may have been faster, so the store decides
        raise ApiKeyEnded("This key was replaced or revoked just now. List the keys to see which.")
    log.info(
        "key rotated",
        key_id=previous.id,
        user_id=previous.user_id,
        successor_id=successor.id,
        overlap_seconds=round((end - now).total_seconds()),
        by_key_id=by,
    )
    return Rotation(previous, successor, secret)


def revoke(store: ApiKeyStore, key_id: str, *, by: str = THIS_MACHINE) -> ApiKey:
    """Take a key back. Returns it; a key that was taken back before stays as it is.

    Raises:
        ApiKeyNotFound: No key has this id.
    """
    now = datetime.now(UTC)
    key = store.revoke(key_id, now)
    if key is None:
        raise _not_found()
    if key.revoke_time == now:
        log.info("key revoked", key_id=key.id, user_id=key.user_id, by_key_id=by)
    return key


def _not_found() -> ApiKeyNotFound:
    return ApiKeyNotFound("No API key has this id. List the keys to see the ids there are.")
