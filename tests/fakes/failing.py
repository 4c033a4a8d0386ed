"""Raises something foreign that quotes what it read."""

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from ocr_service.deadline import Deadline
from ocr_service.engines.settings import EngineSettings
from ocr_service.results import Block
from tests.fakes.blank import BlankReader


class Failing(BlankReader):
    @override
    def read(self, pixels: npt.NDArray[np.uint8], deadline: Deadline) -> tuple[Block, ...]:
        raise ValueError("4111 1111 1111 1111")


def engine(_settings: EngineSettings) -> Failing:
    return Failing()
