"""Reads a page with an engine, without a service around it."""

from ocr_service.deadline import Deadline
from ocr_service.engines import Engine
from ocr_service.options import Segmentation
from ocr_service.results import Block, Word
from tests import drawn


def read(
    engine: Engine,
    pixels: drawn.Pixels,
    tags: tuple[str, ...] = ("en",),
    segmentation: Segmentation = Segmentation.AUTO,
) -> tuple[Block, ...]:
    return engine.recognize(pixels, tags, segmentation, Deadline.after(60))


def words_of(blocks: tuple[Block, ...]) -> list[Word]:
    return [word for block in blocks for line in block.lines for word in line.words]


def texts_of(blocks: tuple[Block, ...]) -> list[str]:
    return [word.text for word in words_of(blocks)]
