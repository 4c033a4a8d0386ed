"""Makes pools for tests, and waits for them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from ocr_service.deadline import Deadline
from ocr_service.pool import Pool
from tests import pool_jobs

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
    confine: Callable[[], object] = pool_jobs.nothing,
    warm_up: Callable[[], object] = pool_jobs.nothing,
    max_jobs: int = 1000,
    queue_seconds: float = 5.0,
    queue_bytes: int = 2**30,
) -> AsyncIterator[Pool]:
    made = Pool(
        kind,
        workers,
        module=pool_jobs.__name__,
        confine=confine,
        warm_up=warm_up,
        max_jobs=max_jobs,
        queue_seconds=queue_seconds,
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
