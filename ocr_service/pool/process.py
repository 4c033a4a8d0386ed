"""Workers that are processes: the only kind of work that can be stopped at any moment.

Each worker has a pipe of its own and shares no lock with another, so that killing one, by us or by
the kernel, touches nobody else. (Pebble, whose workers share one pipe and its locks, stops for good
when a worker is killed while it reads a job: seen with version 5.2.3.) Workers come from a fork
server that has the pipeline imported already; a new one is there within milliseconds, but its
engine takes a second to load. So one that has nearly had its jobs goes on until its successor is
warm.
"""

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import structlog

from ocr_service.deadline import Deadline
from ocr_service.pool.child import Child
from ocr_service.pool.failures import WorkerDiedError

_AHEAD = 100  # jobs before its last, when a worker's successor is started: a second of small ones

log = structlog.get_logger()


class ProcessWorker:
    """One process at a time. Does one job at a time.

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
            max_jobs: Most jobs that a process is given.
        """
        self._start = partial(Child, confine, warm_up)
        self._max_jobs = max_jobs
        self._many_jobs = max_jobs - min(_AHEAD, max_jobs // 10)
        self._closed = False
        self.replaced: Counter[str] = Counter()
        self._changing = threading.Lock()
        self._successor: Child | None = None
        self._take(self._start())

    @property
    def pid(self) -> int | None:
        """The process's id."""
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        """Whether the process is there. From any thread."""
        with self._changing:
            return self._child.is_alive

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], deadline: Deadline) -> Any:
        """Run ``function(*args, deadline)`` there and return what it returns. Blocks.

        Raises:
            OcrError: As the function raised it.
            JobFailedError: The function raised something else.
            WorkerDiedError: The process ended; a new one is there for the next job.
        """
        if not self._child.is_alive:
            self._replace(self._death)
        elif self._jobs >= self._many_jobs:
            self._recycle()
        self._jobs += 1
        if deadline.cancelled is not None and deadline.cancelled.is_set():
            raise WorkerDiedError  # stopped before it began; a later stop finds this process
        try:
            return self._child.run(function, args, deadline.expires)
        except (OSError, EOFError, ValueError) as exc:
            self._replace(self._death)
            raise WorkerDiedError from exc

    def stop(self) -> None:
        """End the job at hand by ending the process; its `call` raises `WorkerDiedError`."""
        self._death = "killed"
        self._child.kill()

    def close(self) -> None:
        """End the process for good and wait for its end."""
        self._closed = True
        with self._changing:
            self._child.end()
            if self._successor is not None:
                self._successor.end()

    def _replace(self, cause: str) -> None:
        self.replaced[cause] += 1
        if cause == "crashed":  # of itself: what the kernel or a lack of memory ends says nothing
            log.warning("worker crashed", pid=self.pid, exit_code=self._child.exit_code())
        with self._changing:  # or a worker could be started behind the back of `close`
            self._child.end()
            if not self._closed:
                self._take(self._successor or self._start())

    def _recycle(self) -> None:
        """Let the successor take over, if it is warm or this one has had all its jobs."""
        with self._changing:
            if self._closed:
                return
            self._successor = self._successor or self._start()
            if self._jobs >= self._max_jobs or self._successor.is_warm:
                self.replaced["recycled"] += 1
                self._child.end()
                self._take(self._successor)

    def _take(self, child: Child) -> None:
        self._child = child
        self._successor = None
        self._jobs = 0
        self._death = "crashed"  # if it dies without having been stopped
