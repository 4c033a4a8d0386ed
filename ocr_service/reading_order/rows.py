"""Rows: pieces side by side become one line, rows close to one another a block."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from ocr_service.reading_order.frames import Frame, Piece, leftward
from ocr_service.results import Block, Line

WORD_GAP = 0.6  # of the height of a line: nearer than this, pieces are words of one line
_BESIDE = 0.5  # of the mean height: middles of one row are no farther apart
_OVERLAP = 0.3  # of the lesser width: pieces of one row do not overlap more
_MOST_BESIDE = 64  # pieces after one, from top to bottom, that are looked at
_FARNESS = 0.05  # height of a line across that counts as much as a gap of one along it
_WIDEST_GAP = 1.5  # of the height of a line: rows of one block are no farther apart
_PARAGRAPH = 0.7  # of the height of a line: more than the usual gap, which begins a block


def close_gaps(pieces: list[Piece]) -> list[Piece]:
    """Join words of one line, so that no gap between words is taken for one between columns."""
    return _join(pieces, WORD_GAP)


def rows(pieces: list[Piece]) -> list[Piece]:
    """Join what stands side by side; rows come from top to bottom."""
    return sorted(_join(pieces, np.inf), key=lambda row: (row.middle, row.left))


def paragraphs(found: list[Piece]) -> Iterator[list[Piece]]:
    """Part rows where the gap is clearly wider than usual."""
    gaps = [below.top - above.bottom for above, below in pairwise(found)]
    height = float(np.median([row.height for row in found]))
    usual = min(max(0.0, float(np.median(gaps or [0.0]))), _WIDEST_GAP * height)
    start = 0
    for index, gap in enumerate(gaps, 1):
        if gap > usual + _PARAGRAPH * height:
            yield found[start:index]
            start = index
    yield found[start:]


def block(found: list[Piece], frame: Frame) -> Block:
    """Make rows a block on the page."""
    lines = tuple(_line(row, frame) for row in found)
    return Block(lines, frame.around(lines))


def _line(row: Piece, frame: Frame) -> Line:
    if len(row.lines) == 1:
        return row.lines[0]
    words = tuple(word for line in row.lines for word in line.words)
    return Line(words, frame.around(row.lines))


def _join(pieces: list[Piece], widest: float) -> list[Piece]:
    """Join pieces with a gap of up to so many heights, those that fit best first."""
    pieces = sorted(pieces, key=lambda piece: piece.middle)
    group = list(range(len(pieces)))
    members = {index: [index] for index in group}
    for one, other in _neighbours(pieces, widest):
        first, second = group[one], group[other]
        if first == second or _collide(pieces, members[first], members[second]):
            continue
        for index in members[second]:
            group[index] = first
        members[first] += members.pop(second)
    return [_joined([pieces[index] for index in row]) for row in members.values()]


def _neighbours(pieces: list[Piece], widest: float) -> list[tuple[int, int]]:
    """Indices of pieces that may stand on one row, those that fit best first."""
    left, right, middle, height = (
        np.array([getattr(piece, name) for piece in pieces])
        for name in ("left", "right", "middle", "height")
    )
    start = np.arange(len(pieces))
    stop = np.searchsorted(middle, middle + _BESIDE * (height + height.max()) / 2, "right")
    count = np.minimum(stop - start - 1, _MOST_BESIDE)
    one = np.repeat(start, count)
    other = np.arange(len(one)) - np.repeat(np.cumsum(count) - count, count) + one + 1
    size = (height[one] + height[other]) / 2
    apart = np.abs(middle[one] - middle[other]) / size
    gap = np.maximum(left[one], left[other]) - np.minimum(right[one], right[other])
    shared = -gap / np.minimum(right[one] - left[one], right[other] - left[other])
    gap = np.maximum(gap / size, 0.0)
    kept = np.flatnonzero((apart <= _BESIDE) & (shared <= _OVERLAP) & (gap <= widest))
    kept = kept[np.lexsort((other[kept], one[kept], (apart + _FARNESS * gap)[kept]))]
    return list(zip(one[kept].tolist(), other[kept].tolist(), strict=True))


def _collide(pieces: list[Piece], one: list[int], other: list[int]) -> bool:
    """Tell whether a piece of one row stands above or below one of the other."""
    for first in one:
        for second in other:
            a, b = pieces[first], pieces[second]
            shared = min(a.right, b.right) - max(a.left, b.left)
            if shared > _OVERLAP * min(a.right - a.left, b.right - b.left):
                return True
    return False


def _joined(row: list[Piece]) -> Piece:
    if len(row) == 1:
        return row[0]
    row.sort(key=lambda piece: (piece.left, piece.right))
    left, right = row[0].left, max(piece.right for piece in row)
    weights = [piece.right - piece.left for piece in row]
    middle = float(np.average([piece.middle for piece in row], weights=weights))
    height = float(np.average([piece.height for piece in row], weights=weights))
    lines = [line for piece in row for line in piece.lines]
    if leftward("".join(line.text for line in lines)) > 0:
        lines = [line for piece in reversed(row) for line in piece.lines]
    return Piece(tuple(lines), left, right, middle, height)
