"""Never comes back and listens to nobody."""

import time

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from ocr_service.deadline import Deadline
from ocr_service.engines.settings import EngineSettings
from ocr_service.results import Block
from tests.fakes.blank import BlankReader


class Hanging(BlankReader):
    @override
    def read(self, pixels: npt.NDArray[np.uint8], deadline: Deadline) -> tuple[Block, ...]:
        while True:
            time.sleep(60)


def engine(_settings: EngineSettings) -> Hanging:
    return Hanging()
