"""``ocr-service keys``: keys in the data folder or in Redis, with or without a server."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import typer
from ocr_client import console, keys_table

from ocr_service import convert, durations, logs
from ocr_service.api_keys import (
    ApiKey,
    ApiKeyStore,
    Position,
    Scope,
    changes,
    issue,
)
from ocr_service.config import Settings, SettingsError
from ocr_service.config_sources import load
from ocr_service.key_store import open_keys
from ocr_service.pb.ocr.v1 import api_key_service_pb2

_PAGE = 1000
_MOST = 2**31 - 1  # that an int32 holds


def run(action: str, flags: Mapping[str, Any]) -> None:
    """Do what the command line asks for.

    Raises:
        SettingsError: A value is wrong, or there is no key store.
        OcrError: There is no such key, it has ended, or the store does not answer.
    """
    _ACTIONS[action](flags)


def _issue(flags: Mapping[str, Any]) -> None:
    ttl = durations.parse(flags["ttl"])
    requests_per_minute = _number(flags["requests_per_minute"])
    scopes = {Scope.RECOGNIZE, Scope.UNMASKED} | ({Scope.ADMIN} if flags["admin"] else set())
    with _store(flags, new=True) as (store, pepper):
        key, secret = issue(
            store,
            pepper,
            user_id=flags["user"],
            scopes=frozenset(scopes),
            ttl=ttl,
            description=flags["description"],
            requests_per_minute=requests_per_minute,
        )
        console.write(f"{secret}\n")
        console.remark(
            f"Key {key.id} of {key.user_id}, until {key.expire_time:%Y-%m-%d}. "
            "It is not shown again."
        )


def _list(flags: Mapping[str, Any]) -> None:
    with _store(flags) as (store, _):
        keys_table.write_keys(map(_to_proto, _all(store, flags["user"])), flags["json"])


def _rotate(flags: Mapping[str, Any]) -> None:
    words = flags["overlap"]
    overlap = timedelta(0) if words == "0" else durations.parse(words)
    if overlap > changes.MAX_OVERLAP:
        raise SettingsError(f"Give an --overlap of at most {changes.MAX_OVERLAP.days}d.")
    with _store(flags) as (store, pepper):
        rotation = changes.rotate(store, pepper, flags["id"], overlap=overlap)
        reply = api_key_service_pb2.RotateApiKeyResponse(
            api_key=_to_proto(rotation.successor),
            secret=rotation.secret,
            previous=_to_proto(rotation.previous),
        )
        if flags["json"]:
            console.write_json(reply)
        else:
            keys_table.write_rotation(reply)


def _revoke(flags: Mapping[str, Any]) -> None:
    with _store(flags) as (store, _):
        key = _to_proto(changes.revoke(store, flags["id"]))
        if flags["json"]:
            console.write_json(api_key_service_pb2.RevokeApiKeyResponse(api_key=key))
        else:
            keys_table.remark_revocation(key)


@contextmanager
def _store(flags: Mapping[str, Any], *, new: bool = False) -> Iterator[tuple[ApiKeyStore, bytes]]:
    """Open the key store of the settings, with its pepper; changes are logged to standard error.

    Args:
        flags: Of the command.
        new: Make a store where there is none.

    Raises:
        SettingsError: There is none.
    """
    settings = _settings(flags)
    console.use_utf8()
    logs.configure(settings.log_level, settings.log_format)
    store, pepper = open_keys(settings, new=new)
    try:
        with closing(store):
            yield store, pepper
    except typer.Exit as exc:  # nobody reads the output
        sys.exit(exc.exit_code)


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) > _MOST:
        raise SettingsError(
            "Give --requests-per-minute a whole number, 0 for the server's default."
        )
    return int(text)


def _settings(flags: Mapping[str, Any]) -> Settings:
    return load({name: flags[name] for name in ("data_dir", "config") if name in flags}, os.environ)


def _all(store: ApiKeyStore, user_id: str) -> Iterator[ApiKey]:
    after = None
    while keys := store.page(user_id, after, _PAGE):
        yield from keys
        after = Position(keys[-1].create_time, keys[-1].id)


def _to_proto(key: ApiKey) -> api_key_service_pb2.ApiKey:
    return convert.api_key_to_proto(key, datetime.now(UTC))


_ACTIONS = {"issue": _issue, "list": _list, "rotate": _rotate, "revoke": _revoke}
