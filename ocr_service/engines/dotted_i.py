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
    pieces = _pieces(ink)
    tall = [_runs(ink, max(_near(pieces, at), key=len)) for one, at in letters if one in _TALL]
    heights = [max(map(len, runs)) for runs in tall if runs]
    height = median(heights) if heights else 0.0
    return [
        _corrected(one, ink, min(_near(pieces, at), key=len), height) if one in _LETTERS else one
        for one, at in letters
    ]


def _corrected(letter: str, ink: Ink, piece: range, tall: float) -> str:
    runs = _runs(ink, piece)
    if not runs or len(piece) > _BROADEST:
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


def _pieces(ink: Ink) -> list[range]:
    """Columns of ink without a gap, which are letters or letters that touch."""
    edges = np.flatnonzero(np.diff(np.pad(ink.any(axis=0).astype(np.int8), 1)))
    return [range(int(left), int(right)) for left, right in edges.reshape(-1, 2)]


def _near(pieces: Sequence[range], column: int) -> list[range]:
    """The pieces about a column, or an empty one."""
    reach = range(column - _REACH, column + _REACH + 1)
    near = [piece for piece in pieces if piece.start < reach.stop and piece.stop > reach.start]
    return near or [range(0)]


def _runs(ink: Ink, piece: range) -> list[npt.NDArray[np.intp]]:
    """The rows of a piece that have ink, cut where there is none, from the top."""
    rows = np.flatnonzero(ink[:, piece.start : piece.stop].any(axis=1))
    return list(np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)) if len(rows) else []
