"""The pages of one document, read by several workers: cut apart, and joined into one reply."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import pairwise
from typing import TypeAlias

from ocr_service import convert
from ocr_service.pb.ocr.v1 import recognize_pb2
from ocr_service.results import PAGE_BREAK

Pages: TypeAlias = tuple[int, ...]
Read: TypeAlias = tuple[bytes, recognize_pb2.Timings]
"""An encoded RecognizeResponse, and the time that its making took."""


def cut(pages: Sequence[int], count: int) -> list[Pages]:
    """Cut pages into at most ``count`` runs; their lengths differ by one at most."""
    count = min(count, len(pages))
    ends = [len(pages) * part // count for part in range(count + 1)]
    return [tuple(pages[start:end]) for start, end in pairwise(ends)]


async def read(runs: Sequence[Pages], read_run: Callable[[Pages], Awaitable[Read]]) -> Read:
    """Read runs of pages at once and join what comes of them; outputs are not joined.

    Raises:
        Exception: As reading the first run raised it that failed; the others are stopped.
    """
    tasks = [asyncio.ensure_future(read_run(pages)) for pages in runs]
    try:
        parts = await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
    replies, timings = zip(*parts, strict=True)
    return await asyncio.to_thread(_joined, replies), _summed(timings)


def _joined(encoded: Sequence[bytes]) -> bytes:
    whole, *others = map(recognize_pb2.RecognizeResponse.FromString, encoded)
    texts = [whole.text]
    offset = len(whole.text) + len(PAGE_BREAK)
    for part in others:
        _shift(part, offset)
        whole.pages.extend(part.pages)
        whole.entities.extend(part.entities)
        whole.warnings.extend(part.warnings)
        if part.engine != whole.engine:
            whole.engine = recognize_pb2.ENGINE_AUTO
        texts.append(part.text)
        offset += len(part.text) + len(PAGE_BREAK)
    whole.text = PAGE_BREAK.join(texts)
    return whole.SerializeToString()


def _shift(part: recognize_pb2.RecognizeResponse, offset: int) -> None:
    lines = (line for page in part.pages for block in page.blocks for line in block.lines)
    for word in (word for line in lines for word in line.words):
        word.start += offset
        word.end += offset
    for entity in part.entities:
        entity.start += offset
        entity.end += offset


def _summed(parts: Sequence[recognize_pb2.Timings]) -> recognize_pb2.Timings:
    """Stages take together what they took in all workers."""
    whole = recognize_pb2.Timings()
    for stage in ("queue", "decode", "preprocess", "recognize", "find_entities"):
        seconds = sum(convert.seconds(getattr(part, stage)) for part in parts)
        getattr(whole, stage).CopyFrom(convert.duration(seconds))
    return whole
