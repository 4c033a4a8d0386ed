"""A key that this machine keeps in a file below the data folder, for its owner's eyes only."""

import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

from ocr_service.api_keys import (
    Scope,
    State,
    digest_of,
    is_well_formed,
    issue,
    private_file,
)
from ocr_service.config import Settings
from ocr_service.errors import KeyStoreUnavailable
from ocr_service.key_store import open_keys

_BELIEVED_SECONDS = 600.0


@dataclass
class KeptKey:
    """A key made when it is first asked for, and made anew when it does not work any more.

    Attributes:
        settings: What the operator chose.
        name: The file's name in ``data_dir``.
        user_id: Whose key it is.
        scopes: What it allows.
        description: What it is for.
    """

    settings: Settings
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
            KeyStoreUnavailable: The store was not there yet, and neither was the key.
        """
        with self._lock:
            if not self._secret or time.monotonic() - self._looked_at > _BELIEVED_SECONDS:
                try:
                    self._secret = self._keep()
                except KeyStoreUnavailable:
                    if not self._secret:
                        raise
                self._looked_at = time.monotonic()
            return self._secret

    def _keep(self) -> str:
        path = self.settings.data_dir / self.name
        store, pepper = open_keys(self.settings)
        with closing(store):
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
        return secret
