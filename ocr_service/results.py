"""What recognition yields, independent of engine and transport.

Coordinates are pixels of the submitted image after its EXIF orientation, origin at the top left.
Confidences go from 0 to 1.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

from ocr_service.entities.entity import Entity

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class BoundingPoly:
    """Four corners in reading order of the text: top left, top right, bottom right, bottom left."""

    vertices: tuple[Point, Point, Point, Point]

    @classmethod
    def box(cls, left: float, top: float, right: float, bottom: float) -> "BoundingPoly":
        """Return the upright rectangle with these edges."""
        return cls(((left, top), (right, top), (right, bottom), (left, bottom)))

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """Left, top, right and bottom edge of the upright rectangle around it."""
        xs, ys = zip(*self.vertices, strict=True)
        return min(xs), min(ys), max(xs), max(ys)


@dataclass(frozen=True, slots=True)
class Word:
    """Characters without a space between them."""

    text: str
    poly: BoundingPoly
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """Words that stand side by side, in reading order; never empty."""

    words: tuple[Word, ...]
    poly: BoundingPoly

    @property
    def text(self) -> str:
        """The words joined by single spaces."""
        return " ".join(word.text for word in self.words)

    @property
    def confidence(self) -> float:
        """Mean confidence of the words."""
        return _mean(word.confidence for word in self.words)


@dataclass(frozen=True, slots=True)
class Block:
    """Lines that belong together, in reading order; never empty."""

    lines: tuple[Line, ...]
    poly: BoundingPoly

    @property
    def confidence(self) -> float:
        """Mean confidence of the words of all lines."""
        return _mean(word.confidence for line in self.lines for word in line.words)


@dataclass(frozen=True, slots=True)
class Region:
    """The part of a finding that stands on one line of one page."""

    page_number: int
    poly: BoundingPoly


@dataclass(frozen=True, slots=True)
class Finding:
    """Sensitive data and where it stands: one region for each line that it touches.

    The entity's offsets count code points of the text of its page.
    """

    entity: Entity
    regions: tuple[Region, ...]


@dataclass(frozen=True, slots=True)
class PlacedWord:
    """A word with its half-open range of code points in the text of its page.

    Attributes:
        line: Counts the page's lines, so that words of one line can be told from the next's.
    """

    word: Word
    start: int
    end: int
    line: int


@dataclass(frozen=True, slots=True)
class PageWarning:
    """Something the caller should know of a page that was read."""

    reason: str
    message: str


@dataclass(frozen=True, slots=True)
class Page:
    """One page.

    Attributes:
        number: Position in the submitted document, from 1.
        width: Pixels of the submitted page.
        height: Pixels of the submitted page.
        rotation_degrees: Clockwise turn that makes the text upright: 0, 90, 180 or 270.
        blocks: The layout, in reading order.
        findings: The sensitive data in the page's text, by start.
        warnings: What the caller should know.
    """

    number: int
    width: int
    height: int
    rotation_degrees: int = 0
    blocks: tuple[Block, ...] = ()
    findings: tuple[Finding, ...] = ()
    warnings: tuple[PageWarning, ...] = ()

    @property
    def words(self) -> Iterator[Word]:
        """All words, in reading order."""
        return (word for block in self.blocks for line in block.lines for word in line.words)

    def placed_words(self) -> Iterator[PlacedWord]:
        """All words, in reading order, with their places in `text`."""
        start = number = 0
        for block in self.blocks:
            for line in block.lines:
                for word in line.words:
                    end = start + len(word.text)
                    yield PlacedWord(word, start, end, number)
                    start = end + 1
                number += 1
            start += 1

    @property
    def text(self) -> str:
        """Lines ended by a line feed, blocks parted by an empty line."""
        return "\n\n".join("\n".join(line.text for line in block.lines) for block in self.blocks)

    @property
    def confidence(self) -> float:
        """Mean confidence of the words; 0 when there are none."""
        return _mean(word.confidence for word in self.words)


PAGE_BREAK = "\f"  # what pdftotext and Tesseract put between pages


@dataclass(frozen=True, slots=True)
class StageTimes:
    """Seconds spent in each stage."""

    decode: float = 0.0
    preprocess: float = 0.0
    recognize: float = 0.0
    find_entities: float = 0.0


@dataclass(frozen=True, slots=True)
class Document:
    """The result for a whole request."""

    pages: tuple[Page, ...]
    mime_type: str
    page_count: int
    engine: str
    times: StageTimes = field(default_factory=StageTimes)

    @property
    def text(self) -> str:
        """Text of all pages, parted by form feeds."""
        return PAGE_BREAK.join(page.text for page in self.pages)


def _mean(values: Iterable[float]) -> float:
    collected = list(values)
    return sum(collected) / len(collected) if collected else 0.0
