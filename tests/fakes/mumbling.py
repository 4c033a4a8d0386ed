"""An engine that reads a word of gibberish on every page that has ink, and doubts it."""

import numpy as np
import numpy.typing as npt

from ocr_service.deadline import Deadline
from ocr_service.options import Preparation, Segmentation
from ocr_service.results import Block, BoundingPoly, Line, Word


class Mumbling:
    name = "rapidocr"
    version = "fake"
    preparation = Preparation.SCENE
    any_way_up = True

    def languages(self) -> tuple[str, ...]:
        return ("en",)

    def warm_up(self, languages: tuple[str, ...]) -> None:
        """Nothing to load."""

    def recognize(
        self,
        pixels: npt.NDArray[np.uint8],
        languages: tuple[str, ...],
        segmentation: Segmentation,
        deadline: Deadline,
    ) -> tuple[Block, ...]:
        if pixels.min() > 128:
            return ()
        poly = BoundingPoly.box(0, 0, 10, 10)
        line = Line((Word("mnrnm", poly, 0.2),), poly)
        return (Block((line,), poly),)
