"""What engines need of the machine while they work."""

from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

from ocr_service.engines import tessdata
from ocr_service.engines.settings import EngineSettings
from ocr_service.errors import EngineNotInstalled


def readable(settings: EngineSettings) -> tuple[Path, ...] | None:
    """Return the folders of data that engines read, beside those of Python packages.

    None if reading files is not enough: EasyOCR with downloads or a GPU, whose driver is more than
    files, and Tesseract as a program, which is started for every page and given files.
    """
    if settings.easyocr_download or settings.easyocr_gpu or not find_spec("tesserocr"):
        return None
    folders = [settings.easyocr_models] if settings.easyocr_models else []
    with suppress(EngineNotInstalled):
        folders.append(tessdata.folder())
    return tuple(folders)
