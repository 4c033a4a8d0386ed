"""Tesseract as a program, through pytesseract: the stand-in where tesserocr cannot be installed.

It starts a process for every page, so it is about half as fast. The process is killed when the time
is over, which stops Tesseract in phases where the library does not look at its clock.
"""

import os

os.environ["OMP_THREAD_LIMIT"] = "1"  # inherited by the program, see tesseract.py

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt
import pytesseract
from PIL import Image

from ocr_service.deadline import Deadline
from ocr_service.engines import languages as names
from ocr_service.engines import layout, tessdata
from ocr_service.engines.layout import Found
from ocr_service.engines.tesseract import MODES, VARIABLES
from ocr_service.errors import EngineNotInstalled, Internal
from ocr_service.options import Preparation, Segmentation
from ocr_service.results import Block


class TesseractProgram:
    """Runs ``tesseract`` once per page."""

    name = "tesseract"
    preparation = Preparation.PRINT
    any_way_up = False

    def __init__(self) -> None:
        """Look for the program.

        Raises:
            EngineNotInstalled: There is no such program, or no language data.
        """
        try:
            self.version = str(pytesseract.get_tesseract_version())
        except (pytesseract.TesseractNotFoundError, SystemExit) as exc:
            raise EngineNotInstalled(
                "The program tesseract is not on this server. Install it, or the package"
                " tesserocr.",
                field="options.engine",
            ) from exc
        options = [f'--tessdata-dir "{tessdata.folder()}"']
        options += [f"-c {variable}={value}" for variable, value in VARIABLES.items()]
        self._options = " ".join(options)

    def languages(self) -> tuple[str, ...]:
        """See `Engine`."""
        return names.tags(tessdata.installed())

    def warm_up(self, languages: tuple[str, ...]) -> None:
        """See `Engine`; a new process knows nothing, so this only checks."""
        names.codes(languages, self.languages())

    def recognize(
        self,
        pixels: npt.NDArray[np.uint8],
        languages: tuple[str, ...],
        segmentation: Segmentation,
        deadline: Deadline,
    ) -> tuple[Block, ...]:
        """See `Engine`."""
        deadline.check()
        codes = names.codes(languages, self.languages())
        try:
            table = pytesseract.image_to_data(
                Image.fromarray(pixels),
                lang=codes,
                config=f"--psm {MODES[segmentation]} {self._options}",
                output_type=pytesseract.Output.DICT,
                timeout=max(0.001, deadline.remaining()),
            )
        except (pytesseract.TesseractError, RuntimeError) as exc:
            deadline.check()  # pytesseract reports a killed process by a bare RuntimeError
            raise Internal("Tesseract could not read the page.") from exc
        return layout.blocks(_words(table))


def _words(table: dict[str, list[Any]]) -> Iterator[Found]:
    columns = ("block_num", "par_num", "line_num", "text", "conf", "left", "top", "width", "height")
    for block, paragraph, line, text, percent, left, top, width, height in zip(
        *(table[column] for column in columns), strict=True
    ):
        if float(percent) < 0:  # rows of pages, blocks, paragraphs and lines
            continue
        box = (left, top, left + width, top + height)
        # Lines count from 1 in every paragraph.
        yield Found(block, paragraph * 1_000_000 + line, str(text), float(percent), box)
