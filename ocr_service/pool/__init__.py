"""The pool: runs jobs beside the event loop, in threads or killable processes.

A job waits for its turn, runs on one worker, and is stopped when its time is over or its caller
goes, so that the core is free for others. A job whose worker dies is run once more on a fresh one.
"""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, Generic, Protocol, TypeVar

from ocr_service.deadline import OUT_OF_TIME, Deadline
from ocr_service.errors import DeadlineExceeded, EngineCrashed, Overloaded
from ocr_service.pool.admission import Admission
from ocr_service.pool.child import preload
from ocr_service.pool.failures import JobFailedError, WorkerDiedError
from ocr_service.pool.process import ProcessWorker
from ocr_service.pool.thread import ThreadWorker

__all__ = ["Job", "JobFailedError", "Pool", "Ran", "State"]

T = TypeVar("T")
_GRACE = 0.05  # seconds a job gets to notice its deadline itself before it is stopped
_ATTEMPTS = 2


class Worker(Protocol):
    """What the two kinds have in common."""

    replaced: Counter[str]

    @property
    def is_alive(self) -> bool:
        """Whether it is there."""

    def call(self, function: Callable[..., Any], args: tuple[Any, ...], deadline: Deadline) -> Any:
        """Run ``function(*args, deadline)``. Blocks."""

    def stop(self) -> None:
        """End the job at hand, from another thread, after its deadline's flag was set."""

    def close(self) -> None:
        """End the worker."""


@dataclass(frozen=True, slots=True)
class Job(Generic[T]):
    """A function to run in a worker.

    Attributes:
        function: Called as ``function(*args, deadline)``; both must be picklable. Processes return
            plain values only, see `answers`.
        args: Its arguments.
        tenant: Who asks; tenants take turns.
        size: Bytes that the job keeps in memory while it waits.
        patient: Wait for room and for a worker as long as the deadline allows; for callers that
            bound by themselves how much they submit at once.
    """

    function: Callable[..., T]
    args: tuple[Any, ...] = ()
    tenant: str = ""
    size: int = 0
    patient: bool = False


@dataclass(frozen=True, slots=True)
class Ran(Generic[T]):
    """What a job returned, and the seconds it waited for a worker."""

    value: T
    queued: float


@dataclass(frozen=True, slots=True)
class State:
    """A pool at one moment.

    Attributes:
        waiting: Jobs that wait for a worker.
        waiting_bytes: Their content.
        oldest: Seconds that the oldest of them has waited.
        alive: Workers that are there.
        replaced: Workers that were replaced so far: ``recycled``, ``killed`` or ``crashed``.
    """

    waiting: int
    waiting_bytes: int
    oldest: float
    alive: int
    replaced: Counter[str]


class Pool:
    """A fixed number of workers behind a bounded, fair queue. Used from one event loop only."""

    def __init__(
        self,
        kind: str,
        workers: int,
        *,
        module: str,
        confine: Callable[[], object],
        warm_up: Callable[[], object],
        max_jobs: int,
        queue_seconds: float,
        queue_bytes: int,
    ) -> None:
        """Start the workers.

        Args:
            kind: ``process`` or ``thread``.
            workers: Jobs that run at once.
            module: Imported once for all processes.
            confine: Called first in every process; for threads not at all, they are the server's.
            warm_up: Called next in every process; for threads once, here.
            max_jobs: Jobs after which a process is replaced.
            queue_seconds: Longest wait of jobs that are not patient, unless jobs take longer.
            queue_bytes: Content that may wait in the queue.
        """
        self._admission = Admission(workers, queue_seconds, queue_bytes)
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="worker")
        self._workers: list[Worker]
        if kind == "process":
            preload(module)
            self._workers = [ProcessWorker(confine, warm_up, max_jobs) for _ in range(workers)]
        else:
            warm_up()
            self._workers = [ThreadWorker() for _ in range(workers)]
        self._idle = list(self._workers)

    @property
    def size(self) -> int:
        """Jobs that run at once."""
        return len(self._workers)

    @property
    def idle(self) -> int:
        """Workers without a job."""
        return self._admission.free

    def state(self) -> State:
        """Tell how it is. From any thread."""
        replaced = Counter(recycled=0, killed=0, crashed=0)
        for worker in self._workers:
            replaced.update(worker.replaced)
        alive = sum(worker.is_alive for worker in self._workers)
        return State(*self._admission.waiting, alive, replaced)

    async def run(self, job: Job[T], deadline: Deadline) -> Ran[T]:
        """Run a job when its turn comes and return what it returned.

        Raises:
            Overloaded: The queue is full, or the wait was too long; not for a patient job.
            DeadlineExceeded: The time was over, in the queue or at work.
            EngineCrashed: The worker died twice.
            OcrError: As the job raised it.
            JobFailedError: The job raised something else.
        """
        while True:
            try:
                return await self._attend(job, deadline)
            except Overloaded:
                if not job.patient:
                    raise
            try:
                async with asyncio.timeout(deadline.remaining()):
                    await self._admission.room(job.size)
            except TimeoutError as exc:
                raise DeadlineExceeded(OUT_OF_TIME) from exc

    def check_room(self, tenant: str) -> None:
        """Check that `run` would take a small job of that tenant now.

        Raises:
            Overloaded: It would not.
        """
        self._admission.check_room(tenant)

    def close(self) -> None:
        """End all workers, whatever they do."""
        for worker in self._workers:
            worker.close()
        self._threads.shutdown(wait=False)

    async def _attend(self, job: Job[T], deadline: Deadline) -> Ran[T]:
        # The task outlives its caller where it must: a worker is free only when its job has ended.
        task = asyncio.create_task(self._work(job, deadline))
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        try:
            async with asyncio.timeout(deadline.remaining() + _GRACE):
                return await asyncio.shield(task)
        except TimeoutError as exc:
            task.cancel()
            raise DeadlineExceeded(OUT_OF_TIME) from exc
        except asyncio.CancelledError:
            task.cancel()
            raise

    async def _work(self, job: Job[T], deadline: Deadline) -> Ran[T]:
        slot = self._admission.slot(job.tenant, job.size, deadline, patient=job.patient)
        async with slot as queued:
            worker = self._idle.pop()
            try:
                return Ran(await self._call(worker, job, deadline), queued)
            finally:
                self._idle.append(worker)

    async def _call(self, worker: Worker, job: Job[T], deadline: Deadline) -> T:
        loop = asyncio.get_running_loop()
        stopped = threading.Event()  # of this job alone: one that comes late must not hit the next
        deadline = replace(deadline, cancelled=stopped)
        for _ in range(_ATTEMPTS):
            call = loop.run_in_executor(
                self._threads, worker.call, job.function, job.args, deadline
            )
            try:
                value: T = await asyncio.shield(call)
            except asyncio.CancelledError:
                stopped.set()
                worker.stop()
                await asyncio.wait([call])
                call.exception()
                raise
            except WorkerDiedError:
                continue
            return value
        raise EngineCrashed(
            "The engine crashed on this document, or needed more memory than a job may have, and "
            "did so twice. Send it smaller, as a different format or without preprocessing; if "
            "that fails too, the document cannot be read here."
        )
