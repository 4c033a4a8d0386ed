"""Rows of values with nothing but a delimiter between them, as programs write tables (RFC 4180).

In prose a comma without a space is part of a number, and a bar a misread one; in a row it ends a
value. A line is a row where most of what its delimiters part could be a value, not a figure, and
it has several of them; or, for commas, the lines around it have as many. Where the first of such
lines has no numbers, it names the columns.
"""

import itertools
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

UNIT = "\x1f"
"""ASCII's unit separator, a space that no finder takes for a part of a value."""

_SEVERAL = {",": 3, "|": 4, ";": 4, "\t": 4}  # leaked cards and credentials have fewer bars
_EVIDENCE = 5  # values of a row and rows that are alike; credentials are not parted by commas
_TIGHT = {
    mark: re.compile(rf"{re.escape(mark)}(?<=\S{re.escape(mark)})(?=\S)") for mark in _SEVERAL
}
_ADDRESS = re.compile(r"://\S*")
_NUMBER = re.compile(r"\d(?:[^\w\n]?\d){2}")
_LONGEST = 4096  # code points of a row whose columns are counted
_TELLING = re.compile(r"[^\W\d_]|\d(?:\D?\d){5}")


@dataclass(frozen=True, slots=True)
class Cell:
    """A value's place in a table: where its own text begins, and its column's name."""

    start: int
    name: tuple[int, int]


class Tables:
    """The tables of a text, by their first lines, which name the columns."""

    def __init__(self, view: str) -> None:
        """Look at a text whose rows are parted."""
        self._view = view
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._names: list[list[tuple[int, int]]] = []
        lines_of_all = view.split("\n") if UNIT in view else ()
        start = 0
        for units, group in itertools.groupby(lines_of_all, lambda line: line.count(UNIT)):
            lines = list(group)
            end = start + sum(map(len, lines)) + len(lines)
            if units and len(lines) > 1 and not _NUMBER.search(lines[0]):
                self._starts.append(start)
                self._ends.append(end)
                self._names.append(list(_spans(lines[0], start)))
            start = end

    def cell(self, place: int) -> Cell | None:
        """Return the cell at a place, if its column has a name."""
        table = bisect_right(self._starts, place) - 1
        if table < 0 or place >= self._ends[table]:
            return None
        view, header = self._view, self._starts[table]
        line = view.rfind("\n", max(header, place - _LONGEST), place) + 1
        if not line:
            return None  # the names themselves, or too far from the beginning of the row
        name = self._names[table][view.count(UNIT, line, place)]
        return Cell(max(line, view.rfind(UNIT, line, place) + 1), name)


def _spans(line: str, start: int) -> Iterator[tuple[int, int]]:
    for cell in line.split(UNIT):
        yield start, start + len(cell)
        start += len(cell) + len(UNIT)


def parted(view: str) -> str:
    """Return the text with the delimiters of rows made `UNIT`; it keeps its length."""
    for delimiter, several in _SEVERAL.items():
        if _TIGHT[delimiter].search(view):
            view = "\n".join(_parted(view.split("\n"), delimiter, several))
    return view


def _parted(lines: list[str], delimiter: str, several: int) -> Iterator[str]:
    for values, group in itertools.groupby(lines, lambda line: _values(line, delimiter)):
        alike = list(group)
        table = min(values, len(alike)) > 1 and values + len(alike) >= _EVIDENCE
        rows = values > several or (delimiter == "," and table)
        yield from (line.replace(delimiter, UNIT) for line in alike) if rows else alike


def _values(line: str, delimiter: str) -> int:
    """How many values the delimiter parts; 0 where the line is no row."""
    if "://" in line and not _TIGHT[delimiter].search(_ADDRESS.sub("", line)):
        return 0  # all of them may be parts of an address
    parts = line.split(delimiter)
    spaced = sum(one[-1:].isspace() or other[:1].isspace() for one, other in pairwise(parts))
    telling = sum(_TELLING.search(part) is not None for part in parts)
    return 0 if 4 * spaced > len(parts) or 2 * telling < len(parts) else len(parts)
