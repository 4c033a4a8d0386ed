"""The store in memory: bounded, the least lately used goes first."""

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from ocr_service.cache.memory import MemoryStore


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(0, 3000)), max_size=60),
    st.integers(0, 9),
)
def test_memory_keeps_what_was_used_last_within_its_bound(
    puts: list[tuple[int, int]], used: int
) -> None:
    most = 5000
    store = MemoryStore(most)

    async def get(key: bytes) -> bytes | None:
        async with store.turn(key) as found:
            return found

    async def fill() -> None:
        for number, length in puts:
            await store.put(b"%d" % number, bytes([number]) * length, 60)
            held = [await get(b"%d" % n) for n in range(10)]
            assert sum(len(value) for value in held if value is not None) <= most
            assert held[number] == bytes([number]) * length
            assert all(set(value) <= {n} for n, value in enumerate(held) if value)
            if await get(b"%d" % used) is not None:
                await store.put(b"small", b"", 60)  # puts the least lately used out, not this one
                assert await get(b"%d" % used) is not None
        await store.put(b"over", b"x", 0)
        assert await get(b"over") is None

    asyncio.run(fill())
