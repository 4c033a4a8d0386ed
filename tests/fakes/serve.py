"""``ocr-service`` with a fake as its only engine: ``python -m tests.fakes.serve NAME serve …``.

Every worker imports this module once more, so that it has the fake too.
"""

import sys
from importlib import import_module

from ocr_service import engines
from ocr_service.cli import main
from ocr_service.engines import access

fake = import_module(f"tests.fakes.{sys.argv[1]}")  # now: confined workers cannot read this folder
if hasattr(fake, "WRITES_FILES"):  # and write no files
    access.readable = lambda settings: None  # noqa: ARG005
engines.KINDS.clear()
engines.KINDS["tesseract"] = engines.Kind(f"tests.fakes.{sys.argv[1]}", ("numpy",), "")

if __name__ == "__main__":
    main(sys.argv[2:])
