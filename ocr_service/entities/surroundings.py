"""What stands near a place in a text: the nearest word of each topic.

It is looked for on the left as far as the label above, on the right within the line. The topic
that stands nearest decides: an invoice number that looks like a telephone number loses. The words
of a text are looked at once, so that a place without labels near it costs two searches.
"""

from bisect import bisect_left
from dataclasses import dataclass
from functools import lru_cache

from ocr_service.entities import context
from ocr_service.entities.context import RIVALS
from ocr_service.entities.rows import Tables

_LEFT_CHARS, _RIGHT_CHARS = 64, 32
_RIGHT_WORDS = 5
_FAR = 99
_before = lru_cache(maxsize=4096)(context.before)
_behind = lru_cache(maxsize=4096)(context.behind)
_NOTHING: dict[str, int] = {}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Distance in words of the nearest word of each topic, from 0.

    Places with the same words around them share the dictionaries, which are never changed.
    """

    left: dict[str, int]
    right: dict[str, int]

    def distance(self, topic: str) -> int:
        """Words between the place and the topic, on the nearer side; 99 where it is absent."""
        # a label stands before its number, so the right side counts as farther
        return min(self.left.get(topic, _FAR), self.right.get(topic, _FAR - 4) + 4)

    def has(self, topic: str) -> bool:
        """Tell whether a word of the topic stands near."""
        return topic in self.left or topic in self.right

    def strength(self, topic: str) -> float:
        """0 where the topic is absent or a rival stands nearer, else up to 1 for a label beside."""
        own = self.distance(topic)
        if own >= _FAR or self.rival(topic) is not None:
            return 0.0
        return 1.0 if own <= 2 else max(0.5, 1.0 - 0.08 * (own - 2))

    def rival(self, topic: str) -> str | None:
        """Return the topic of another kind of number that labels the place instead, if any."""
        own = self.left.get(topic, _FAR)
        best, nearest = None, own
        for name in RIVALS:
            if name != topic and self.left.get(name, _FAR) < nearest:
                best, nearest = name, self.left[name]
        return best if nearest <= 5 else None


class Index:
    """The words of a text that labels are made of, by place."""

    def __init__(self, view: str) -> None:
        """Look at every word of a text once."""
        self._view = view
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._tokens: list[str] = []
        self._labels: list[int] = []
        for word in context.WORD.finditer(view):
            start, end = word.span()
            token = context.token(word.group())
            self._starts.append(start)
            self._ends.append(end)
            self._tokens.append(token)
            if context.is_label(token):
                self._labels.append(start)
        self._tables = Tables(view)
        self._left: dict[int, dict[str, int]] = {}
        self._right: dict[int, dict[str, int]] = {}

    def around(self, start: int, end: int) -> Surroundings:
        """Return the topics near a range."""
        left, right = self._left.get(start), self._right.get(end)
        if left is None:
            left = self._left[start] = self._before(start)
        if right is None:
            right = self._right[end] = self._behind(end)
        return Surroundings(left, right)

    def _before(self, place: int) -> dict[str, int]:
        view = self._view
        floor = max(0, place - _LEFT_CHARS)
        lines = view[floor:place].rstrip().rsplit("\n", 2)
        if len(lines) == 3:
            floor += len(lines[0])  # the line and the one above it
        cell = self._tables.cell(place)
        named = []
        if cell is not None:  # what stands in other columns says nothing
            floor = max(floor, cell.start)
            first, last = (bisect_left(self._starts, edge) for edge in cell.name)
            named = self._tokens[first:last]
        last = bisect_left(self._starts, place)
        tokens: list[str] = []
        if last and self._ends[last - 1] > place:  # the place is inside of a word
            last -= 1
            tokens.append(context.token(view[self._starts[last] : place]))
        elif not named and not self._labelled(floor, place):
            return _NOTHING
        first = bisect_left(self._starts, floor, 0, last)
        tokens += reversed(named + self._tokens[first:last])
        return _before(tuple(tokens))

    def _behind(self, place: int) -> dict[str, int]:
        view = self._view
        limit = place + _RIGHT_CHARS
        line_end = view.find("\n", place, limit)
        limit = line_end if line_end >= 0 else limit
        first = bisect_left(self._starts, place)
        tokens: list[str] = []
        if first and self._ends[first - 1] > place:
            tokens.append(context.token(view[place : self._ends[first - 1]]))
        elif not self._labelled(place, limit):
            return _NOTHING
        last = bisect_left(self._starts, limit, first)
        tokens += self._tokens[first:last]
        return _behind(tuple(tokens[:_RIGHT_WORDS]))

    def _labelled(self, start: int, end: int) -> bool:
        """Tell whether a word that may end a label begins in a range."""
        place = bisect_left(self._labels, start)
        return place < len(self._labels) and self._labels[place] < end
