"""A key that this machine keeps in a file below the data folder, for its owner's eyes only."""

import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from ocr_service.api_keys import (
    Scope,
    State,
    digest_of,
    is_well_formed,
    issue,
    load_pepper,
    private_file,
)
from ocr_service.api_keys.sqlite import SqliteApiKeyStore

_BELIEVED_SECONDS = 600.0


@dataclass
class KeptKey:
    """A key made when it is first asked for, and made anew when it does not work any more.

    Attributes:
        data_dir: The key store's folder.
        name: The file's name there.
        user_id: Whose key it is.
        scopes: What it allows.
        description: What it is for.
    """

    data_dir: Path
    name: str
    user_id: str
    scopes: frozenset[Scope]
    description: str
    _secret: str = field(default="", init=False, repr=False)
    _looked_at: float = field(default=0.0, init=False, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False, repr=False)

    @property
    def secret(self) -> str:
        """What callers send. The store is asked every ten minutes whether it still works.

        Raises:
            KeyStoreUnavailable: The store cannot be opened.
        """
        with self._lock:
            if not self._secret or time.monotonic() - self._looked_at > _BELIEVED_SECONDS:
                self._secret = self._keep()
                self._looked_at = time.monotonic()
            return self._secret

    def _keep(self) -> str:
        path = self.data_dir / self.name
        store = SqliteApiKeyStore(self.data_dir / "keys.sqlite3")
        pepper = load_pepper(self.data_dir)
        try:
            secret = path.read_text(encoding="ascii").strip() if path.exists() else ""
            known = store.find(digest_of(secret, pepper)) if is_well_formed(secret) else None
            if (
                known is None
                or known.state(datetime.now(UTC)) is not State.ACTIVE
                or (known.user_id, known.scopes) != (self.user_id, self.scopes)
            ):
                _, secret = issue(
                    store,
                    pepper,
                    user_id=self.user_id,
                    scopes=self.scopes,
                    description=self.description,
                )
                private_file(path, secret.encode() + b"\n", overwrite=True)
        finally:
            store.close()
        return secret
