"""Never comes back and listens to nobody."""

import time

from typing_extensions import override

from ocr_service.engines.settings import EngineSettings
from tests.fakes.blank import BlankReader


class Hanging(BlankReader):
    @override
    def trouble(self) -> None:
        while True:
            time.sleep(60)


def engine(_settings: EngineSettings) -> Hanging:
    return Hanging()
