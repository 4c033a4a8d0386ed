"""Tells the letters i of Turkish and Azerbaijani apart, by their ink.

They are four: I and ı without a dot, İ and i with one. A network that was trained on all of Latin
takes ı for i and İ for i or I, so dot and height are looked up in the picture.
"""  # noqa: RUF002

from collections.abc import Sequence
from statistics import median
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

LANGUAGES = frozenset({"az", "tr"})
_LETTERS = frozenset("Iİıi")  # noqa: RUF001
_DOTTED = {"I": "İ", "ı": "i"}  # noqa: RUF001
_DOTLESS = {"İ": "I", "i": "ı"}  # noqa: RUF001
_TALL = frozenset("ABCDEFGHKLMNOPRSTUVYZbdfhkl0123456789")
_AS_TALL = 0.84  # of the height of tall letters: the stem of İ; that of i is at most .76 of it
_REACH = 6  # columns by which a letter may stand beside where the network saw it
_BROADEST = 16  # columns of an i, in a line 48 high; what is broader touches its neighbour

Ink: TypeAlias = npt.NDArray[np.bool_]


def corrected(letters: Sequence[tuple[str, int]], ink: Ink) -> list[str]:
    """Return the letters of a line, each i as the ink has it.

    Args:
        letters: What the network saw, and at which column.
        ink: (48, W), True where the line has ink.
    """
    if not any(letter in _LETTERS for letter, _ in letters):
        return [letter for letter, _ in letters]
    heights = [_runs(_around(ink, column)) for letter, column in letters if letter in _TALL]
    tall = median(max(map(len, runs)) for runs in heights if runs) if any(heights) else 0.0
    return [
        _corrected(letter, _around(ink, column), tall) if letter in _LETTERS else letter
        for letter, column in letters
    ]


def _corrected(letter: str, part: Ink, tall: float) -> str:
    runs = _runs(part)
    if not runs or part.shape[1] > _BROADEST:
        return letter
    stem = max(range(len(runs)), key=lambda number: len(runs[number]))
    dotted = stem > 0 and len(runs[stem - 1]) < len(runs[stem]) / 2
    if not tall:
        return (_DOTTED if dotted else _DOTLESS).get(letter, letter)
    if len(runs[stem]) < _AS_TALL * tall:
        return "i" if dotted else "ı"  # noqa: RUF001
    if dotted:
        return "İ"
    return letter if letter in _DOTLESS else "I"  # its dot may touch it, or be cut off


def _around(ink: Ink, column: int) -> Ink:
    """The columns with ink, without a gap, about a column."""
    inked = np.asarray(ink.any(axis=0))
    start = max(0, column - _REACH)
    near = start + np.flatnonzero(inked[start : column + _REACH + 1])
    if not len(near):
        return ink[:, :0]
    middle = int(near[np.abs(near - column).argmin()])
    blank = np.flatnonzero(~inked)
    place = int(np.searchsorted(blank, middle))
    left = int(blank[place - 1]) + 1 if place > 0 else 0
    right = int(blank[place]) if place < len(blank) else len(inked)
    return ink[:, left:right]


def _runs(part: Ink) -> list[npt.NDArray[np.intp]]:
    """The rows with ink, cut where there is none, from the top."""
    rows = np.flatnonzero(part.any(axis=1))
    return list(np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)) if len(rows) else []
