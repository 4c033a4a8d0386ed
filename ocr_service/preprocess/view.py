"""A page as an engine sees it, with the exact way back to the page as submitted.

Coordinates run along pixel edges: a page of W by H pixels covers 0 to W and 0 to H, so the centre
of the first pixel is (0.5, 0.5). Points are mapped by 3x3 matrices on (x, y, 1).
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from ocr_service.results import Block, BoundingPoly, Line, Point, Word

Pixels = npt.NDArray[np.uint8]
Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """Pixels made from a page.

    Attributes:
        pixels: uint8, (H, W) grey or (H, W, 3) RGB.
        to_page: 3x3 matrix from points of these pixels to points of the submitted page.
        page_width: Pixels of the submitted page.
        page_height: Pixels of the submitted page.
        letters: About how many there are, as far as was measured.
        columns: True if text runs in columns side by side, as far as was measured.
    """

    pixels: Pixels
    to_page: Matrix
    page_width: int
    page_height: int
    letters: int = 0
    columns: bool = False

    @classmethod
    def of(cls, pixels: Pixels) -> "View":
        """Return the page itself."""
        height, width = pixels.shape[:2]
        return cls(pixels, np.eye(3), width, height)

    @property
    def width(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels."""
        return int(self.pixels.shape[0])

    def repainted(self, pixels: Pixels) -> "View":
        """Return other pixels in the same frame."""
        return replace(self, pixels=pixels)

    def moved(self, pixels: Pixels, forward: Matrix) -> "View":
        """Return pixels in a new frame; ``forward`` maps points of this frame to the new one."""
        return replace(self, pixels=pixels, to_page=self.to_page @ np.linalg.inv(forward))

    def crop(self, left: int, top: int, width: int, height: int) -> "View":
        """Return a part of the view, cut off at its edges."""
        part = self.pixels[top : top + height, left : left + width]
        up_left = np.array([[1.0, 0.0, -left], [0.0, 1.0, -top], [0.0, 0.0, 1.0]])
        return self.moved(np.ascontiguousarray(part), up_left)

    def point_to_page(self, point: Point) -> Point:
        """Map a point of this view to the submitted page."""
        return _apply(self.to_page, point)

    def point_from_page(self, point: Point) -> Point:
        """Map a point of the submitted page to this view."""
        return _apply(np.linalg.inv(self.to_page), point)

    def blocks_to_page(self, blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        """Map what was found in this view to the submitted page, clipped into it."""
        return tuple(Block(tuple(map(self._line, b.lines)), self._poly(b.poly)) for b in blocks)

    def _line(self, line: Line) -> Line:
        words = tuple(Word(w.text, self._poly(w.poly), w.confidence) for w in line.words)
        return Line(words, self._poly(line.poly))

    def _poly(self, poly: BoundingPoly) -> BoundingPoly:
        a, b, c, d = (self._clip(self.point_to_page(vertex)) for vertex in poly.vertices)
        return BoundingPoly((a, b, c, d))

    def _clip(self, point: Point) -> Point:
        x, y = point
        return (
            min(max(0.0, x), float(self.page_width)),
            min(max(0.0, y), float(self.page_height)),
        )


def _apply(matrix: npt.NDArray[np.floating], point: Point) -> Point:
    x, y, _ = matrix @ (point[0], point[1], 1.0)
    return (float(x), float(y))
