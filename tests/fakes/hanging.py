"""Never comes back and listens to nobody."""

import time

from typing_extensions import override

from tests.fakes.blank import BlankReader


class Hanging(BlankReader):
    @override
    def trouble(self) -> None:
        while True:
            time.sleep(60)


def engine() -> Hanging:
    return Hanging()
