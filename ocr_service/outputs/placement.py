"""Where words stand on the pages of a PDF."""

import math
from dataclasses import dataclass

from ocr_service.results import Point, Word

_LEAST = 1.0  # pixels that a word is broad and high at least, so that readers do not drop it
_SMALL = 0.1  # pixels


@dataclass(frozen=True, slots=True)
class Place:
    """Parallelograms side by side, one for each character, in pixels; y goes up.

    Attributes:
        step: From one to the next along the baseline, which is the lower edge of the polygon.
        up: From the baseline to the top.
        corner: Where the first character starts on the baseline.
    """

    step: Point
    up: Point
    corner: Point

    @classmethod
    def of(cls, word: Word, page_height: int) -> "Place":
        """Cover a word's polygon.

        One of another shape, such as one cut by the edge of the page, is covered by a parallelogram
        much like it that touches the same upright box.
        """
        left, top, right, bottom = word.poly.bounds
        one, two, three, four = word.poly.vertices
        along = (_half(two, three, one, four, 0), -_half(two, three, one, four, 1))
        up = (_half(one, two, three, four, 0), -_half(one, two, three, four, 1))
        if abs(along[0] * up[1] - along[1] * up[0]) < _LEAST:  # no area
            along, up = (1.0, 0.0), (0.0, 1.0)
        broader = max(right - left, _LEAST) / (abs(along[0]) + abs(up[0]))
        higher = max(bottom - top, _LEAST) / (abs(along[1]) + abs(up[1]))
        along, up = (along[0] * broader, along[1] * higher), (up[0] * broader, up[1] * higher)
        corner = (
            (left + right - along[0] - up[0]) / 2,
            page_height - (top + bottom + along[1] + up[1]) / 2,
        )
        return cls((along[0] / len(word.text), along[1] / len(word.text)), up, corner)

    def matrix(self) -> str:
        """The text matrix for type of size 1."""
        return _numbers(*self.step, *self.up, *self.corner)

    def aside(self) -> str:
        """The matrix of a small character that stands far enough above or below the word.

        PDFium sorts what is written at about one height by x, even over the ends of lines that
        run a little askew. What stands between at another height keeps the order.
        """
        x, y = self.corner
        return _numbers(_SMALL, 0, 0, _SMALL, x, y + math.hypot(*self.step) + math.hypot(*self.up))


def _half(one: Point, two: Point, three: Point, four: Point, axis: int) -> float:
    """How far the middle of the first two points lies from that of the others."""
    return (one[axis] + two[axis] - three[axis] - four[axis]) / 2


def _numbers(*numbers: float) -> str:
    return " ".join(f"{number:.4f}" for number in numbers)
