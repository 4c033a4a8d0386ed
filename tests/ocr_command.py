"""Runs `ocr` for tests: inside this process where that is enough, and as a command."""

import os
import sys
from collections.abc import Sequence

from ocr_client import commands
from typer.testing import CliRunner, Result

from tests.servers import Server


def ocr(server: Server, *words: str, key: str | None = None, stdin: bytes | None = None) -> Result:
    """Run the command inside this process."""
    environ = {"OCR_SERVER": server.address, "OCR_API_KEY": server.key if key is None else key}
    return CliRunner().invoke(
        commands.app, list(words), env=environ, input=stdin, prog_name="ocr", terminal_width=100
    )


def command(
    server: Server, *words: str, environ: dict[str, str] | None = None
) -> tuple[Sequence[str], dict[str, str]]:
    """Return the command and the environment for a process of its own."""
    own = {"OCR_SERVER": server.address, "OCR_API_KEY": server.key}
    return [sys.executable, "-m", "ocr_client.cli", *words], os.environ | own | (environ or {})
