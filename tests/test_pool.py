"""The pool: fair, bounded, and the core is free when a job's time is over."""

import asyncio
import multiprocessing
import os
import signal
from functools import partial
from pathlib import Path

import psutil
import pytest

from ocr_service.deadline import Deadline
from ocr_service.errors import (
    Cancelled,
    DeadlineExceeded,
    EngineCrashed,
    FormatUnsupported,
    LanguageNotInstalled,
)
from ocr_service.pool import Job, JobFailedError, Ran
from tests import pool_jobs
from tests.pools import pool, run, soon, written

KINDS = ("process", "thread")


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


def test_a_worker_goes_on_until_its_successor_is_warm(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    gate.touch()

    async def test() -> None:
        async with pool(max_jobs=20, warm_up=partial(pool_jobs.wait_at, gate)) as made:

            async def pids(jobs: int) -> set[int]:
                return {(await made.run(Job(pool_jobs.pid), soon())).value for _ in range(jobs)}

            first = await pids(18)
            gate.unlink()
            assert await pids(1) == first
            successor = {int(await written(tmp_path / "waiting"))}  # started ahead, and cold
            assert await pids(1) == first
            gate.touch()
            assert await pids(18) == successor != first
            assert len(first | successor | await pids(3)) == 3

    run(test)


def test_a_worker_that_cannot_start_says_why() -> None:
    async def test() -> None:
        async with pool(warm_up=pool_jobs.refuse_to_start) as made:
            with pytest.raises(LanguageNotInstalled):
                await made.run(Job(pool_jobs.pid), soon())

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
