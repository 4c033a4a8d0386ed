"""Words as Tesseract lists them, gathered into lines and blocks."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby, pairwise
from statistics import median

from ocr_service.reading_order import arrange
from ocr_service.results import Block, BoundingPoly, Line, Word

_WIDE_GAP = 1.0  # of the height of a word: between columns or cells, seldom between words


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
    """Return the words as blocks of lines, in reading order; boxes of both hold their words.

    Tesseract either reads across columns or takes cells of a table for columns. So its lines are
    cut at wide gaps, and `arrange` tells the one from the other.
    """
    words = [word for word in found if word.text.strip()]
    lines = (list(line) for _, line in groupby(words, lambda word: (word.block, word.line)))
    return tuple(
        _tight(block) for block in arrange([piece for line in lines for piece in _pieces(line)])
    )


def _pieces(line: list[Found]) -> Iterator[Line]:
    """Cut a line at wide gaps; pieces of one line keep one middle, whatever their letters."""
    boxes = [word.box for word in line]
    if line[0].downward:
        yield _tight_line(tuple(map(_word, line)))
        return
    height = median(bottom - top for _, top, _, bottom in boxes)
    top = (min(box[1] for box in boxes) + max(box[3] for box in boxes) - height) / 2
    bounds = [
        index
        for index, (one, other) in enumerate(pairwise(boxes), 1)
        if other[0] - one[2] > _WIDE_GAP * height
    ]
    for start, end in pairwise([0, *bounds, len(line)]):
        left = min(box[0] for box in boxes[start:end])
        right = max(box[2] for box in boxes[start:end])
        poly = BoundingPoly.box(left, top, right, top + height)
        yield Line(tuple(map(_word, line[start:end])), poly)


def _tight(block: Block) -> Block:
    lines = tuple(_tight_line(line.words) for line in block.lines)
    return Block(lines, _around([line.poly for line in lines]))


def _tight_line(words: tuple[Word, ...]) -> Line:
    return Line(words, _around([word.poly for word in words]))


def _word(word: Found) -> Word:
    confidence = min(1.0, max(0.0, word.percent / 100))
    left, top, right, bottom = word.box
    poly = BoundingPoly.box(left, top, right, bottom)
    if word.downward:  # the word's top left is the page's top right
        poly = BoundingPoly((*poly.vertices[1:], poly.vertices[0]))
    return Word(word.text.strip(), poly, confidence)


def _around(polys: list[BoundingPoly]) -> BoundingPoly:
    across, down = zip(*(vertex for poly in polys for vertex in poly.vertices), strict=True)
    whole = BoundingPoly.box(min(across), min(down), max(across), max(down))
    (first, _), (second, _), _, _ = polys[0].vertices
    downward = first == second
    return BoundingPoly((*whole.vertices[1:], whole.vertices[0])) if downward else whole
