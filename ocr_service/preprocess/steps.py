"""Single steps from view to view: each changes one thing and keeps the way back exact."""

import math

import cv2
import numpy as np

from ocr_service.preprocess.view import Matrix, Pixels, View

_TURNS = {
    90: cv2.ROTATE_90_CLOCKWISE,
    180: cv2.ROTATE_180,
    270: cv2.ROTATE_90_COUNTERCLOCKWISE,
}
_HALF_PIXEL = np.array([[1.0, 0.0, 0.5], [0.0, 1.0, 0.5], [0.0, 0.0, 1.0]])


def grayscale(view: View) -> View:
    """Drop the colours."""
    if view.pixels.ndim == 2:
        return view
    return view.repainted(_pixels(cv2.cvtColor(view.pixels, cv2.COLOR_RGB2GRAY)))


def invert(view: View) -> View:
    """Swap light and dark."""
    return view.repainted(_pixels(cv2.bitwise_not(view.pixels)))


def blur(view: View) -> View:
    """Soften with a Gaussian of 5 by 5 pixels."""
    return view.repainted(_pixels(cv2.GaussianBlur(view.pixels, (5, 5), 0)))


def equalize(view: View) -> View:
    """Spread the histogram of a grey view evenly over all levels."""
    return view.repainted(_pixels(cv2.equalizeHist(view.pixels)))


def rescale(view: View, factor: float) -> View:
    """Make a view larger (factor above 1) or smaller (below 1), to whole pixels."""
    width = max(1, round(view.width * factor))
    height = max(1, round(view.height * factor))
    if (width, height) == (view.width, view.height):
        return view
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    pixels = cv2.resize(view.pixels, (width, height), interpolation=method)
    return view.moved(_pixels(pixels), np.diag([width / view.width, height / view.height, 1.0]))


def turn(view: View, degrees: int) -> View:
    """Turn clockwise by 0, 90, 180 or 270 degrees; no pixel is lost or mixed."""
    if degrees == 0:
        return view
    pixels = _pixels(cv2.rotate(view.pixels, _TURNS[degrees]))
    return view.moved(pixels, _turning(degrees, view.width, view.height))


def rotate(view: View, degrees: float) -> View:
    """Rotate a grey view clockwise by any angle, on a canvas that holds all of it."""
    radians = math.radians(degrees)
    cos, sin = math.cos(radians), math.sin(radians)
    width = math.ceil(view.width * abs(cos) + view.height * abs(sin))
    height = math.ceil(view.width * abs(sin) + view.height * abs(cos))
    forward = (
        _shift(width / 2, height / 2)
        @ np.array([[cos, -sin, 0.0], [sin, cos, 0.0], [0.0, 0.0, 1.0]])
        @ _shift(-view.width / 2, -view.height / 2)
    )
    centres = np.linalg.inv(_HALF_PIXEL) @ forward @ _HALF_PIXEL  # OpenCV counts from pixel centres
    pixels = cv2.warpAffine(
        view.pixels,
        centres[:2],
        (width, height),
        flags=cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=(float(np.median(view.pixels[::8, ::8])),),
    )
    return view.moved(_pixels(pixels), forward)


def pad(view: View, margin: int) -> View:
    """Add a border in the paper's shade: Tesseract misses text that touches the edge."""
    shade = float(np.median(view.pixels[::8, ::8]))
    pixels = cv2.copyMakeBorder(
        view.pixels, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(shade,)
    )
    return view.moved(_pixels(pixels), _shift(margin, margin))


def _turning(degrees: int, width: int, height: int) -> Matrix:
    rows = {
        90: [[0, -1, height], [1, 0, 0]],
        180: [[-1, 0, width], [0, -1, height]],
        270: [[0, 1, 0], [-1, 0, width]],
    }[degrees]
    return np.array([*rows, [0, 0, 1]], dtype=np.float64)


def _shift(x: float, y: float) -> Matrix:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y], [0.0, 0.0, 1.0]])


def _pixels(array: object) -> Pixels:
    return np.ascontiguousarray(array, dtype=np.uint8)
