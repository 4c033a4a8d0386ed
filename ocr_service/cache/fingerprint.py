"""The version of everything that a reply depends on beside the request.

Nobody has to remember to count a version up: our own source files, with the rules for sensitive
data in them, the packages, and the engines with their languages are all in it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from importlib import metadata
from pathlib import Path

from ocr_service.config import Settings

_SOURCES = Path(__file__).parents[1]
_NAME = re.compile(r"[A-Za-z0-9._-]+")
_SUMS = "SHA256SUMS"  # of EasyOCR's weights that are the operator's own


def of(settings: Settings, engines: Sequence[object]) -> str:
    """Return the version, hexadecimal; replicas of the same build and settings have the same.

    Args:
        settings: Limits decide which documents are refused, engine settings what is read.
        engines: What is known of those that are here; AUTO may use any of them.
    """
    parts = [*map(repr, engines), *_packages(), *_sources(), json.dumps(asdict(settings.limits))]
    if settings.easyocr_models is not None:
        parts.append(settings.easyocr_network)
        with suppress(OSError):
            parts.append((settings.easyocr_models / _SUMS).read_text())
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def _packages() -> Iterator[str]:
    """Those that the service needs, with their versions."""
    for requirement in sorted(metadata.requires("ocr-service") or ()):
        name = _NAME.match(requirement)
        with suppress(metadata.PackageNotFoundError):
            if name:
                yield f"{name[0]} {metadata.version(name[0])}"


def _sources() -> Iterator[str]:
    for path in sorted(_SOURCES.rglob("*.py")):
        yield f"{path.relative_to(_SOURCES)} {hashlib.sha256(path.read_bytes()).hexdigest()}"
