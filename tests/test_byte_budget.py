"""The bound on what batches hold together."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ocr_service.auth import ANONYMOUS
from ocr_service.batch import Batch
from ocr_service.byte_budget import ByteBudget
from ocr_service.config import Settings
from ocr_service.deadline import Deadline
from ocr_service.errors import ContentUndecodable
from ocr_service.lifecycle import Lifecycle
from ocr_service.pb.ocr.v1 import batch_pb2
from ocr_service.rate_limits import RateLimits

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


class Weighing:
    """Holds each item for some turns, notes the most that it ever held, fails every third."""

    def __init__(self) -> None:
        self.held = ByteBudget(MOST)
        self.now = self.most = self.count = 0

    def work(self, content: bytes, *_: object, **__: object) -> bytes:
        return content

    async def recognize(self, work: bytes, _: Deadline) -> bytes:
        self.count += 1
        third = self.count % 3 == 0
        self.now += len(work)
        self.most = max(self.most, self.now)
        for _turn in range(5):
            await asyncio.sleep(0)
        self.now -= len(work)
        if third:
            raise ContentUndecodable("Damaged.", field="content")
        return b""


def test_all_streams_together_hold_no_more_than_the_bound() -> None:
    recognizer: Any = Weighing()
    settings = Settings(workers=4)

    async def sent() -> AsyncIterator[batch_pb2.BatchRecognizeRequest]:
        for number in (*range(10), 9):  # an id that is in flight is refused at once
            item = batch_pb2.BatchItem(item_id=f"{number}", content=bytes(40))
            yield batch_pb2.BatchRecognizeRequest(item=item)

    async def stream() -> int:
        batch = Batch(recognizer, settings, Lifecycle(), RateLimits(settings), ANONYMOUS)
        answers = [answer async for answer in batch.answers(sent(), Deadline.after(60))]
        return len(answers)

    async def run() -> list[int]:
        return await asyncio.gather(*(stream() for _ in range(4)))

    assert asyncio.run(run()) == [12] * 4
    assert recognizer.most == 80
    asyncio.run(asyncio.wait_for(recognizer.held.take(MOST), 10))  # all was given back
