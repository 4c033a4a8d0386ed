"""Dies without a word, as a library with a memory fault does."""

import os

from typing_extensions import override

from ocr_service.engines.settings import EngineSettings
from tests.fakes.blank import BlankReader


class Crashing(BlankReader):
    @override
    def trouble(self) -> None:
        os._exit(11)


def engine(_settings: EngineSettings) -> Crashing:
    return Crashing()
