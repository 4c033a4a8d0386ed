"""The key that `make serve` prints: made once, kept where only its owner can read it."""

import shlex
import sys
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
from ocr_service.config import Settings

_COMMANDS = r"""
Ready on {address}. Choose an image or PDF of yours, then paste any of the three commands:

IMAGE=receipt.jpg

# grpcurl
echo '{{"options":{{"detail":"DETAIL_LEVEL_TEXT"}},"content":"'"$(base64 -w0 "$IMAGE")"'"}}' | \
  grpcurl {transport} -H 'x-api-key: {key}' -d @ {address} ocr.v1.OcrService/Recognize

# command line
OCR_API_KEY={key} {ocr} recognize --server {server}{flags} "$IMAGE"

# Python
{python} -c 'import pathlib, sys, ocr_client
client = ocr_client.OcrClient("{server}", api_key="{key}"{arguments})
print(client.recognize(pathlib.Path(sys.argv[1]).read_bytes()).text)' "$IMAGE"

Stop with Ctrl-C.
"""


def announce(settings: Settings, port: int) -> None:
    """Print the key and three commands to paste, when the operator asked for a first key."""
    if not settings.first_key:
        return
    address = f"{settings.local_host}:{port}"
    tls = settings.tls_certificate is not None
    commands = _COMMANDS.format(
        address=address,
        key=keep(settings),
        transport="-insecure" if tls else "-plaintext",
        server=f"https://{address}" if tls else address,
        flags=f" --ca {settings.tls_certificate}" if tls else "",
        arguments=f', ca=pathlib.Path("{settings.tls_certificate}")' if tls else "",
        ocr=shlex.quote(str(Path(sys.executable).with_name("ocr"))),
        python=shlex.quote(sys.executable),
    )
    print(commands, flush=True)  # noqa: T201  what `make serve` is for


def keep(settings: Settings) -> str:
    """Return the key in the file, made anew when there is none or it does not work any more.

    Raises:
        KeyStoreUnavailable: The store cannot be opened.
    """
    path = settings.data_dir / "first-key"
    store = SqliteApiKeyStore(settings.data_dir / "keys.sqlite3")
    pepper = load_pepper(settings.data_dir)
    try:
        secret = path.read_text(encoding="ascii").strip() if path.exists() else ""
        known = store.find(digest_of(secret, pepper)) if is_well_formed(secret) else None
        if known is None or known.state(datetime.now(UTC)) is not State.ACTIVE:
            description = "first key, kept in a file for the operator"
            _, secret = issue(
                store, pepper, user_id="operator", scopes=frozenset(Scope), description=description
            )
            private_file(path, secret.encode() + b"\n", overwrite=True)
    finally:
        store.close()
    return secret
