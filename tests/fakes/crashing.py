"""Dies without a word, as a library with a memory fault does."""

import os

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from ocr_service.deadline import Deadline
from ocr_service.engines.settings import EngineSettings
from ocr_service.results import Block
from tests.fakes.blank import BlankReader


class Crashing(BlankReader):
    @override
    def read(self, pixels: npt.NDArray[np.uint8], deadline: Deadline) -> tuple[Block, ...]:
        os._exit(11)


def engine(_settings: EngineSettings) -> Crashing:
    return Crashing()
