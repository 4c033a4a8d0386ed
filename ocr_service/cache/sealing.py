"""Values that leave this process: readable and genuine only for who has the server's secret."""

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_KEY_BYTES = 32
_NONCE_BYTES = 12


def derive(secret: bytes, purpose: bytes) -> bytes:
    """A key of 32 bytes for one purpose, by HKDF (RFC 5869); it tells nothing of the secret."""
    return HKDF(SHA256(), _KEY_BYTES, salt=None, info=purpose).derive(secret)


class Sealer:
    """AES-256-GCM (NIST SP 800-38D): a random nonce, then the ciphertext with its tag."""

    def __init__(self, secret: bytes) -> None:
        self._cipher = AESGCM(derive(secret, b"ocr-service: values of results"))

    def seal(self, value: bytes, name: bytes) -> bytes:
        """Encrypt a value that belongs to this name and to no other."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, value, name)

    def open(self, sealed: bytes, name: bytes) -> bytes | None:
        """The value, or None if it was changed, sealed for another name, or by another secret."""
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, ciphertext, name)
        except (InvalidTag, ValueError):
            return None
