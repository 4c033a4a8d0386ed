"""Columns: an empty band down the page parts prose, but not the cells of a table or receipt.

Prose in a column wraps: its lines are long, about equally wide, and many begin in the middle of
a sentence. Beside an item stands a price, beside a label a value, and on the same row. So a band
is a gutter where both sides are prose, or where the lines of one side keep no step with those of
the other, as in a sidebar of smaller print.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ocr_service.reading_order.frames import Floats, Piece, leftward
from ocr_service.reading_order.rows import WORD_GAP

_FEWEST = 3  # lines of a column
_WIDEST_GAP = 1.0  # of the height of a line: gaps of lines are taken for no wider
_BAND = 0.7  # of the height of a line: more than the gap of a line, which may end columns
_LONG = 12  # letters of a usual line of prose
_SENTENCE = 25  # letters of a line that is prose even if each begins with a capital
_FULL = 0.6  # of the width of the widest lines, a usual line of prose has
_WRAPPED = 0.25  # of the lines of prose begin with a small letter
_LETTERS = 0.5  # of the characters of a column are letters
_FEWEST_OUT_OF_STEP = 4  # lines that show that two sides do not keep step
_OVERLAPPING = 0.75  # of the height of a line: middles of lines that overlap are no farther apart
_OUT_OF_STEP = 0.25  # of the height of a line: spread of the steps between sides

Indices = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class _Traits:
    """What is asked of pieces, one value each.

    Attributes:
        left, right, middle, height: As in `Piece`.
        letters: How many of the characters are letters.
        characters: How many there are, without spaces.
        small: 1 if the first letter is small, -1 if it is a capital, 0 if neither.
        leftward: Letters written from right to left, less those written from left to right.
    """

    left: Floats
    right: Floats
    middle: Floats
    height: Floats
    letters: Floats
    characters: Floats
    small: Floats
    leftward: Floats

    @classmethod
    def of(cls, pieces: list[Piece]) -> "_Traits":
        rows = [(p.left, p.right, p.middle, p.height, *_text_traits(p)) for p in pieces]
        return cls(*np.array(rows, np.float64).T)


@dataclass(frozen=True, slots=True, eq=False)
class _Columns:
    """Lines left and right of a gutter, by their middles.

    Attributes:
        lines: Indices.
        on_right: For each, true if it is right of the gutter.
    """

    lines: Indices
    on_right: npt.NDArray[np.bool_]

    @property
    def fewest(self) -> int:
        """Lines of the side with fewer."""
        return int(min(self.on_right.sum(), (~self.on_right).sum()))

    def part(self, start: int, stop: int) -> "_Columns":
        return _Columns(self.lines[start:stop], self.on_right[start:stop])


def regions(pieces: list[Piece]) -> Iterator[list[Piece]]:
    """Part a page into columns, and what stands above and below them, in reading order."""
    traits = _Traits.of(pieces)
    waiting = [np.argsort(traits.middle, kind="stable")]
    while waiting:
        region = waiting.pop()
        columns = _best_columns(traits, region)
        if columns is None:
            yield [pieces[index] for index in region]
            continue
        middle, top, bottom = traits.middle, columns.lines[0], columns.lines[-1]
        rest = region[~np.isin(region, columns.lines)]
        sides = [columns.lines[~columns.on_right], columns.lines[columns.on_right]]
        if traits.leftward[region].sum() > 0:
            sides.reverse()
        above = rest[middle[rest] < (middle[top] + middle[bottom]) / 2]
        below = rest[len(above) :]
        waiting += [part for part in (below, *reversed(sides), above) if len(part)]


def _best_columns(traits: _Traits, region: Indices) -> _Columns | None:
    """Find the gutter with most lines beside it."""
    if len(region) < 2 * _FEWEST:
        return None
    size = _quantile(traits.height[region], 0.5)
    best, most = None, 0
    for edge in _edges(traits.left[region], size):
        for stretch in _stretches(traits, region, edge, size):
            if len(stretch.lines) > most:
                for columns in _runs(traits, stretch, size):
                    if len(columns.lines) > most:
                        best, most = columns, len(columns.lines)
    return best


def _edges(left: Floats, size: float) -> list[float]:
    """Where columns may begin: the least of the left edges that are close to one another."""
    left = np.sort(left)
    first = np.concatenate(([True], np.diff(np.floor((left - left[0]) / size)) > 0))
    return list(left[first][1:].tolist())


def _stretches(traits: _Traits, region: Indices, edge: float, size: float) -> Iterator[_Columns]:
    """Part what is left and right of a band where lines lie across it."""
    on_right = traits.left[region] >= edge
    across = ~on_right & (traits.right[region] > edge - WORD_GAP * size)
    stretch = np.cumsum(across)
    many = stretch[-1] + 1
    lesser = np.minimum(
        np.bincount(stretch[~on_right & ~across], minlength=many),
        np.bincount(stretch[on_right], minlength=many),
    )
    for index in np.flatnonzero(lesser >= _FEWEST):
        inside = (stretch == index) & ~across
        yield _Columns(region[inside], on_right[inside])


def _runs(traits: _Traits, stretch: _Columns, size: float) -> Iterator[_Columns]:
    """Part a stretch at empty bands across the page; yield those next to one another that hold.

    A part with too few lines to tell, such as a heading within a column, goes with those around,
    and prose that runs on where the other side has ended, with those before.
    """
    begin = end = 0  # of the run so far, which ends with a part that holds
    for start, stop in pairwise(_bands(traits, stretch, size)):
        part = stretch.part(start, stop)
        if part.fewest >= _FEWEST and _hold(traits, part, size):
            begin, end = (begin if end else start), stop
        elif end and part.fewest >= _FEWEST:
            yield stretch.part(begin, end)
            end = 0
        elif end and not part.fewest and _is_prose(traits, part.lines):
            end = stop
    if end:
        yield stretch.part(begin, end)


def _bands(traits: _Traits, stretch: _Columns, size: float) -> list[int]:
    """Where bands across a stretch are empty that are clearly higher than its gaps of a line."""
    middle, half = traits.middle[stretch.lines], traits.height[stretch.lines] / 2
    top, bottom = middle - half, middle + half
    usual = min(
        _line_gap(top[side], bottom[side]) for side in (stretch.on_right, ~stretch.on_right)
    )
    gaps = top[1:] - np.maximum.accumulate(bottom)[:-1]
    widest = min(usual, _WIDEST_GAP * size) + _BAND * size
    return [0, *(np.flatnonzero(gaps > widest) + 1).tolist(), len(middle)]


def _line_gap(top: Floats, bottom: Floats) -> float:
    gaps = top[1:] - bottom[:-1]
    return _quantile(gaps[gaps > 0], 0.5) if (gaps > 0).any() else 0.0


def _hold(traits: _Traits, columns: _Columns, size: float) -> bool:
    """Tell whether two sides are columns, and not the cells of rows."""
    sides = columns.lines[~columns.on_right], columns.lines[columns.on_right]
    if any(traits.letters[side].sum() < _LETTERS * traits.characters[side].sum() for side in sides):
        return False
    return all(_is_prose(traits, side) for side in sides) or _out_of_step(
        traits.middle[sides[0]], traits.middle[sides[1]], size
    )


def _is_prose(traits: _Traits, side: Indices) -> bool:
    width = traits.right[side] - traits.left[side]
    letters = _quantile(traits.letters[side], 0.5)
    small = traits.small[side]
    wraps = (small > 0).sum() >= _WRAPPED * (small != 0).sum()
    even = _quantile(width, 0.5) >= _FULL * _quantile(width, 0.9)
    return bool(even and letters >= (_LONG if wraps else _SENTENCE))


def _quantile(values: Floats, share: float) -> float:
    return float(np.sort(values)[int(share * len(values))])


def _out_of_step(one: Floats, other: Floats, size: float) -> bool:
    """Tell whether lines that overlap lines of the other side do so by chance."""
    fewer, more = sorted((np.sort(one), np.sort(other)), key=len)
    after = np.clip(np.searchsorted(more, fewer), 1, len(more) - 1)
    before, behind = fewer - more[after - 1], fewer - more[after]
    step = np.where(np.abs(before) < np.abs(behind), before, behind)
    step = step[np.abs(step) < _OVERLAPPING * size]
    if len(step) < _FEWEST_OUT_OF_STEP:
        return False
    return bool(np.mean(np.abs(step - np.median(step))) > _OUT_OF_STEP * size)


def _text_traits(piece: Piece) -> tuple[int, int, int, int]:
    text = "".join(word.text for line in piece.lines for word in line.words)
    letters = sum(map(str.isalpha, text))
    first = next((letter for letter in text[:2] if letter.isalpha()), "")
    return letters, len(text), first.islower() - first.isupper(), leftward(text)
