"""A key as a Redis hash: text for text, whole microseconds since 1970 for times, no field for None.

The hash holds the digest too, so that an answer can be told from one that was meant for another.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from ocr_service.api_keys import ApiKey, Scope

_EPOCH = datetime.fromtimestamp(0, UTC)
_MICROSECOND = timedelta(microseconds=1)


def microseconds(time: datetime) -> int:
    """Since 1970, exactly."""
    return (time - _EPOCH) // _MICROSECOND


def to_fields(key: ApiKey, digest: str) -> dict[str, str]:
    """The fields of a new key, which nobody has used, replaced or revoked."""
    return {
        "id": key.id,
        "digest": digest,
        "user_id": key.user_id,
        "description": key.description,
        "display_prefix": key.display_prefix,
        "scopes": json.dumps(sorted(key.scopes)),
        "create_time": str(microseconds(key.create_time)),
        "expire_time": str(microseconds(key.expire_time)),
        "requests_per_minute": str(key.requests_per_minute),
    }


def to_key(fields: Mapping[str, str]) -> ApiKey | None:
    """The key; None if there are no fields.

    Raises:
        ValueError, KeyError, TypeError: It is none.
    """
    if not fields:
        return None
    return ApiKey(
        id=fields["id"],
        user_id=fields["user_id"],
        description=fields["description"],
        display_prefix=fields["display_prefix"],
        scopes=frozenset(Scope(name) for name in json.loads(fields["scopes"])),
        create_time=_time(fields["create_time"]),
        expire_time=_time(fields["expire_time"]),
        last_use_time=_time(fields["last_use_time"]) if "last_use_time" in fields else None,
        revoke_time=_time(fields["revoke_time"]) if "revoke_time" in fields else None,
        requests_per_minute=int(fields["requests_per_minute"]),
        successor_id=fields.get("successor_id"),
    )


def _time(text: str) -> datetime:
    return _EPOCH + int(text) * _MICROSECOND
