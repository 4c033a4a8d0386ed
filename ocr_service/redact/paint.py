"""Paints boxes over findings, in the pixels."""

import math
from collections.abc import Iterable
from enum import StrEnum
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from ocr_service.results import BoundingPoly, Finding, Point

Pixels: TypeAlias = NDArray[np.uint8]

_BLACK, _WHITE = 0, 255

# Added even where no padding is asked for: engines cut close, and soft edges and JPEG spread ink.
# Shares of the height of the text. Lengthwise it is about half a digit, since places inside a word
# are only estimated, yet less than a space, so that the next word stays.
_LEAST = 2.0
_LENGTHWISE = 0.35
_CROSSWISE = 0.15

_SMALLEST_FONT = 6  # pixels; below it a label cannot be read
_FILL = 0.8  # share of the box that a label may take


class Style(StrEnum):
    """What covers a finding. LABEL writes the type's name on a black box; nothing is blurred."""

    BLACK = "black"
    WHITE = "white"
    LABEL = "label"


def paint(pixels: Pixels, findings: Iterable[Finding], style: Style, padding: int) -> Pixels:
    """Return a copy of a page with its findings covered.

    Args:
        pixels: (height, width) grey or (height, width, 3) RGB.
        findings: What stands on this page.
        style: What covers it.
        padding: Pixels added on every side, besides the few that are always added; at least 0.
    """
    painted = np.array(pixels, order="C")
    colour = _WHITE if style is Style.WHITE else _BLACK
    for finding in findings:
        for region in finding.regions:
            corners = cover(region.poly, min(padding, max(pixels.shape)))
            outline = np.array(corners).round().astype(np.int32)
            cv2.fillConvexPoly(painted, outline, (colour,) * 3)
            if style is Style.LABEL:
                _write(painted, corners, finding.entity.type.value)
    return painted


def cover(poly: BoundingPoly, padding: int) -> tuple[Point, Point, Point, Point]:
    """Return the corners of the box that covers a polygon, each moved out along its sides."""
    top_left, top_right, bottom_right, bottom_left = poly.vertices
    along = _direction(top_left, top_right, (1.0, 0.0))
    across = _direction(top_left, bottom_left, (-along[1], along[0]))
    height = math.dist(top_left, bottom_left)
    x = padding + max(_LEAST, _LENGTHWISE * height)
    y = padding + max(_LEAST, _CROSSWISE * height)

    def moved(point: Point, x: float, y: float) -> Point:
        return (
            point[0] + along[0] * x + across[0] * y,
            point[1] + along[1] * x + across[1] * y,
        )

    return (
        moved(top_left, -x, -y),
        moved(top_right, x, -y),
        moved(bottom_right, x, y),
        moved(bottom_left, -x, y),
    )


def _direction(start: Point, end: Point, otherwise: Point) -> Point:
    length = math.dist(start, end)
    if not length:
        return otherwise
    return ((end[0] - start[0]) / length, (end[1] - start[1]) / length)


def _write(
    painted: Pixels, corners: tuple[Point, Point, Point, Point], label: str
) -> None:
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
    np.maximum(part, placed if part.ndim == 2 else placed[..., None], out=part, where=True)


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
