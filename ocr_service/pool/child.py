"""One worker process and the pipe to it, and what runs in it."""

import multiprocessing
import os
import signal
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ocr_service.confinement import limits
from ocr_service.deadline import Deadline
from ocr_service.errors import OcrError
from ocr_service.pool import answers
from ocr_service.pool.failures import describe, lacks_memory

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_NICER = 5  # workers yield to the event loop, which has little to do but must do it soon
_LAST_SECONDS = 1.0  # for a process whose pipe has closed to be gone
_CONTEXT = multiprocessing.get_context("forkserver")
_WARM = b""


def preload(module: str) -> None:
    """Name the module that the fork server imports once for all workers."""
    _CONTEXT.set_forkserver_preload([module])


class Child:
    """A process that does one job after the other."""

    def __init__(self, confine: Callable[[], object], warm_up: Callable[[], object]) -> None:
        """Start it.

        Args:
            confine: Called there first. Must be picklable.
            warm_up: Called there next. Must be picklable.
        """
        self._pipe, theirs = _CONTEXT.Pipe()
        self._greeted = False
        self._process = _CONTEXT.Process(
            target=_serve, args=(theirs, confine, warm_up), daemon=True
        )
        self._process.start()
        theirs.close()

    @property
    def pid(self) -> int | None:
        """The process's id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process is there."""
        return self._process.is_alive()

    @property
    def is_warm(self) -> bool:
        """Whether there is nothing more to wait for: it is ready, or gone."""
        return self._greeted or self._pipe.poll()

    def run(self, function: Callable[..., Any], args: tuple[Any, ...], expires: float) -> Any:
        """Run ``function(*args, deadline)`` there and return what it returns. Blocks.

        Raises:
            OcrError: As the function raised it.
            JobFailedError: The function raised something else.
            OSError, EOFError, ValueError: The process ended, or is not itself any more.
        """
        if not self._greeted:
            self._pipe.recv_bytes(len(_WARM))
            self._greeted = True
        self._pipe.send((function, args, expires))
        return answers.result(self._pipe.recv_bytes(answers.LARGEST))

    def kill(self) -> None:
        """Have the kernel end it, whatever it does."""
        self._process.kill()

    def exit_code(self) -> int | None:
        """How a process ended that ends by itself; None if it did not."""
        self._process.join(_LAST_SECONDS)
        return self._process.exitcode

    def end(self) -> None:
        """Kill it and wait for its end."""
        self._process.kill()
        self._process.join()
        self._pipe.close()


def _serve(
    pipe: "Connection[Any, Any]", confine: Callable[[], object], warm_up: Callable[[], object]
) -> None:
    """Work until the other end of the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal signals the whole group;
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the server decides when workers end
    os.nice(_NICER)
    if (server := multiprocessing.parent_process()) is not None:
        limits.end_with(server.sentinel)
    confine()
    refusal = _refusal(warm_up)
    pipe.send_bytes(_WARM)
    while True:
        try:
            function, args, expires = pipe.recv()
        except EOFError:
            return
        deadline = Deadline(expires)
        limits.bound_processor(deadline.remaining())
        try:
            answer = refusal or answers.returned(function(*args, deadline))
        except OcrError as exc:
            answer = answers.refused(exc)
        except Exception as exc:  # noqa: BLE001  the job failed, the worker lives on
            if lacks_memory(exc):
                return  # who knows what is whole in here: a fresh worker is to try once more
            answer = answers.failed(describe(exc))
        del args
        pipe.send_bytes(answer)


def _refusal(warm_up: Callable[[], object]) -> bytes | None:
    try:
        warm_up()
    except OcrError as exc:
        return answers.refused(exc)
    return None
