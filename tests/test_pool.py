"""The pool: fair, bounded, and the core is free when a job's time is over."""

import asyncio
import multiprocessing
import os
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TypeVar

import psutil
import pytest

from ocr_service.deadline import Deadline
from ocr_service.errors import (
    Cancelled,
    DeadlineExceeded,
    EngineCrashed,
    FormatUnsupported,
    LanguageNotInstalled,
    OcrError,
    Overloaded,
)
from ocr_service.pool import Job, JobFailedError, Pool, Ran
from tests import pool_jobs

T = TypeVar("T")
KINDS = ("process", "thread")
SOON = 30.0  # seconds; far more than anything here takes


def run(test: Callable[[], Awaitable[None]]) -> None:
    async def main() -> None:
        async with asyncio.timeout(SOON):
            await test()

    asyncio.run(main())


@asynccontextmanager
async def pool(
    kind: str = "process",
    workers: int = 1,
    warm_up: Callable[[], object] = pool_jobs.nothing,
    max_jobs: int = 1000,
    queue_bytes: int = 2**30,
) -> AsyncIterator[Pool]:
    made = Pool(
        kind,
        workers,
        module=pool_jobs.__name__,
        warm_up=warm_up,
        max_jobs=max_jobs,
        queue_seconds=5.0,
        queue_bytes=queue_bytes,
    )
    try:
        yield made
    finally:
        made.close()


def soon() -> Deadline:
    return Deadline.after(SOON)


async def written(path: Path) -> str:
    while not (path.exists() and path.read_text()):
        await asyncio.sleep(0.005)
    return path.read_text()


@pytest.mark.parametrize("kind", KINDS)
def test_values_and_errors_come_back(kind: str) -> None:
    async def test() -> None:
        async with pool(kind) as made:
            value = os.urandom(3_000_000)
            assert (await made.run(Job(pool_jobs.echo, (value,)), soon())).value == value
            with pytest.raises(FormatUnsupported) as refused:
                await made.run(Job(pool_jobs.refuse), soon())
            assert refused.value.field == "content"
            with pytest.raises(JobFailedError) as failed:
                await made.run(Job(pool_jobs.fail, ("4111111111111111",)), soon())
            assert "ValueError at " in str(failed.value)
            assert "pool_jobs.py" in str(failed.value)
            assert "4111" not in str(failed.value)

    run(test)


def test_a_deaf_job_is_killed_at_its_deadline_and_the_core_is_free(tmp_path: Path) -> None:
    async def test() -> None:
        async with pool() as made:
            with pytest.raises(DeadlineExceeded):
                await made.run(Job(pool_jobs.spin_deaf, (tmp_path / "pid",)), Deadline.after(0.5))
            await made.run(Job(pool_jobs.pid), soon())  # the only worker is there again
            assert not psutil.pid_exists(int((tmp_path / "pid").read_text()))

    run(test)


def test_a_cancelled_job_is_killed(tmp_path: Path) -> None:
    async def test() -> None:
        async with pool() as made:
            task = asyncio.create_task(
                made.run(Job(pool_jobs.spin_deaf, (tmp_path / "pid",)), soon())
            )
            deaf = int(await written(tmp_path / "pid"))
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await made.run(Job(pool_jobs.pid), soon())
            assert not psutil.pid_exists(deaf)

    run(test)


def test_a_thread_stops_where_it_checks(tmp_path: Path) -> None:
    async def test() -> None:
        async with pool("thread") as made:
            never = tmp_path / "never"
            with pytest.raises(DeadlineExceeded):
                await made.run(Job(pool_jobs.wait_for, (never,)), Deadline.after(0.1))
            task = asyncio.create_task(made.run(Job(pool_jobs.wait_for, (never,)), soon()))
            await asyncio.sleep(0)
            task.cancel()
            with pytest.raises((asyncio.CancelledError, Cancelled)):
                await task
            assert (await made.run(Job(pool_jobs.echo, (1,)), soon())).value == 1

    run(test)


def test_a_crash_costs_one_job_and_is_tried_twice(tmp_path: Path) -> None:
    async def test() -> None:
        async with pool(workers=2) as made:
            jobs = [made.run(Job(pool_jobs.echo, (n,)), soon()) for n in range(20)]
            crash = made.run(Job(pool_jobs.die, (tmp_path / "tally",)), soon())
            *good, crashed = await asyncio.gather(*jobs, crash, return_exceptions=True)
            assert [ran.value for ran in good if isinstance(ran, Ran)] == list(range(20))
            assert isinstance(crashed, EngineCrashed)
            assert (tmp_path / "tally").read_text() == "xx"
            once = await made.run(Job(pool_jobs.die_once, (tmp_path / "once",)), soon())
            assert once.value == "survived"

    run(test)


def test_workers_killed_from_outside_cost_nothing() -> None:
    async def test() -> None:
        async with pool(workers=2) as made:
            payload = b"x" * 4_000_000  # so that kills hit transfers too

            async def kill() -> None:
                for _ in range(8):
                    victim = (await made.run(Job(pool_jobs.pid), soon())).value
                    os.kill(victim, signal.SIGKILL)
                    await asyncio.sleep(0.03)

            killing = asyncio.create_task(kill())
            done = 0
            while not killing.done():
                ran = await asyncio.gather(
                    *(made.run(Job(pool_jobs.echo, (payload,)), soon()) for _ in range(4))
                )
                done += sum(one.value == payload for one in ran)
            await killing
            assert done > 0
            assert done % 4 == 0

    run(test)


def test_workers_are_replaced_after_their_jobs() -> None:
    async def test() -> None:
        async with pool(max_jobs=3) as made:
            pids = [(await made.run(Job(pool_jobs.pid), soon())).value for _ in range(9)]
            assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 3]

    run(test)


def test_a_worker_that_cannot_start_says_why() -> None:
    async def test() -> None:
        async with pool(warm_up=pool_jobs.refuse_to_start) as made:
            with pytest.raises(LanguageNotInstalled):
                await made.run(Job(pool_jobs.pid), soon())

    run(test)


async def burst(
    made: Pool, gate: Path, tenants: list[str], size: int = 0
) -> list["asyncio.Task[str]"]:
    """Occupy the only worker, then queue a job for each tenant; the tasks give the tenants."""
    order: list[str] = []

    async def one(tenant: str) -> str:
        await made.run(Job(pool_jobs.echo, (tenant,), tenant, size), soon())
        order.append(tenant)
        return "".join(order)

    blocker = asyncio.create_task(made.run(Job(pool_jobs.wait_for, (gate,)), soon()))
    await asyncio.sleep(0.01)
    tasks = []
    for tenant in tenants:
        tasks.append(asyncio.create_task(one(tenant)))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    gate.touch()
    await blocker
    return tasks


def test_tenants_take_turns(tmp_path: Path) -> None:
    async def test() -> None:
        async with pool() as made:
            tasks = await burst(made, tmp_path / "gate", list("aaaabbc"))
            finished = await asyncio.gather(*tasks)
            assert max(finished, key=len) == "abcabaa"

    run(test)


def test_a_full_queue_refuses_at_once_and_says_when_to_come_back(tmp_path: Path) -> None:
    async def test() -> None:
        async with pool() as made:
            tasks = await burst(made, tmp_path / "gate", ["a"] * 100)
            results = await asyncio.gather(*tasks, return_exceptions=True)
            refused = [result for result in results if isinstance(result, Overloaded)]
            assert 0 < len(refused) < 100
            assert all(error.retry_after and error.retry_after > 0 for error in refused)
            assert not any(isinstance(r, OcrError) and r not in refused for r in results)

    run(test)


def test_a_full_queue_makes_room_for_who_has_less_in_it(tmp_path: Path) -> None:
    async def test() -> None:
        async with pool() as made:
            tasks = await burst(made, tmp_path / "gate", ["a"] * 100 + ["b", "c"])
            *greedy, b, c = await asyncio.gather(*tasks, return_exceptions=True)
            assert isinstance(b, str)
            assert isinstance(c, str)
            assert any(isinstance(result, Overloaded) for result in greedy)

    run(test)


def test_room_is_told_before_a_job_is_there(tmp_path: Path) -> None:
    async def test() -> None:
        async with pool() as made:
            gate = tmp_path / "gate"
            made.check_room("a")
            jobs = [Job(pool_jobs.wait_for, (gate,), "a") for _ in range(100)]
            tasks = [asyncio.create_task(made.run(job, soon())) for job in jobs]
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)  # one is refused
            with pytest.raises(Overloaded):
                made.check_room("a")
            made.check_room("b")
            gate.touch()
            await asyncio.gather(*tasks, return_exceptions=True)
            made.check_room("a")

    run(test)


def test_waiting_content_is_bounded_in_bytes(tmp_path: Path) -> None:
    async def test() -> None:
        async with pool(queue_bytes=1000) as made:
            tasks = await burst(made, tmp_path / "gate", ["a"] * 5, size=400)
            results = await asyncio.gather(*tasks, return_exceptions=True)
            assert sum(isinstance(result, Overloaded) for result in results) == 3

    run(test)


def test_the_patient_wait_for_room(tmp_path: Path) -> None:
    async def test() -> None:
        async with pool() as made:
            blocker = asyncio.create_task(
                made.run(Job(pool_jobs.wait_for, (tmp_path / "gate",)), soon())
            )
            await asyncio.sleep(0.01)
            jobs = [made.run_patiently(Job(pool_jobs.echo, (n,)), soon()) for n in range(100)]
            waiting = asyncio.gather(*jobs)
            late = made.run_patiently(Job(pool_jobs.echo, (0,)), Deadline.after(0.1))
            with pytest.raises(DeadlineExceeded):
                await late
            (tmp_path / "gate").touch()
            assert [ran.value for ran in await waiting] == list(range(100))
            await blocker

    run(test)


def test_a_pool_closed_while_a_worker_is_replaced_leaves_none_behind(tmp_path: Path) -> None:
    async def test() -> None:
        for round_ in range(10):
            async with pool(workers=2) as made:
                job = Job(pool_jobs.spin_deaf, (tmp_path / f"pid{round_}",))
                with pytest.raises(DeadlineExceeded):
                    await made.run(job, Deadline.after(0.02 * round_))
            await asyncio.get_running_loop().run_in_executor(None, made._threads.shutdown, True)
            assert multiprocessing.active_children() == []

    run(test)
