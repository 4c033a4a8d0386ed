"""Raises something foreign that quotes what it read."""

from typing_extensions import override

from ocr_service.engines.settings import EngineSettings
from tests.fakes.blank import BlankReader


class Failing(BlankReader):
    @override
    def trouble(self) -> None:
        raise ValueError("4111 1111 1111 1111")


def engine(_settings: EngineSettings) -> Failing:
    return Failing()
