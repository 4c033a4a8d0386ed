"""Workers that are threads of the server: little memory, but a job stops only where it checks."""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ocr_service.deadline import Deadline
from ocr_service.errors import OcrError
from ocr_service.pool.failures import JobFailedError, describe


class ThreadWorker:
    """Runs a job in the calling thread, with a flag that asks it to stop."""

    def __init__(self) -> None:
        self._stop = threading.Event()

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], deadline: Deadline) -> Any:
        """Run ``function(*args, deadline)`` and return what it returns.

        Raises:
            OcrError: As the function raised it.
            JobFailedError: The function raised something else.
        """
        self._stop = threading.Event()
        try:
            return function(*args, replace(deadline, cancelled=self._stop))
        except OcrError:
            raise
        except Exception as exc:  # noqa: BLE001  the job failed, the server lives on
            raise JobFailedError(describe(exc)) from None

    def stop(self) -> None:
        """Ask the job at hand to stop at its next check."""
        self._stop.set()

    def close(self) -> None:
        """Ask the job at hand to stop."""
        self.stop()
