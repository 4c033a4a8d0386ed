"""Keeps some memory with every page that has ink on it, and never gives it back."""

import numpy as np
import numpy.typing as npt
from typing_extensions import override

from ocr_service.deadline import Deadline
from ocr_service.engines.settings import EngineSettings
from ocr_service.results import Block
from tests.fakes.blank import BlankReader

LEAK = 8 << 20  # bytes a page


class Leaking(BlankReader):
    def __init__(self) -> None:
        self._kept: list[bytes] = []

    @override
    def read(self, pixels: npt.NDArray[np.uint8], deadline: Deadline) -> tuple[Block, ...]:
        self._kept.append(b"x" * LEAK)
        return ()


def engine(_settings: EngineSettings) -> Leaking:
    return Leaking()
