"""What the fakes share: an engine that starts well and reads nothing from blank pages."""

import numpy as np
import numpy.typing as npt

from ocr_service.deadline import Deadline
from ocr_service.options import Preparation, Segmentation
from ocr_service.results import Block


class BlankReader:
    """An engine whose `trouble` starts with the first page that has ink on it."""

    name = "tesseract"
    version = "fake"
    preparation = Preparation.PRINT
    any_way_up = False

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
        if pixels.min() < 128:
            self.trouble()
        return ()

    def trouble(self) -> None:
        raise NotImplementedError
