"""API keys as people read them; `ocr keys` and `ocr-service keys` show them alike."""

from collections.abc import Iterable

from google.protobuf.timestamp_pb2 import Timestamp

from ocr_client import console
from ocr_service.pb.ocr.v1 import api_key_service_pb2 as api_keys

_HEADINGS = (
    "ID",
    "USER",
    "STATE",
    "SCOPES",
    "A MINUTE",
    "ENDS",
    "LAST USE",
    "REPLACED BY",
    "DESCRIPTION",
)


def write_keys(keys: Iterable[api_keys.ApiKey], as_json: bool) -> None:
    """Write a table with a line for each key, or a line of JSON for each.

    Args:
        keys: None of them is said on standard error, so that a table stays a table.
        as_json: JSON by the mapping of protobuf.
    """
    rows = []
    for key in keys:
        if as_json:
            console.write_json(key)
        else:
            rows.append(_row(key))
    if rows:
        console.write_table(rows, _HEADINGS)
    elif not as_json:
        console.remark("There are no keys.")


def describe(key: api_keys.ApiKey) -> list[tuple[str, ...]]:
    """Return what there is to say about a key, as rows of name and value."""
    rows = [
        ("id", key.id),
        ("user", key.user_id),
        ("description", key.description),
        ("starts with", key.display_prefix),
        ("scopes", _scopes(key)),
        ("state", _state(key)),
        ("replaced by", key.successor_id),
        ("made", key.create_time.ToJsonString()),
        ("ends", key.expire_time.ToJsonString() if key.HasField("expire_time") else "never"),
        ("calls a minute", str(key.requests_per_minute or "the server's default")),
    ]
    return [row for row in rows if row[1]]


def write_rotation(reply: api_keys.RotateApiKeyResponse) -> None:
    """Write the new secret to standard output, and what happens to both keys as a remark."""
    for name, value in describe(reply.api_key):
        console.remark(f"{name}: {value}")
    console.remark(f"The old key, {reply.previous.id}, ends {minute(reply.previous.expire_time)}.")
    console.write(f"{reply.secret}\n")


def remark_revocation(key: api_keys.ApiKey) -> None:
    """Say that a key is revoked."""
    console.remark(
        f"Key {key.id} of {key.user_id} is revoked. "
        "Every server that shares its keys refuses it within 5 seconds."
    )


def minute(time: Timestamp) -> str:
    """Return the minute that a time is in, in UTC: 2026-01-31 09:30Z."""
    return f"{time.ToDatetime():%Y-%m-%d %H:%MZ}"


def _row(key: api_keys.ApiKey) -> tuple[str, ...]:
    return (
        key.id,
        key.user_id,
        _state(key),
        _scopes(key),
        str(key.requests_per_minute or ""),
        minute(key.expire_time) if key.HasField("expire_time") else "never",
        minute(key.last_use_time) if key.HasField("last_use_time") else "never",
        key.successor_id,
        key.description,
    )


def _scopes(key: api_keys.ApiKey) -> str:
    names = (api_keys.Scope.Name(scope) for scope in key.scopes)
    return ", ".join(name.removeprefix("SCOPE_").lower() for name in names)


def _state(key: api_keys.ApiKey) -> str:
    return api_keys.ApiKeyState.Name(key.state).removeprefix("API_KEY_STATE_").lower()
