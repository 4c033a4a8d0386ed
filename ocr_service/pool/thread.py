"""Workers that are threads of the server: little memory, but a job stops only where it checks."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from ocr_service.deadline import Deadline
from ocr_service.errors import OcrError
from ocr_service.pool.failures import JobFailedError, describe


class ThreadWorker:
    """Runs a job in the calling thread; its deadline's flag asks it to stop."""

    is_alive = True

    def __init__(self) -> None:
        self.replaced: Counter[str] = Counter()  # never

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], deadline: Deadline) -> Any:
        """Run ``function(*args, deadline)`` and return what it returns.

        Raises:
            OcrError: As the function raised it.
            JobFailedError: The function raised something else.
        """
        try:
            return function(*args, deadline)
        except OcrError:
            raise
        except Exception as exc:  # noqa: BLE001  the job failed, the server lives on
            raise JobFailedError(describe(exc)) from None

    def stop(self) -> None:
        """Do nothing: a thread can only be asked, and the deadline's flag has done that."""

    def close(self) -> None:
        """Do nothing, as `stop`."""
