"""API keys in Redis, for all replicas that have the same pepper.

    ocr:key:id:ID           hash: the fields of an ApiKey, and its digest
    ocr:key:digest:DIGEST   the id
    ocr:key:all             sorted set of their places: time:ID, in the order of `Position`
    ocr:key:user:USER_ID    the same of one user's keys
    ocr:key:pepper          fingerprint of the pepper of these digests

Nothing here has a life time of its own, so a policy that evicts by life time leaves keys alone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import RedisError, ResponseError
from redis.retry import Retry

from ocr_service.api_keys import UNAVAILABLE, ApiKey, Position
from ocr_service.api_keys.redis_hash import microseconds, to_fields, to_key
from ocr_service.breaker import Breaker
from ocr_service.errors import KeyStoreUnavailable

_WAIT_SECONDS = 0.1  # for a connection and for an answer, of which one is waited for in vain
_NAME = "key store"  # in the log
_ID = "ocr:key:id:"
_DIGEST = "ocr:key:digest:"
_USER = "ocr:key:user:"
_ALL = "ocr:key:all"
_PEPPER = "ocr:key:pepper"

# Every script may run twice, after a connection that was lost before its answer came: the second
# run finds what the first has done and changes nothing.
_FIND = """
local id = redis.call('GET', KEYS[1])
return id and redis.call('HGETALL', ARGV[1] .. id) or {}
"""
_ADD = """
redis.call('SET', KEYS[1], ARGV[1])
redis.call('ZADD', KEYS[3], 0, ARGV[2])
redis.call('ZADD', KEYS[4], 0, ARGV[2])
redis.call('HSET', KEYS[2], unpack(ARGV, 3))
"""
_REPLACE = (
    """
local old, id, expire_time = KEYS[5], ARGV[1], table.remove(ARGV)
local found = redis.call('HMGET', old, 'id', 'revoke_time', 'successor_id')
if not found[1] or found[2] or (found[3] and found[3] ~= id) then return {} end
redis.call('HSET', old, 'expire_time', expire_time, 'successor_id', id)
"""
    + _ADD
    + "return redis.call('HGETALL', old)"
)
_REVOKE = """
if redis.call('EXISTS', KEYS[1]) == 0 then return {} end
redis.call('HSETNX', KEYS[1], 'revoke_time', ARGV[1])
return redis.call('HGETALL', KEYS[1])
"""
_TOUCH = """
if redis.call('EXISTS', KEYS[1]) == 1 then redis.call('HSET', KEYS[1], 'last_use_time', ARGV[1]) end
"""

log = structlog.get_logger()


class RedisApiKeyStore:
    """Keys in one Redis. See `ApiKeyStore`; safe to use from several threads."""

    def __init__(self, url: str) -> None:
        """Connect when first asked, so that a server starts without its Redis.

        Args:
            url: As ``redis://HOST:PORT/0``, ``rediss://…`` for TLS, or ``unix:///PATH``.
        """
        self._redis: Any = Redis.from_url(  # whose types are those of bytes
            url,
            decode_responses=True,
            socket_timeout=_WAIT_SECONDS,
            socket_connect_timeout=_WAIT_SECONDS,
            protocol=2,  # no greeting that would cost a round trip
            driver_info=None,
            retry=Retry(NoBackoff(), 1, (RedisConnectionError,)),  # Redis was started again
        )
        self._breaker = Breaker(_NAME)
        self._refuses = False

    def bears(self, fingerprint: str) -> bool:
        """Whether the digests are of the pepper with that fingerprint; the first one is noted.

        Raises:
            KeyStoreUnavailable: Redis did not answer.
        """
        with self._asking():
            is_first = self._redis.setnx(_PEPPER, fingerprint)
            return bool(is_first) or self._redis.get(_PEPPER) == fingerprint

    def add(self, key: ApiKey, digest: str) -> None:
        """Keep a new key under the digest of its secret."""
        names, values = _new(key, digest)
        with self._asking():
            self._redis.eval(_ADD, len(names), *names, *values)

    def find(self, digest: str) -> ApiKey | None:
        """Return the key with that digest, whatever its state."""
        with self._asking():
            fields = _pairs(self._redis.eval(_FIND, 1, _DIGEST + digest, _ID))
            if fields and fields["digest"] != digest:
                raise ValueError("this is the answer to another question")
            return to_key(fields)

    def get(self, key_id: str) -> ApiKey | None:
        """Return the key with that id, whatever its state."""
        with self._asking():
            return to_key(self._redis.hgetall(_ID + key_id))

    def page(self, user_id: str, after: Position | None, size: int) -> list[ApiKey]:
        """Return up to ``size`` keys, newest first."""
        order = _USER + user_id if user_id else _ALL
        highest = f"({_place(*after)}" if after else "+"
        with self._asking():
            places = self._redis.zrevrangebylex(order, highest, "-", 0, size)
            each = self._redis.pipeline(transaction=False)
            for place in places:
                each.hgetall(_ID + place.partition(":")[2])
            return [key for key in map(to_key, each.execute()) if key is not None]

    def touch(self, key_id: str, when: datetime) -> None:
        """Note that a key was used."""
        with self._asking():
            self._redis.eval(_TOUCH, 1, _ID + key_id, microseconds(when))

    def replace(
        self, key_id: str, expire_time: datetime, successor: ApiKey, digest: str
    ) -> ApiKey | None:
        """Keep a successor, and let the old key end then: both or neither."""
        names, values = _new(successor, digest)
        names.append(_ID + key_id)
        values.append(str(microseconds(expire_time)))
        with self._asking():
            return to_key(_pairs(self._redis.eval(_REPLACE, len(names), *names, *values)))

    def revoke(self, key_id: str, when: datetime) -> ApiKey | None:
        """Take a key back, unless it was before."""
        with self._asking():
            return to_key(_pairs(self._redis.eval(_REVOKE, 1, _ID + key_id, microseconds(when))))

    def close(self) -> None:
        """Let go of the connections."""
        self._redis.close()

    @contextmanager
    def _asking(self) -> Iterator[None]:
        """Ask within; refuses at once where Redis has just failed to answer."""
        if not self._breaker.allows():
            raise KeyStoreUnavailable(UNAVAILABLE, retry_after=1.0)
        try:
            yield
        except Exception as exc:
            if isinstance(exc, RedisError | OSError) and not isinstance(exc, ResponseError):
                self._breaker.failed(type(exc).__name__)
            else:  # it answers: it is full or read-only for example, or this record is no key
                self._refused(exc)
            raise KeyStoreUnavailable(UNAVAILABLE, retry_after=1.0) from exc
        self._breaker.succeeded()

    def _refused(self, exc: Exception) -> None:
        self._breaker.succeeded()
        if not self._refuses:
            self._refuses = True  # said once: a full Redis refuses for hours
            log.warning("store refuses", store=_NAME, cause=type(exc).__name__)


def _new(key: ApiKey, digest: str) -> tuple[list[str], list[str]]:
    """Names and values of what `_ADD` writes."""
    names = [_DIGEST + digest, _ID + key.id, _ALL, _USER + key.user_id]
    fields = to_fields(key, digest).items()
    return names, [
        key.id,
        _place(key.create_time, key.id),
        *(word for pair in fields for word in pair),
    ]


def _place(create_time: datetime, key_id: str) -> str:
    """Sorts as text in the order of `Position`; 16 digits do until the year 2286."""
    return f"{microseconds(create_time):016d}:{key_id}"


def _pairs(words: Any) -> dict[str, str]:
    """The fields of a hash, as a script returns them: name, value, name, value."""
    return dict(zip(words[::2], words[1::2], strict=True))
