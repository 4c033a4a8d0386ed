"""Sums of weights: whether a file is the one that it should be."""

import hashlib
from pathlib import Path

from ocr_service.errors import EngineNotInstalled

SUMS = "SHA256SUMS"


def read(folder: Path) -> dict[str, str]:
    """Return the SHA-256 sums by file name, from lines as ``sha256sum`` prints them."""
    file = folder / SUMS
    if not file.is_file():
        return {}
    rows = (line.split(maxsplit=1) for line in file.read_text("utf-8").splitlines())
    return {row[1].strip().lstrip("*"): row[0].lower() for row in rows if len(row) == 2}


def check(file: Path, sha256: str | None, md5: str | None) -> None:
    """Return if a file has the sum that is known of it; SHA-256 goes before MD5.

    Raises:
        EngineNotInstalled: It has not, or none is known.
    """
    method, expected = ("sha256", sha256) if sha256 else ("md5", md5)
    if expected is None:
        raise unusable(f"List {file.name} in {SUMS}, as sha256sum prints it.")
    if digest(file, method) != expected:
        raise unusable(f"{file.name} is damaged: its {method} sum is wrong. Get it again.")


def digest(file: Path, method: str) -> str:
    """Return a file's sum in hexadecimal."""
    with file.open("rb") as content:
        return hashlib.file_digest(
            content, lambda: hashlib.new(method, usedforsecurity=False)
        ).hexdigest()


def unusable(what: str) -> EngineNotInstalled:
    """Return the error that says why the weights here do not serve, and what to do."""
    return EngineNotInstalled(
        f"EasyOCR has no weights that it can use on this server. {what}", field="options.engine"
    )
