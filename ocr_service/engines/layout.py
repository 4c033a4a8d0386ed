"""Words as Tesseract lists them, gathered into lines and blocks."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from ocr_service.results import Block, BoundingPoly, Line, Word


@dataclass(frozen=True, slots=True)
class Found:
    """One word.

    Attributes:
        block: Words of one block have equal numbers and follow one another.
        line: The same for lines, within the block.
        text: May have spaces around it, or nothing else; then it is left out.
        percent: Confidence, 0 to 100.
        box: Left, top, right, bottom in pixels.
        downward: True if the word's line runs from top to bottom.
    """

    block: int
    line: int
    text: str
    percent: float
    box: tuple[float, float, float, float]
    downward: bool = False


def blocks(found: Iterable[Found]) -> tuple[Block, ...]:
    """Return the words as blocks of lines; boxes of lines and blocks hold their words."""
    words = [word for word in found if word.text.strip()]
    return tuple(_block(list(group)) for _, group in groupby(words, lambda word: word.block))


def _block(words: list[Found]) -> Block:
    lines = tuple(_line(list(group)) for _, group in groupby(words, lambda word: word.line))
    return Block(lines, _around(words))


def _line(words: list[Found]) -> Line:
    return Line(tuple(_word(word) for word in words), _around(words))


def _word(word: Found) -> Word:
    confidence = min(1.0, max(0.0, word.percent / 100))
    return Word(word.text.strip(), _around([word]), confidence)


def _around(words: list[Found]) -> BoundingPoly:
    left = min(word.box[0] for word in words)
    top = min(word.box[1] for word in words)
    right = max(word.box[2] for word in words)
    bottom = max(word.box[3] for word in words)
    if words[0].downward:  # the line's top left is the page's top right
        return BoundingPoly(((right, top), (right, bottom), (left, bottom), (left, top)))
    return BoundingPoly.box(left, top, right, bottom)
