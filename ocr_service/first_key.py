"""The key that `make serve` prints: made once, kept where only its owner can read it."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from ocr_service.api_keys import Scope
from ocr_service.config import Settings
from ocr_service.kept_key import KeptKey

_COMMANDS = r"""
Ready on {address}. Choose an image or PDF of yours, then paste any of the commands:

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
"""
_PAGE = """
The page, with its key: http://{gateway}/#key={key}
"""
_CURL = r"""
# curl; http://{gateway}/docs has the rest
curl -H 'X-API-Key: {key}' -F "file=@$IMAGE" http://{gateway}/v1/images:recognize
"""
_STOP = "\nStop with Ctrl-C.\n"


def of(settings: Settings) -> KeptKey:
    """The operator's key, which may do everything."""
    description = "first key, kept in a file for the operator"
    return KeptKey(settings, "first-key", "operator", frozenset(Scope), description)


def announce(settings: Settings, port: int, gateway_ports: Sequence[int] = ()) -> None:
    """Print the key and commands to paste, when the operator asked for a first key.

    Args:
        settings: What the operator chose.
        port: Of the server.
        gateway_ports: Of the gateway beside it, if there is one.
    """
    if not settings.first_key:
        return
    key = of(settings).secret
    address = f"{settings.local_host}:{port}"
    tls = settings.tls_certificate is not None
    commands = _COMMANDS.format(
        address=address,
        key=key,
        transport="-insecure" if tls else "-plaintext",
        server=f"https://{address}" if tls else address,
        flags=f" --ca {settings.tls_certificate}" if tls else "",
        arguments=f', ca=pathlib.Path("{settings.tls_certificate}")' if tls else "",
        ocr=shlex.quote(str(Path(sys.executable).with_name("ocr"))),
        python=shlex.quote(sys.executable),
    )
    if gateway_ports:
        gateway = f"{settings.gateway_host}:{gateway_ports[0]}"
        commands = _PAGE.format(key=key, gateway=gateway) + commands
        commands += _CURL.format(key=key, gateway=gateway)
    print(commands + _STOP, flush=True)  # noqa: T201  what `make serve` is for
