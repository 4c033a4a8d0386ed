"""Page tokens of ListApiKeys: where a page ended, for the same list only.

A token is the place after 16 bytes of its HMAC-SHA-256, in base64 for URLs. The place is that of
the last key of the page, which its reader knows: no count, no row number, nothing of a secret.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import UTC, datetime, timedelta

from ocr_service.api_keys import Position
from ocr_service.errors import OptionInvalid

_MAC_BYTES = 16
_TIME_BYTES = 8
_EPOCH = datetime.fromtimestamp(0, UTC)


def write(position: Position, user_id: str, pepper: bytes) -> str:
    """Return the token for the page after this place in the list of that user's keys."""
    microseconds = (position.create_time - _EPOCH) // timedelta(microseconds=1)
    place = microseconds.to_bytes(_TIME_BYTES) + position.id.encode()
    return urlsafe_b64encode(_mac(place, user_id, pepper) + place).decode().rstrip("=")


def read(token: str, user_id: str, pepper: bytes) -> Position:
    """Return the place that a token stands for.

    Raises:
        OptionInvalid: It was not made here, or not for the list of that user's keys.
    """
    try:
        whole = urlsafe_b64decode(token + "=" * (-len(token) % 4))
    except ValueError:
        raise _invalid() from None
    mac, place = whole[:_MAC_BYTES], whole[_MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(place, user_id, pepper)):
        raise _invalid()
    microseconds = int.from_bytes(place[:_TIME_BYTES])
    return Position(_EPOCH + timedelta(microseconds=microseconds), place[_TIME_BYTES:].decode())


def _mac(place: bytes, user_id: str, pepper: bytes) -> bytes:
    # Not to be taken for the digest of a key: a key begins with ocr_.
    message = b"page_token\0" + user_id.encode() + b"\0" + place
    return hmac.digest(pepper, message, hashlib.sha256)[:_MAC_BYTES]


def _invalid() -> OptionInvalid:
    return OptionInvalid(
        "Give the next_page_token of the page before, with the same user_id, or none.",
        field="page_token",
    )
