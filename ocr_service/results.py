"""What recognition yields, independent of engine and transport.

Coordinates are pixels of the submitted image after its EXIF orientation, origin at the top left.
Confidences go from 0 to 1.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TypeAlias

Point: TypeAlias = tuple[float, float]


@dataclass(frozen=True, slots=True)
class BoundingPoly:
    """Four corners in reading order of the text: top left, top right, bottom right, bottom left."""

    vertices: tuple[Point, Point, Point, Point]

    @classmethod
    def box(cls, left: float, top: float, right: float, bottom: float) -> "BoundingPoly":
        """Return the upright rectangle with these edges."""
        return cls(((left, top), (right, top), (right, bottom), (left, bottom)))


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
        warnings: What the caller should know.
    """

    number: int
    width: int
    height: int
    rotation_degrees: int = 0
    blocks: tuple[Block, ...] = ()
    warnings: tuple[PageWarning, ...] = ()

    @property
    def words(self) -> Iterator[Word]:
        """All words, in reading order."""
        return (word for block in self.blocks for line in block.lines for word in line.words)

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
