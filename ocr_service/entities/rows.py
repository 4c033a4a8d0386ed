"""Rows of values with nothing but a delimiter between them, as programs write tables (RFC 4180).

In prose a comma without a space is part of a number, and a bar a misread one; in a row it ends a
value. A line is a row where most of what its delimiters part could be a value, not a figure, and
it has several of them; or, for commas, the lines around it have as many.
"""

import itertools
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

UNIT = "\x1f"
"""ASCII's unit separator, a space that no finder takes for a part of a value."""

_SEVERAL = {",": 3, "|": 4, ";": 4, "\t": 4}  # leaked cards and credentials have fewer bars
_ALIKE = 3  # lines, since credentials are not parted by commas
_ADDRESS = re.compile(r"://\S*")
_TELLING = re.compile(r"[^\W\d_]|\d(?:\D?\d){5}")


def parted(view: str) -> str:
    """Return the text with the delimiters of rows made `UNIT`; it keeps its length."""
    for delimiter, several in _SEVERAL.items():
        if delimiter in view:
            view = "\n".join(_parted(view.split("\n"), delimiter, several))
    return view


def _parted(lines: list[str], delimiter: str, several: int) -> Iterator[str]:
    for values, group in itertools.groupby(lines, lambda line: _values(line, delimiter)):
        alike = list(group)
        rows = values > several or (delimiter == "," and values > 1 and len(alike) >= _ALIKE)
        yield from (line.replace(delimiter, UNIT) for line in alike) if rows else alike


def _values(line: str, delimiter: str) -> int:
    """How many values the delimiter parts; 0 where the line is no row."""
    if "://" in line and not _between_words(delimiter).search(_ADDRESS.sub("", line)):
        return 0  # all of them may be parts of an address
    parts = line.split(delimiter)
    spaced = sum(one[-1:].isspace() or other[:1].isspace() for one, other in pairwise(parts))
    telling = sum(_TELLING.search(part) is not None for part in parts)
    return 0 if 4 * spaced > len(parts) or 2 * telling < len(parts) else len(parts)


@cache
def _between_words(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf"\S{re.escape(delimiter)}\S")
