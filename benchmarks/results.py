"""What all benchmarks of pictures share: their options, pictures, files of figures and tables."""

import argparse
import json
import os
import platform
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
FOLDERS = ("receipts", "forms", "pages")
_LIBRARIES = ("grpcio", "onnxruntime", "openvino", "pytesseract", "rapidocr", "tesserocr")

Figures = dict[str, dict[str, Any]]
"""By contender or stage, then by what was measured."""


def options(doc: str | None, every: int = 1) -> argparse.ArgumentParser:
    """Return a parser of the options that all have."""
    parser = argparse.ArgumentParser(description=(doc or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument(
        "--every", type=int, default=every, help=f"take one picture of so many (default {every})"
    )
    parser.add_argument("--easyocr-models", type=Path, help="folder of EasyOCR's weights")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "docs" / "benchmarks", help="folder of the results"
    )
    return parser


def pictures(arguments: argparse.Namespace, folder: str) -> list[Path]:
    """Return the pictures of a folder, or as many as were asked for."""
    found = sorted((arguments.data / folder).glob("*"))
    chosen = [file for file in found if file.suffix in {".jpg", ".png"}][:: arguments.every]
    if not chosen:
        sys.exit(f"No pictures in {arguments.data / folder}; see --data.")
    return chosen


def save(arguments: argparse.Namespace, name: str, count: int, **figures: Figures) -> None:
    """Write figures to a file, with what they depend on."""
    facts = {
        "pictures": count,
        "date": datetime.now(UTC).date().isoformat(),
        "cores": len(os.sched_getaffinity(0)),
        "processor": _processor(),
        "load": round(os.getloadavg()[1], 1),
        "versions": {"Python": platform.python_version()}
        | {name: version(name) for name in _LIBRARIES},
    }
    arguments.out.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"facts": facts, **figures}, indent=1)
    (arguments.out / f"{name}.json").write_text(text + "\n")


def load(folder: Path, name: str) -> dict[str, Figures]:
    """Read what `save` wrote."""
    file = folder / f"{name}.json"
    if not file.exists():
        sys.exit(f"{file} is not there: run benchmarks/{name}.py first, or `make bench`.")
    read: dict[str, Figures] = json.loads(file.read_text())
    return read


def told(facts: dict[str, Any]) -> str:
    """Return the circumstances of a run as a paragraph."""
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    return (
        f"{facts['pictures']} pictures, {facts['cores']} cores ({facts['processor']}), "
        f"load of the last five minutes {facts['load']}, {facts['date']}. {versions}."
    )


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table in Markdown, aligned so that it can be read as it is."""
    lines = [list(header), *map(list, rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return "\n".join(
        "| "
        + " | ".join(
            cell.rjust(width) if number else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(line, widths, strict=True))
        )
        + " |"
        for line in (lines[0], rule, *lines[1:])
    )


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    lines = cpuinfo.read_text().splitlines() if cpuinfo.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
