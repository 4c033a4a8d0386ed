"""Pages turned so that lines run level, to the right."""

import math
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from ocr_service.results import BoundingPoly, Line

_STACKED = 1.5  # times as high as wide, a line of some characters has them below one another
_FEWEST_STACKED = 3  # characters; "il" is high and narrow too
_LEAST = 1e-6  # pixels along and across, so that shares of a box can be told
_LEVEL = math.radians(0.1)  # by less, no line leaves its row

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Frame:
    """A rotation of the page about its origin.

    Attributes:
        cosine: Of the angle by which lines sink to the right on the page.
        sine: The same.
    """

    cosine: float
    sine: float

    def level(self, points: Floats) -> Floats:
        """Map points of the page, (..., 2), into the frame."""
        x, y = points[..., 0], points[..., 1]
        return np.stack((x * self.cosine + y * self.sine, y * self.cosine - x * self.sine), -1)

    def around(self, lines: Sequence[Line]) -> BoundingPoly:
        """Return the rectangle of the frame that holds the lines, on the page."""
        level = self.level(np.array([line.poly.vertices for line in lines], np.float64))
        left, top = level.min(axis=(0, 1)).tolist()
        right, bottom = level.max(axis=(0, 1)).tolist()
        a, b, c, d = (
            (x * self.cosine - y * self.sine, y * self.cosine + x * self.sine)
            for x, y in ((left, top), (right, top), (right, bottom), (left, bottom))
        )
        return BoundingPoly((a, b, c, d))


@dataclass(frozen=True, slots=True)
class Piece:
    """Lines that stand side by side, in one frame; as detected, a single one.

    Attributes:
        lines: In reading order.
        left: Least place along the lines, pixels.
        right: Greatest place along the lines.
        middle: Place across the lines, growing from line to line.
        height: Thickness of the lines.
    """

    lines: tuple[Line, ...]
    left: float
    right: float
    middle: float
    height: float

    @property
    def top(self) -> float:
        """The edge from which reading comes."""
        return self.middle - self.height / 2

    @property
    def bottom(self) -> float:
        """The edge towards which reading goes."""
        return self.middle + self.height / 2


def frames(lines: Sequence[Line]) -> list[tuple[Frame, list[Piece]]]:
    """Part lines by the way they run, the way of most characters first."""
    if not lines:
        return []
    ordered = sorted(lines, key=lambda line: (line.poly.vertices, line.text))
    corners = np.array([line.poly.vertices for line in ordered], np.float64)
    characters = np.array([sum(len(word.text) for word in line.words) for line in ordered])
    ends = np.array([_ends(line) for line in ordered], np.float64)
    along = ends[:, 1] - ends[:, 0]
    side = (corners[:, 3] + corners[:, 2] - corners[:, 0] - corners[:, 1]) / 2
    width, height = np.hypot(*along.T), np.hypot(*side.T)
    stacked = (height > _STACKED * width) & (characters >= _FEWEST_STACKED)
    along[stacked] = side[stacked]
    thickness = np.where(stacked, width, height)
    angle = np.arctan2(along[:, 1], along[:, 0])
    quarter = np.round(angle / (np.pi / 2)).astype(np.int64) % 4
    ways = sorted(set(quarter.tolist()), key=lambda way: (-characters[quarter == way].sum(), way))
    return [
        _frame(
            [ordered[index] for index in np.flatnonzero(quarter == way)],
            corners[quarter == way],
            angle[quarter == way],
            np.hypot(*along[quarter == way].T),
            thickness[quarter == way],
            way,
        )
        for way in ways
    ]


def leftward(text: str) -> int:
    """Count letters of scripts written from right to left, less those of others."""
    if text.isascii():
        return -len(text)
    kinds = Counter(map(unicodedata.bidirectional, text))
    return kinds["R"] + kinds["AL"] - kinds["L"]


def _frame(
    lines: list[Line], corners: Floats, angle: Floats, length: Floats, height: Floats, way: int
) -> tuple[Frame, list[Piece]]:
    tilt = np.remainder(angle - way * np.pi / 2 + np.pi, 2 * np.pi) - np.pi
    skew = _median(tilt, length)
    cosine, sine = (1.0, 0.0) if abs(skew) < _LEVEL else (math.cos(skew), math.sin(skew))
    for _ in range(way):
        cosine, sine = -sine, cosine
    frame = Frame(cosine, sine)
    level = frame.level(corners)
    left = level[..., 0].min(axis=1)
    right = np.maximum(level[..., 0].max(axis=1), left + _LEAST)
    middle = level[..., 1].mean(axis=1)
    columns = (values.tolist() for values in (left, right, middle, np.maximum(height, _LEAST)))
    return frame, [Piece((line,), *place) for line, *place in zip(lines, *columns, strict=True)]


def _ends(line: Line) -> tuple[tuple[float, float], tuple[float, float]]:
    """Where the words begin and end: they show a tilt that an upright box around them hides."""
    (ax, ay), _, _, (bx, by) = line.words[0].poly.vertices
    _, (cx, cy), (dx, dy), _ = line.words[-1].poly.vertices
    return ((ax + bx) / 2, (ay + by) / 2), ((cx + dx) / 2, (cy + dy) / 2)


def _median(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    upto = np.cumsum(weights[order])
    return float(values[order][np.searchsorted(upto, upto[-1] / 2)])
