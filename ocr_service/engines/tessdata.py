"""Where the system keeps Tesseract's language data; the Python wheel of tesserocr brings none."""

import os
import subprocess
from functools import cache
from pathlib import Path

from ocr_service.errors import EngineNotInstalled

_USUAL = (
    "/usr/share/tesseract-ocr/5/tessdata",
    "/usr/share/tesseract-ocr/4.00/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)


@cache
def folder() -> Path:
    """Return the folder with the ``.traineddata`` files.

    It is TESSDATA_PREFIX, else one of the usual folders, else what the program ``tesseract`` says.

    Raises:
        EngineNotInstalled: There is none.
    """
    named = os.environ.get("TESSDATA_PREFIX")
    usual = [Path(named), Path(named) / "tessdata"] if named else [Path(path) for path in _USUAL]
    for path in usual:
        if any(path.glob("*.traineddata")):
            return path
    asked = _asked()
    if asked is None:
        raise EngineNotInstalled(
            "Tesseract has no language data on this server. Install it, or let TESSDATA_PREFIX"
            " name its folder.",
            field="options.engine",
        )
    return asked


def installed() -> tuple[str, ...]:
    """Return Tesseract's names of the data files, such as ``eng``."""
    return tuple(sorted(path.stem for path in folder().glob("*.traineddata")))


def _asked() -> Path | None:
    """The folder that ``tesseract --list-langs`` names in its first line."""
    try:
        answer = subprocess.run(
            ["tesseract", "--list-langs"],  # noqa: S607 - found on the path as users do
            capture_output=True,
            text=True,
            timeout=10,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    parts = answer.stdout.split('"')
    path = Path(parts[1]) if len(parts) > 1 else None
    return path if path is not None and any(path.glob("*.traineddata")) else None
