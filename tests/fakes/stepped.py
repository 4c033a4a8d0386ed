"""The server of `tests.fakes.reciting` with a wall clock that a test can step.

The file that ``CLOCK`` names holds days by which it is ahead of the machine's. Everything that asks
for the time of day gets this one; the monotonic clock is left alone, as by a step of a real clock.
"""

import datetime as module
import os
import sys
import time
from pathlib import Path
from typing import Self

from typing_extensions import override


def ahead() -> module.timedelta:
    return module.timedelta(days=float(Path(os.environ["CLOCK"]).read_text()))


class Stepped(module.datetime):
    @override
    @classmethod
    def now(cls, tz: module.tzinfo | None = None) -> Self:
        return super().now(tz) + ahead()


time_of_day = time.time
module.datetime = Stepped  # type: ignore[misc]  # before any module of the service asks for it
time.time = lambda: time_of_day() + ahead().total_seconds()
sys.argv.insert(1, "reciting")

from ocr_service.cli import main  # noqa: E402
from tests.fakes import serve  # noqa: E402, F401  the fake

if __name__ == "__main__":
    main(sys.argv[2:])
