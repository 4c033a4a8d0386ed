"""Workers that are processes: the only kind of work that can be stopped at any moment.

Each worker has a pipe of its own and shares no lock with another, so that killing one, by us or by
the kernel, touches nobody else. (Pebble, whose workers share one pipe and its locks, stops for good
when a worker is killed while it reads a job: seen with version 5.2.3.) Workers come from a fork
server that has the pipeline imported already; a new one is there within milliseconds.
"""

import multiprocessing
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import structlog

from ocr_service.confinement import limits
from ocr_service.deadline import Deadline
from ocr_service.errors import OcrError
from ocr_service.pool import answers
from ocr_service.pool.failures import WorkerDiedError, describe, lacks_memory

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

_NICER = 5  # workers yield to the event loop, which has little to do but must do it soon
_LAST_SECONDS = 1.0  # for a worker whose pipe has closed to be gone
_CONTEXT = multiprocessing.get_context("forkserver")

log = structlog.get_logger()


def preload(module: str) -> None:
    """Name the module that the fork server imports once for all workers."""
    _CONTEXT.set_forkserver_preload([module])


class ProcessWorker:
    """One process and the pipe to it. Does one job at a time.

    Attributes:
        replaced: How often the process had to be replaced, by cause.
    """

    def __init__(
        self, confine: Callable[[], object], warm_up: Callable[[], object], max_jobs: int
    ) -> None:
        """Start the process.

        Args:
            confine: Called first in every new process. Must be picklable.
            warm_up: Called next. Must be picklable.
            max_jobs: Jobs after which the process is replaced.
        """
        self._confine = confine
        self._warm_up = warm_up
        self._max_jobs = max_jobs
        self._closed = False
        self.replaced: Counter[str] = Counter()
        self._changing = threading.Lock()
        self._start()

    @property
    def pid(self) -> int | None:
        """The process's id."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process is there. From any thread."""
        with self._changing:
            return self._process.is_alive()

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], deadline: Deadline) -> Any:
        """Run ``function(*args, deadline)`` there and return what it returns. Blocks.

        Raises:
            OcrError: As the function raised it.
            JobFailedError: The function raised something else.
            WorkerDiedError: The process ended; a new one is there for the next job.
        """
        if not self._process.is_alive():
            self._replace(self._death)
        elif self._jobs >= self._max_jobs:
            self._replace("recycled")
        self._jobs += 1
        if deadline.cancelled is not None and deadline.cancelled.is_set():
            raise WorkerDiedError  # stopped before it began; a later stop finds this process
        try:
            self._pipe.send((function, args, deadline.expires))
            return answers.result(self._pipe.recv_bytes(answers.LARGEST))
        except (OSError, EOFError, ValueError) as exc:
            self._replace(self._death)
            raise WorkerDiedError from exc

    def stop(self) -> None:
        """End the job at hand by ending the process; its `call` raises `WorkerDiedError`."""
        self._death = "killed"
        self._process.kill()

    def close(self) -> None:
        """End the process for good and wait for its end."""
        self._closed = True
        with self._changing:
            self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        self._pipe.close()

    def _replace(self, cause: str) -> None:
        self.replaced[cause] += 1
        if cause == "crashed":  # of itself: what the kernel or a lack of memory ends says nothing
            self._process.join(_LAST_SECONDS)
            log.warning("worker crashed", pid=self.pid, exit_code=self._process.exitcode)
        with self._changing:  # or a worker could be started behind the back of `close`
            self._end()
            if not self._closed:
                self._start()

    def _start(self) -> None:
        self._jobs = 0
        self._death = "crashed"  # if it dies without having been stopped
        self._pipe, theirs = _CONTEXT.Pipe()
        args = (theirs, self._confine, self._warm_up)
        self._process = _CONTEXT.Process(target=_serve, args=args, daemon=True)
        self._process.start()
        theirs.close()


def _serve(
    pipe: "Connection[Any, Any]", confine: Callable[[], object], warm_up: Callable[[], object]
) -> None:
    """Work until the other end of the pipe is closed. Runs in the worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal signals the whole group;
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # the server decides when workers end
    os.nice(_NICER)
    if (server := multiprocessing.parent_process()) is not None:
        limits.end_with(server.sentinel)
    confine()
    refusal = _refusal(warm_up)
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
