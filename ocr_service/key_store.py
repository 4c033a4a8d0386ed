"""Opens the key store that the settings name, with its pepper: the only place that knows which."""

import hashlib
import hmac
import secrets
from contextlib import suppress

from ocr_service.api_keys import ApiKeyStore, private_file
from ocr_service.api_keys.sqlite import SqliteApiKeyStore
from ocr_service.config import Settings, SettingsError
from ocr_service.errors import KeyStoreUnavailable

_LEAST_BYTES = 32


def open_keys(settings: Settings, *, new: bool = True) -> tuple[ApiKeyStore, bytes]:
    """Return the store, to be closed by the caller, and the pepper of its digests.

    Args:
        settings: With a ``redis_url`` the keys are there, otherwise in a file of ``data_dir``.
        new: Make the file where there is none.

    Raises:
        SettingsError: There is no such file, no such pepper, or the keys are of another pepper.
        KeyStoreUnavailable: The file cannot be opened. A Redis that does not answer is open.
    """
    if settings.redis_url:
        return _in_redis(settings)
    path = settings.data_dir / "keys.sqlite3"
    if not new and not path.exists():
        raise SettingsError(
            "There are no keys in the data folder. Name the server's with --data-dir or "
            "OCR_DATA_DIR, as the user that runs the server; or its Redis with OCR_REDIS_URL."
        )
    pepper = load_pepper(settings)
    return SqliteApiKeyStore(path), pepper


def _in_redis(settings: Settings) -> tuple[ApiKeyStore, bytes]:
    from ocr_service.api_keys.redis import RedisApiKeyStore  # loads much that only Redis needs

    pepper = load_pepper(settings)
    store = RedisApiKeyStore(settings.redis_url)
    with suppress(KeyStoreUnavailable):
        if not store.bears(_fingerprint(pepper)):
            store.close()
            raise SettingsError(
                "The keys in Redis were made with another pepper. Give every server that shares "
                "this Redis the same file with --pepper-file or OCR_PEPPER_FILE."
            )
    return store, pepper


def load_pepper(settings: Settings) -> bytes:
    """Return the server's pepper; the one in ``data_dir`` is made at the first call, 32 bytes.

    Raises:
        SettingsError: The file that the operator names cannot be read or is too short.
    """
    if settings.pepper_file is None:
        path = settings.data_dir / "pepper"
        if not path.exists():
            private_file(path, secrets.token_bytes(_LEAST_BYTES), overwrite=False)
        return path.read_bytes()
    try:
        pepper = settings.pepper_file.read_bytes()
    except OSError as exc:
        raise SettingsError(f"The pepper_file cannot be read: {exc}") from exc
    if len(pepper) < _LEAST_BYTES:
        raise SettingsError(
            f"The pepper_file has fewer than {_LEAST_BYTES} bytes. "
            f"Make one: openssl rand -hex {_LEAST_BYTES}"
        )
    return pepper


def _fingerprint(pepper: bytes) -> str:
    """Tells peppers apart and nothing of them."""
    return hmac.new(pepper, b"fingerprint", hashlib.sha256).hexdigest()
