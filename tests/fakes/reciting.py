"""Reads the same words on every page with ink, counts its runs, and waits at a gate.

``GATE`` names a folder, see `tests.gate`; a page 99 pixels wide is one it fails on.
"""

import os
import secrets
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from ocr_service.deadline import Deadline
from ocr_service.engines.settings import EngineSettings
from ocr_service.options import Preparation
from ocr_service.results import Block, BoundingPoly, Line, Word
from tests.fakes.blank import BlankReader

WRITES_FILES = True
WORDS = ("Card", "4111", "1111", "1111", "1111", "sesame")


class Reciting(BlankReader):
    version = os.environ.get("FAKE_VERSION", "1")
    preparation = Preparation.SCENE  # the page as it was sent

    @override
    def read(self, pixels: npt.NDArray[np.uint8], deadline: Deadline) -> tuple[Block, ...]:
        gate = Path(os.environ["GATE"])
        (gate / f"run-{secrets.token_hex(8)}").touch()
        while (gate / "closed").exists():
            deadline.check()
            time.sleep(0.002)
        if pixels.shape[1] == 99:
            raise ValueError("a page of this width")
        poly = BoundingPoly.box(0, 0, 10, 10)
        words = (*WORDS, f"{pixels.shape[1]}")
        line = Line(tuple(Word(word, poly, 0.9) for word in words), poly)
        return (Block((line,), poly),)


def engine(_settings: EngineSettings) -> Reciting:
    return Reciting()
