"""Prepares a page for an engine, and keeps the way back to the page as it was submitted.

Each step is a plain function from view to view, so a chain reads top to bottom.
"""

import math
from dataclasses import replace

import numpy as np

from ocr_service.options import Preparation, Preprocessing
from ocr_service.preprocess import ink, measure, steps
from ocr_service.preprocess.view import Pixels, View

__all__ = ["Pixels", "View", "apply", "densest_part", "trim"]

_CLOSE_ENOUGH = 1.15  # a change of scale below that costs more than it brings
_LARGEST_GROWTH = 3.0
_LARGEST_SHRINK = 0.2
_MOST_PIXELS = 10_000_000  # of an enlarged page
_LINE_PITCH = 2.5  # from line to line, in heights of a usual letter
_PART_WIDTH = 50  # of a sample, in heights of a usual letter: some eight words
_LEVEL = 0.3  # degrees of skew that do no harm
_MARGIN = 12  # pixels of paper added around a page


def apply(
    pixels: Pixels,
    how: Preprocessing,
    turned: int = 0,
    preparation: Preparation = Preparation.PRINT,
) -> View:
    """Prepare a page.

    Args:
        pixels: uint8, (H, W) grey or (H, W, 3) RGB.
        how: Which chain.
        turned: Degrees clockwise by which the page is turned first: 0, 90, 180 or 270.
        preparation: What the engine wants done under AUTO.
    """
    page = steps.turn(View.of(pixels), turned)
    match how, preparation:
        case Preprocessing.CLASSIC, _:
            return _classic(page)
        case Preprocessing.AUTO, Preparation.PRINT:
            return _for_print(page)
        case _:
            return page


def densest_part(view: View, lines: int) -> View:
    """Return the part of a view with most letters, about so many lines of text high."""
    letters = measure.letters(steps.grayscale(view).pixels)
    size = letters.print_height or ink.PRINT_HEIGHT
    height = min(view.height, round(lines * _LINE_PITCH * size))
    width = min(view.width, round(_PART_WIDTH * size))
    middles = letters.top + letters.height / 2
    top = _densest(middles, height, view.height)
    inside = (middles >= top) & (middles < top + height)
    left = _densest((letters.left + letters.width / 2)[inside], width, view.width)
    return view.crop(left, top, width, height)


def trim(view: View) -> View:
    """Cut the empty paper off a view of one line: Tesseract takes its height for the line's."""
    letters = measure.letters(steps.grayscale(view).pixels)
    if not len(letters):
        return view
    size = letters.print_height or ink.PRINT_HEIGHT
    top = max(0, round(letters.top.min() - size))
    bottom = min(view.height, round((letters.top + letters.height).max() + size))
    left = max(0, round(letters.left.min() - size))
    right = min(view.width, round((letters.left + letters.width).max() + size))
    return view.crop(left, top, right - left, bottom - top)


def _densest(places: measure.Floats, reach: int, length: int) -> int:
    """Where a window of that reach, within 0 to length, holds most of the places."""
    counts = np.bincount(places.astype(np.int64), minlength=length)[:length]
    upto = np.concatenate(([0], np.cumsum(counts)))
    return int(np.argmax(upto[reach:] - upto[: len(upto) - reach]))


def _classic(view: View) -> View:
    """The chain of the older services; it reads worse than none."""
    return steps.equalize(steps.blur(steps.grayscale(view)))


def _for_print(view: View) -> View:
    """What helps Tesseract, measured: see docs."""
    view = steps.grayscale(view)
    letters = measure.letters(view.pixels)
    if measure.is_light_on_dark(view.pixels, letters):
        view = steps.invert(view)
        letters = measure.letters(view.pixels)
    skew = measure.skew_degrees(letters)
    columns = measure.has_columns(letters, skew)
    view = steps.rescale(view, _factor(letters.print_height, view))
    if abs(skew) > _LEVEL:
        view = steps.rotate(view, -skew)
    view = ink.invert_dark_bands(view)
    view = ink.clahe(view)
    view = ink.erase_rules(view)
    return replace(steps.pad(view, _MARGIN), letters=len(letters), columns=columns)


def _factor(print_height: float, view: View) -> float:
    """By how much to enlarge a view, so that its print gets the height that reads best."""
    if print_height <= 0:
        return 1.0
    factor = ink.PRINT_HEIGHT / print_height
    if 1 / _CLOSE_ENOUGH < factor < _CLOSE_ENOUGH:
        return 1.0
    if factor < 1:
        return max(_LARGEST_SHRINK, factor)
    room = math.sqrt(_MOST_PIXELS / (view.width * view.height))
    return min(factor, _LARGEST_GROWTH, max(1.0, room))
