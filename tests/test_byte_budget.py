"""The bound on what batches hold together."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from ocr_service.byte_budget import ByteBudget

MOST = 100
Holders = list[tuple[int, int, bool]]  # bytes, turns until they are given back, left while waiting


@given(st.lists(st.tuples(st.integers(0, 150), st.integers(0, 5), st.booleans()), max_size=30))
def test_never_more_than_the_bound_or_one_alone_and_all_get_in(holders: Holders) -> None:
    held: list[int] = []
    came_in: list[int] = []

    async def hold(budget: ByteBudget, number: int, size: int, turns: int) -> None:
        await budget.take(size)
        came_in.append(number)
        held.append(size)
        assert sum(held) <= MOST or len([one for one in held if one]) == 1
        for _ in range(turns):
            await asyncio.sleep(0)
        held.remove(size)
        budget.give_back(size)

    async def run() -> None:
        budget = ByteBudget(MOST)
        tasks = [
            asyncio.create_task(hold(budget, number, size, turns))
            for number, (size, turns, _) in enumerate(holders)
        ]
        await asyncio.sleep(0)
        waiting = [number for number in range(len(holders)) if number not in came_in]
        leaving = [number for number in waiting if holders[number][2]]
        for number in leaving:
            tasks[number].cancel()
        async with asyncio.timeout(30):
            ends = await asyncio.gather(*tasks, return_exceptions=True)
        assert {type(end) for end in ends} <= {type(None), asyncio.CancelledError}
        staying = [number for number in range(len(holders)) if number not in leaving]
        assert came_in == staying

    asyncio.run(run())
    assert held == []
