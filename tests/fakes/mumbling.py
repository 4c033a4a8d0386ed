"""An engine that reads a word of gibberish on every page that has ink, and doubts it."""

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from ocr_service.deadline import Deadline
from ocr_service.options import Preparation
from ocr_service.results import Block, BoundingPoly, Line, Word
from tests.fakes.blank import BlankReader


class Mumbling(BlankReader):
    name = "rapidocr"
    preparation = Preparation.SCENE
    any_way_up = True

    @override
    def read(self, pixels: npt.NDArray[np.uint8], deadline: Deadline) -> tuple[Block, ...]:
        poly = BoundingPoly.box(0, 0, 10, 10)
        line = Line((Word("mnrnm", poly, 0.2),), poly)
        return (Block((line,), poly),)
