"""What the fakes share: an engine that starts well and sees whether a page has ink on it."""

import numpy as np
import numpy.typing as npt

from ocr_service.deadline import Deadline
from ocr_service.options import Preparation, Segmentation
from ocr_service.results import Block


class BlankReader:
    """An engine that is asked to `read` only what has ink on it."""

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
        return self.read(pixels, deadline) if pixels.min() < 128 else ()

    def read(self, pixels: npt.NDArray[np.uint8], deadline: Deadline) -> tuple[Block, ...]:
        raise NotImplementedError
