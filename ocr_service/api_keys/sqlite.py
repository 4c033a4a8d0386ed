"""API keys in an SQLite file, the embedded default. Several processes may share it (WAL)."""

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ocr_service.api_keys import UNAVAILABLE, ApiKey, Position, Scope
from ocr_service.errors import KeyStoreUnavailable

_SCHEMA = """
CREATE TABLE IF NOT EXISTS api_keys (
    id TEXT PRIMARY KEY,
    digest TEXT NOT NULL UNIQUE,
    user_id TEXT NOT NULL,
    description TEXT NOT NULL,
    display_prefix TEXT NOT NULL,
    scopes TEXT NOT NULL,
    create_time REAL NOT NULL,
    expire_time REAL NOT NULL,
    last_use_time REAL,
    revoke_time REAL,
    requests_per_minute INTEGER NOT NULL,
    successor_id TEXT
) STRICT
"""
_INDEX = "CREATE INDEX IF NOT EXISTS api_keys_in_order ON api_keys (create_time, id)"
_VERSION = 1  # of the tables; 0 had no successor_id
_AFTER_ALL = Position(datetime.max.replace(tzinfo=UTC), "")
_BUSY_SECONDS = 2.0


class SqliteApiKeyStore:
    """Keys in one file; safe to use from several threads and processes."""

    def __init__(self, path: Path) -> None:
        """Open the file, made if missing, readable by its owner only.

        Raises:
            KeyStoreUnavailable: The file cannot be opened or is not a key store.
        """
        self._lock = threading.Lock()
        with _translated():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600)
            self._connection = sqlite3.connect(
                path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False
            )
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._upgrade()

    def add(self, key: ApiKey, digest: str) -> None:
        """Keep a new key under the digest of its secret."""
        with self._lock, _translated(), self._transaction():
            self._insert(key, digest)

    def _insert(self, key: ApiKey, digest: str) -> None:
        row = {
            "id": key.id,
            "digest": digest,
            "user_id": key.user_id,
            "description": key.description,
            "display_prefix": key.display_prefix,
            "scopes": json.dumps(sorted(key.scopes)),
            "create_time": key.create_time.timestamp(),
            "expire_time": key.expire_time.timestamp(),
            "last_use_time": None,
            "revoke_time": None,
            "requests_per_minute": key.requests_per_minute,
            "successor_id": None,
        }
        names = ", ".join(row)
        marks = ", ".join(f":{name}" for name in row)
        self._connection.execute(f"INSERT INTO api_keys ({names}) VALUES ({marks})", row)  # noqa: S608  names above

    def find(self, digest: str) -> ApiKey | None:
        """Return the key with that digest, whatever its state."""
        rows = self._execute("SELECT * FROM api_keys WHERE digest = :digest", {"digest": digest})
        return _to_key(rows[0]) if rows else None

    def get(self, key_id: str) -> ApiKey | None:
        """Return the key with that id, whatever its state."""
        rows = self._execute("SELECT * FROM api_keys WHERE id = :id", {"id": key_id})
        return _to_key(rows[0]) if rows else None

    def page(self, user_id: str, after: Position | None, size: int) -> list[ApiKey]:
        """Return up to ``size`` keys, newest first."""
        create_time, key_id = after or _AFTER_ALL
        rows = self._execute(
            "SELECT * FROM api_keys"
            " WHERE :user_id IN ('', user_id) AND (create_time, id) < (:create_time, :id)"
            " ORDER BY create_time DESC, id DESC LIMIT :size",
            {
                "user_id": user_id,
                "create_time": create_time.timestamp(),
                "id": key_id,
                "size": size,
            },
        )
        return [_to_key(row) for row in rows]

    def touch(self, key_id: str, when: datetime) -> None:
        """Note that a key was used."""
        self._execute(
            "UPDATE api_keys SET last_use_time = :when WHERE id = :id",
            {"when": when.timestamp(), "id": key_id},
        )

    def replace(
        self, key_id: str, expire_time: datetime, successor: ApiKey, digest: str
    ) -> ApiKey | None:
        """Keep a successor, and let the old key end then: both or neither."""
        with self._lock, _translated(), self._transaction():
            rows = self._connection.execute(
                "UPDATE api_keys SET expire_time = :end, successor_id = :successor_id"
                " WHERE id = :id AND revoke_time IS NULL AND successor_id IS NULL RETURNING *",
                {"end": expire_time.timestamp(), "successor_id": successor.id, "id": key_id},
            ).fetchall()
            if rows:
                self._insert(successor, digest)
        return _to_key(rows[0]) if rows else None

    def revoke(self, key_id: str, when: datetime) -> ApiKey | None:
        """Take a key back, unless it was before."""
        with self._lock, _translated(), self._transaction():
            rows = self._connection.execute(
                "UPDATE api_keys SET revoke_time = coalesce(revoke_time, :when)"
                " WHERE id = :id RETURNING *",
                {"when": when.timestamp(), "id": key_id},
            ).fetchall()
        return _to_key(rows[0]) if rows else None

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._connection.close()

    def _upgrade(self) -> None:
        """Make the tables, or bring those of an older version up to date."""
        [version] = self._connection.execute("PRAGMA user_version").fetchone()
        if version >= _VERSION:
            return
        with self._transaction():
            self._connection.execute(_SCHEMA)
            columns = self._connection.execute("PRAGMA table_info(api_keys)").fetchall()
            if "successor_id" not in [column["name"] for column in columns]:
                self._connection.execute("ALTER TABLE api_keys ADD COLUMN successor_id TEXT")
            self._connection.execute(_INDEX)
            self._connection.execute(f"PRAGMA user_version = {_VERSION}")

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Write several things or none; they survive a loss of power, unlike a last use."""
        self._connection.execute("PRAGMA synchronous=FULL")
        try:
            with self._connection:
                self._connection.execute("BEGIN IMMEDIATE")
                yield
        finally:
            self._connection.execute("PRAGMA synchronous=NORMAL")

    def _execute(self, statement: str, values: dict[str, Any]) -> list[sqlite3.Row]:
        with self._lock, _translated():
            return self._connection.execute(statement, values).fetchall()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as exc:
        raise KeyStoreUnavailable(UNAVAILABLE, retry_after=1.0) from exc


def _to_key(row: sqlite3.Row) -> ApiKey:
    return ApiKey(
        id=row["id"],
        user_id=row["user_id"],
        description=row["description"],
        display_prefix=row["display_prefix"],
        scopes=frozenset(Scope(name) for name in json.loads(row["scopes"])),
        create_time=datetime.fromtimestamp(row["create_time"], UTC),
        expire_time=datetime.fromtimestamp(row["expire_time"], UTC),
        last_use_time=_time(row["last_use_time"]),
        revoke_time=_time(row["revoke_time"]),
        requests_per_minute=row["requests_per_minute"],
        successor_id=row["successor_id"],
    )


def _time(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
