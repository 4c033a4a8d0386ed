"""Paints boxes over findings, in the pixels."""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from ocr_service.images import Image
from ocr_service.results import BoundingPoly, Finding, Page, Point

Pixels: TypeAlias = NDArray[np.uint8]
Corners: TypeAlias = tuple[Point, Point, Point, Point]

_BLACK, _WHITE = 0, 255

# Added even where no padding is asked for: engines cut close, and soft edges and JPEG spread ink.
_LEAST = 2.0  # pixels; the others are shares of the height of the text
_LENGTHWISE = 0.2  # less than a space, so that the next word stays
_CROSSWISE = 0.15
_INSIDE = 1.0  # about a wide letter: where a character stands inside a word is only estimated

_SMALLEST_FONT = 6  # pixels; below it a label cannot be read
_FILL = 0.8  # share of the box that a label may take


class Style(StrEnum):
    """What covers a finding. LABEL writes the type's name on a black box; nothing is blurred."""

    BLACK = "black"
    WHITE = "white"
    LABEL = "label"


@dataclass(frozen=True, slots=True)
class Covered:
    """A finding to cover.

    Attributes:
        finding: What and where.
        starts_inside: It starts inside a word, whose other part need not be covered.
        ends_inside: It ends inside a word.
    """

    finding: Finding
    starts_inside: bool
    ends_inside: bool

    @classmethod
    def on(cls, page: Page) -> "list[Covered]":
        """Return all findings of a page."""
        text = f" {page.text} "
        return [
            cls(
                finding,
                starts_inside=not text[finding.entity.start].isspace(),
                ends_inside=not text[finding.entity.end + 1].isspace(),
            )
            for finding in page.findings
        ]

    def boxes(self, page_number: int, padding: int) -> Iterator[Corners]:
        """Yield the corners of the boxes on a page, in the order of its regions' vertices."""
        regions = self.finding.regions
        for region in regions:
            if region.page_number == page_number:
                yield _box(
                    region.poly,
                    padding,
                    _INSIDE if self.starts_inside and region is regions[0] else _LENGTHWISE,
                    _INSIDE if self.ends_inside and region is regions[-1] else _LENGTHWISE,
                )


def paint(image: Image, covered: Iterable[Covered], style: Style, padding: int) -> Pixels:
    """Return a copy of a page's pixels with boxes over the findings that stand on it.

    Args:
        image: The page.
        covered: Findings of this page and others.
        style: What covers them.
        padding: Pixels added on every side, besides the few that are always added; at least 0.
    """
    painted = np.array(image.pixels, order="C")
    colour = _WHITE if style is Style.WHITE else _BLACK
    for item in covered:
        for corners in item.boxes(image.number, min(padding, max(painted.shape))):
            outline = np.array(corners).round().astype(np.int32)
            cv2.fillConvexPoly(painted, outline, (colour,) * 3)
            if style is Style.LABEL:
                _write(painted, corners, item.finding.entity.type.value)
    return painted


def _box(poly: BoundingPoly, padding: int, before: float, after: float) -> Corners:
    """Move the sides of a polygon out: those at the ends by shares of its height."""
    top_left, top_right, bottom_right, bottom_left = poly.vertices
    along = _direction(top_left, top_right, (1.0, 0.0))
    across = _direction(top_left, bottom_left, (-along[1], along[0]))
    height = math.dist(top_left, bottom_left)
    left, right, y = (
        padding + max(_LEAST, share * height) for share in (before, after, _CROSSWISE)
    )

    def moved(point: Point, x: float, y: float) -> Point:
        return (
            point[0] + along[0] * x + across[0] * y,
            point[1] + along[1] * x + across[1] * y,
        )

    return (
        moved(top_left, -left, -y),
        moved(top_right, right, -y),
        moved(bottom_right, right, y),
        moved(bottom_left, -left, y),
    )


def _direction(start: Point, end: Point, otherwise: Point) -> Point:
    length = math.dist(start, end)
    if not length:
        return otherwise
    return ((end[0] - start[0]) / length, (end[1] - start[1]) / length)


def _write(painted: Pixels, corners: Corners, label: str) -> None:
    """Write a label in white into the black box, along its own direction."""
    size = (round(math.dist(*corners[:2])), round(math.dist(corners[0], corners[3])))
    ink = _label(label, size)
    if ink is None:
        return
    height, width = painted.shape[:2]
    xs, ys = [point[0] for point in corners], [point[1] for point in corners]
    left, right = max(math.floor(min(xs)), 0), min(math.ceil(max(xs)), width)
    top, bottom = max(math.floor(min(ys)), 0), min(math.ceil(max(ys)), height)
    if left >= right or top >= bottom:
        return
    onto = [(corners[i][0] - left, corners[i][1] - top) for i in (0, 1, 3)]
    source = np.array([(0, 0), (size[0], 0), (0, size[1])], np.float32)
    turn = cv2.getAffineTransform(source, np.array(onto, np.float32))
    placed = cv2.warpAffine(ink, turn, (right - left, bottom - top))
    part = painted[top:bottom, left:right]
    np.maximum(part, placed if part.ndim == 2 else placed[..., None], out=part)


def _label(label: str, size: tuple[int, int]) -> Pixels | None:
    """Draw a label white on black, as large as a box of that width and height lets it be."""
    wanted = _FILL * size[1]
    length = ImageFont.load_default(100).getlength(label) / 100
    font_size = min(wanted, _FILL * size[0] / length)
    if font_size < _SMALLEST_FONT:
        return None
    image = Pillow.new("L", size, _BLACK)
    ImageDraw.Draw(image).text(
        (size[0] / 2, size[1] / 2),
        label,
        font=ImageFont.load_default(font_size),
        fill=_WHITE,
        anchor="mm",
    )
    return np.asarray(image)
