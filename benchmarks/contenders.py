"""Who is measured: this service's engines and modes, and what else reads pictures."""

import subprocess
import sys
import venv
from importlib.util import find_spec
from pathlib import Path

from benchmarks.runners import Contender, Ours, Peer
from ocr_service.pb.ocr.v1 import recognize_pb2

_PRESIDIO = ("presidio-analyzer==2.2.366", "presidio-image-redactor==0.0.62")

AUTO = Ours("AUTO, the default")
RAPIDOCR = Ours("RAPIDOCR", ("--engine=rapidocr",))
TESSERACT = Ours("TESSERACT", ("--engine=tesseract",))
TESSERACT_MODES = tuple(
    Ours(f"TESSERACT, preprocessing {name}", TESSERACT.flags, mode)
    for name, mode in (
        ("NONE", recognize_pb2.PREPROCESSING_NONE),
        ("CLASSIC", recognize_pb2.PREPROCESSING_CLASSIC),
    )
)
STREAM = Ours("AUTO, one BatchRecognize", stream=True)
RAPIDOCR_STOCK = Peer("RapidOCR()", "rapidocr_stock", workers=1, one_thread=False)
RAPIDOCR_960 = Peer("RapidOCR, side 960, 2 processes", "rapidocr_960")
ONE_THREAD = Peer("pytesseract, 1 thread, 2 processes", "pytesseract_plain")
OLDER_B = Peer("pytesseract as it comes", "pytesseract_plain", 1, False, ONE_THREAD.name)
OLDER_A = Peer("pytesseract behind blur, equalising", "pytesseract_chain", 1, False)
TESSEROCR = Peer("tesserocr, 2 processes", "tesserocr")
PEERS = (OLDER_B, OLDER_A, ONE_THREAD, TESSEROCR, RAPIDOCR_STOCK, RAPIDOCR_960)


def presidio() -> tuple[Contender, ...]:
    """Presidio's image analyzer, in an environment that the first run makes; or a sentence."""
    home = Path(__file__).parents[1] / ".build" / "presidio-image"
    python = home / "bin" / "python"
    try:
        if not python.exists():
            print("Installing Presidio: 760 MB, about a minute.", file=sys.stderr)
            venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *_PRESIDIO], check=True)
    except (OSError, subprocess.CalledProcessError):
        print("Presidio is left out: it could not be installed.", file=sys.stderr)
        return ()
    return (Peer("Presidio's image analyzer", "presidio", python=str(python)),)


def easyocr(models: Path | None) -> tuple[Contender, ...]:
    """EasyOCR, ours and as it comes; nothing but a sentence where it cannot run.

    Args:
        models: Folder of the weights that EasyOCR publishes.
    """
    if models is None or find_spec("easyocr") is None:
        print(
            "EasyOCR is left out: run `make easyocr` and name a folder with the weights that it "
            "publishes by --easyocr-models.",
            file=sys.stderr,
        )
        return ()
    return (
        Ours("EASYOCR", ("--engine=easyocr", f"--easyocr-models={models}")),
        Peer("EasyOCR", "easyocr", workers=1, one_thread=False, models=str(models)),
    )
