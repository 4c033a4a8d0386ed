"""What all types share: the prepared text, what stands around a candidate, and the confidence.

Each type module has the same shape: a docstring with the official source of the format, a pattern,
context words, `find(source)` that yields findings, `judge` that decides on one candidate, and
`mask(text)`. The pattern proposes, a check digit or a list decides, the context raises or lowers.
"""

import re
import string
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from ocr_service.entities import confusions, rows
from ocr_service.entities.effort import Effort
from ocr_service.entities.entity import (
    Correction,
    Details,
    Entity,
    EntityType,
    Validation,
    WordConfidence,
)
from ocr_service.entities.surroundings import Index, Surroundings

FLOOR = 0.4
"""Below this a candidate is no finding."""

_REPAIR_COST = 0.04
_ALNUM = re.compile(r"[^\W_]")


_DIGIT_RUN = re.compile(r"\d+")
_SPACE = re.compile(r"\s")
_MARGIN = 40


def _windows(view: str) -> list[tuple[int, int]]:
    """Return the ranges around digits, wide enough for a value and cut at spaces, joined."""
    found: list[tuple[int, int]] = []
    at = 0
    while (match := _DIGIT_RUN.search(view, at)) is not None:
        start = max(0, match.start() - _MARGIN)
        limit = min(len(view), match.end() + 4 * _MARGIN)
        space = _SPACE.search(view, min(limit, match.end() + _MARGIN), limit)
        end = space.start() if space else limit
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
        at = max(match.end(), end - _MARGIN)
    return found


_BAR = re.compile(r"(?<=\d)[|](?=\d)")
_ASCII_BONES = str.maketrans(dict.fromkeys(string.ascii_letters + string.digits, "X"))


def skeleton(text: str) -> str:
    """Return the text with letters and digits alike made X."""
    if "|" in text:  # a one that was misread inside of a number
        text = _BAR.sub("1", text)
    bones = text.translate(_ASCII_BONES)
    return bones if bones.isascii() else _ALNUM.sub("X", bones)


@dataclass(slots=True)
class Source:
    """A text prepared for the finders.

    Attributes:
        text: As recognised.
        view: The same length, with full-width forms, dashes and spaces made plain ASCII.
        bones: The view with every letter and digit made X.
        windows: Where digits stand, with what may belong to them on both sides.
        regions: ISO 3166-1 alpha-2 codes, most likely first.
        efforts: What each finder has spent on checks that came to nothing.
        confidences: Tells how sure the engine was of a range; None for plain text.
    """

    text: str
    regions: tuple[str, ...] = ()
    confidences: WordConfidence | None = None
    view: str = field(init=False)
    bones: str = field(init=False)
    windows: list[tuple[int, int]] = field(init=False)
    memo: dict[object, object] = field(init=False, default_factory=dict)
    efforts: defaultdict[EntityType, Effort] = field(
        init=False, default_factory=lambda: defaultdict(Effort)
    )
    _index: Index | None = field(init=False, default=None)
    _bare: tuple[int, int] = field(init=False)

    def __post_init__(self) -> None:
        self.view = rows.parted(confusions.normalized(self.text))
        self.bones = skeleton(self.view)
        self.windows = _windows(self.view)
        stripped = self.view.strip(" \t\n.,;:()[]{}<>\"'")
        start = self.view.find(stripped)
        self._bare = (start, start + len(stripped))

    def near_digits(self, pattern: re.Pattern[str]) -> Iterator[re.Match[str]]:
        """Yield the matches of a pattern that needs a digit, skipping the text that has none."""
        for start, end in self.windows:
            yield from pattern.finditer(self.view, start, end)

    def around(self, start: int, end: int) -> Surroundings:
        """Return the topics near a range."""
        if self._index is None:
            self._index = Index(self.view)
        return self._index.around(start, end)

    def is_bare(self, start: int, end: int) -> bool:
        """Tell whether the range is the whole text, but for punctuation around it."""
        return start <= self._bare[0] and end >= self._bare[1]

    def is_line(self, start: int, end: int) -> bool:
        """Tell whether the range has its line for itself."""
        view = self.view
        first = view.rfind("\n", max(0, start - 80), start) + 1 or max(0, start - 80)
        last = view.find("\n", end, end + 80)
        last = min(len(view), end + 80) if last < 0 else last
        return not _ALNUM.search(view, first, start) and not _ALNUM.search(view, end, last)

    def before(self, start: int) -> str:
        """Return the character before a place, empty at the beginning."""
        return self.view[start - 1] if start else ""

    def after(self, end: int) -> str:
        """Return the character at a place, empty at the end."""
        return self.view[end : end + 1]


_Layouts = TypeVar("_Layouts")


class Shapes(Generic[_Layouts]):
    """Layouts by shape, looked up at a place of a text's own shape, the longest first."""

    def __init__(self, layouts: Mapping[str, _Layouts], prefix: int) -> None:
        """Sort shapes out by their first characters, so that most places cost one look-up."""
        self._layouts = layouts
        self._prefix = prefix
        sizes: dict[str, set[int]] = {}
        for shape in layouts:
            sizes.setdefault(shape[:prefix], set()).add(len(shape))
        self._sizes = {front: sorted(found, reverse=True) for front, found in sizes.items()}

    def at(self, text: str, start: int) -> Iterator[tuple[int, _Layouts]]:
        """Yield the end and the layouts of every shape that the text has at a place."""
        for size in self._sizes.get(text[start : start + self._prefix], ()):
            end = start + size
            layouts = self._layouts.get(text[start:end]) if end <= len(text) else None
            if layouts is not None:
                yield end, layouts


@dataclass(frozen=True, slots=True)
class Finding:
    """What a type module says of one candidate, before overlaps are settled.

    Attributes:
        start: First code point.
        end: One past the last.
        value: What it means.
        score: How sure the rule is, 0 to 1, repairs and recognition not yet counted.
        validation: What the check says.
        corrections: Repairs that the value needed.
        details: What only this type has.
    """

    start: int
    end: int
    value: str
    score: float
    validation: Validation = Validation.NOT_APPLICABLE
    corrections: tuple[Correction, ...] = ()
    details: Details = None


def entity(source: Source, kind: EntityType, masked: str, finding: Finding) -> Entity:
    """Return the entity for a finding, with its confidence.

    Each repair costs a little, and a word that the engine was unsure of lowers the rest.
    """
    start, end = finding.start, finding.end
    text = source.text[start:end]
    corrections = {item.offset: item for item in confusions.full_width(text)}
    corrections.update((item.offset, item) for item in finding.corrections)
    confidence = finding.score - _REPAIR_COST * len(finding.corrections)
    if source.confidences is not None:
        weakest = min(1.0, max(0.0, source.confidences(start, end)))
        confidence *= 0.6 + 0.4 * weakest
    return Entity(
        type=kind,
        start=start,
        end=end,
        text=text,
        masked=masked,
        value=finding.value,
        confidence=round(min(1.0, max(0.0, confidence)), 4),
        validation=finding.validation,
        corrections=tuple(corrections[offset] for offset in sorted(corrections)),
        details=finding.details,
    )


def stars(text: str, keep_last: int = 0) -> str:
    """Return the text with letters and digits starred, but for the last few; the length stays."""
    kept = len(text)
    while keep_last and kept:
        kept -= 1
        keep_last -= text[kept].isalnum()
    return _ALNUM.sub("*", text[:kept]) + text[kept:]


def words(text: str) -> frozenset[str]:
    """Return the words of a text, which reads better than a list of strings."""
    return frozenset(text.split())


def by_region(items: Sequence[str], regions: Sequence[str]) -> list[str]:
    """Return the regions asked for first, then the others, each once."""
    return list(dict.fromkeys([*regions, *items]))
