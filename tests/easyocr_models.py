"""Weights for EasyOCR, made by `tests.data.easyocr_weights` once in a clone."""

import hashlib
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

TESTS = Path(__file__).parent
SOURCES = (
    TESTS / "drawn.py",
    TESTS / "data" / "easyocr_network.py",
    TESTS / "data" / "easyocr_weights.py",
)


def folder(build: Path) -> Path:
    """Return the folder of the weights below a folder for what is built; makes them if missing."""
    state = b"".join(source.read_bytes() for source in SOURCES) + version("torch").encode()
    made = build / f"easyocr-{hashlib.sha256(state).hexdigest()[:12]}"
    if not made.is_dir():
        build.mkdir(exist_ok=True)
        for old in build.glob("easyocr-*"):
            shutil.rmtree(old)
        fresh = made.with_suffix(".new")
        subprocess.run([sys.executable, "-m", "tests.data.easyocr_weights", str(fresh)], check=True)
        fresh.rename(made)
    return made
