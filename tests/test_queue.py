"""The queue before the pool: bounded, fair, and it says when to come back."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.deadline import Deadline
from ocr_service.errors import (
    DeadlineExceeded,
    OcrError,
    Overloaded,
)
from ocr_service.pool import Job, Pool
from ocr_service.pool.admission import Admission
from tests import pool_jobs
from tests.pools import pool, run, soon


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
            patient = [Job(pool_jobs.echo, (n,), patient=True) for n in range(100)]
            waiting = asyncio.gather(*(made.run(job, soon()) for job in patient))
            late = made.run(patient[0], Deadline.after(0.1))
            with pytest.raises(DeadlineExceeded):
                await late
            (tmp_path / "gate").touch()
            assert [ran.value for ran in await waiting] == list(range(100))
            await blocker

    run(test)


def test_nobody_but_the_patient_waits_longer_than_the_queue_may_last(tmp_path: Path) -> None:
    async def test() -> None:
        async with pool(queue_seconds=1.0) as made:
            job = Job(pool_jobs.wait_for, (tmp_path / "gate",))
            kinds = [(job, soon()), (replace(job, patient=True), soon()), (job, soon())]
            kinds.append((job, Deadline.after(0.5)))
            blocker, patient, hasty, brief = (asyncio.create_task(made.run(*k)) for k in kinds)
            await asyncio.sleep(0.01)
            assert made.state().waiting == 3
            with pytest.raises(DeadlineExceeded):
                await brief
            with pytest.raises(Overloaded) as refused:
                await hasty
            assert refused.value.retry_after
            assert made.state().waiting == 1
            (tmp_path / "gate").touch()
            assert (await blocker).value == (await patient).value == "gate"

    run(test)


@pytest.mark.parametrize("moment", ["before its turn", "after its turn", "when pushed out"])
def test_who_gives_up_at_the_moment_of_its_turn_keeps_no_slot(moment: str) -> None:
    """A cancelled task learns of it one turn of the loop later: meanwhile it still waits."""

    async def test() -> None:
        admission = Admission(1, queue_seconds=0.7, queue_bytes=100)  # two may wait

        async def enter(tenant: str) -> str:
            async with admission.slot(tenant, 1, soon(), patient=False):
                return tenant

        tasks: list[asyncio.Task[str]] = []
        async with admission.slot("holder", 1, soon(), patient=False):
            tasks += [asyncio.create_task(enter("a")) for _ in range(2)]
            await asyncio.sleep(0)
            leaver = tasks.pop() if moment == "when pushed out" else tasks.pop(0)
            if moment == "when pushed out":
                tasks.append(asyncio.create_task(enter("b")))
            if moment != "after its turn":
                leaver.cancel()
            if moment == "when pushed out":
                await asyncio.sleep(0)
        leaver.cancel()
        with pytest.raises(asyncio.CancelledError):
            await leaver
        assert await asyncio.gather(*tasks) == (["a", "b"] if len(tasks) == 2 else ["a"])
        assert admission.free == 1
        assert admission.waiting == (0, 0, 0.0)

    run(test)


steps = st.lists(
    st.one_of(
        st.tuples(st.just("enter"), st.sampled_from("abc"), st.sampled_from([0.0, 0.0005, 30.0])),
        st.tuples(st.sampled_from(["leave", "finish"]), st.integers(0, 9), st.just(0.0)),
        st.just(("turn", 0, 0.0)),
    ),
    max_size=60,
)


@given(steps)
def test_whatever_order_things_happen_in_no_slot_is_lost_and_none_given_twice(
    plan: list[tuple[str, str | int, float]],
) -> None:
    async def test() -> None:
        admission = Admission(2, queue_seconds=0.7, queue_bytes=100)  # four may wait
        inside: list[asyncio.Event] = []
        tasks: list[asyncio.Task[None]] = []

        async def enter(tenant: str, seconds: float) -> None:
            async with admission.slot(tenant, 20, Deadline.after(seconds), patient=False):
                inside.append(done := asyncio.Event())
                assert len(inside) <= 2
                try:
                    await done.wait()
                finally:
                    inside.remove(done)

        for what, which, seconds in plan:
            if isinstance(which, str):
                tasks.append(asyncio.create_task(enter(which, seconds)))
            elif what == "leave" and tasks:
                tasks[-1 - which % len(tasks)].cancel()
            elif what == "finish" and inside:
                inside[which % len(inside)].set()
            else:
                await asyncio.sleep(0)
        while not all(task.done() for task in tasks):
            assert admission.free == 0 or not admission.waiting[0]
            for done in inside:
                done.set()
            await asyncio.sleep(0)
        ends = await asyncio.gather(*tasks, return_exceptions=True)
        fine = (Overloaded, DeadlineExceeded, asyncio.CancelledError)
        assert all(end is None or isinstance(end, fine) for end in ends)
        assert admission.free == 2
        assert admission.waiting == (0, 0, 0.0)

    run(test)
