"""Finds the sensitive data of a page and where each finding stands.

A finding is a range of code points of the page's text; its place is one polygon for each line that
it touches, cut from the word's own polygon where it is a part of a word.
"""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import groupby

from ocr_service import characters, entities
from ocr_service.options import EntityOptions
from ocr_service.results import BoundingPoly, Finding, Page, PlacedWord, Point, Region


def find(page: Page, options: EntityOptions) -> tuple[Finding, ...]:
    """Return the sensitive data of a page's text, located, by start."""
    if options.skip:
        return ()
    words = tuple(page.placed_words())
    starts = [word.start for word in words]

    def weakest(start: int, end: int) -> float:
        return min(
            (word.word.confidence for word in _touched(words, starts, start, end)), default=1
        )

    found = entities.find(
        page.text,
        types=options.types,
        regions=options.regions,
        min_confidence=options.min_confidence,
        confidences=weakest,
    )
    return tuple(
        Finding(item, _regions(page, _touched(words, starts, item.start, item.end), item))
        for item in found
    )


def _touched(
    words: Sequence[PlacedWord], starts: Sequence[int], start: int, end: int
) -> Sequence[PlacedWord]:
    """The words that share a code point with the range."""
    first = max(bisect_right(starts, start) - 1, 0)
    last = bisect_right(starts, end - 1)
    return [word for word in words[first:last] if word.end > start]


def _regions(page: Page, words: Sequence[PlacedWord], item: entities.Entity) -> tuple[Region, ...]:
    return tuple(
        Region(page.number, _hull([_cut(word, item.start, item.end) for word in line]))
        for _, line in groupby(words, key=lambda word: word.line)
    )


def _cut(placed: PlacedWord, start: int, end: int) -> BoundingPoly:
    """The part of a word's polygon that holds the characters of the range."""
    word = placed.word
    return characters.cut(word.poly, word.text, start - placed.start, end - placed.start)


def _hull(pieces: Sequence[BoundingPoly]) -> BoundingPoly:
    """The smallest rectangle around pieces of one line, in the line's own direction."""
    origin, far = pieces[0].vertices[0], pieces[-1].vertices[1]
    length = ((far[0] - origin[0]) ** 2 + (far[1] - origin[1]) ** 2) ** 0.5 or 1.0
    along = ((far[0] - origin[0]) / length, (far[1] - origin[1]) / length)
    across = (-along[1], along[0])
    points = [vertex for piece in pieces for vertex in piece.vertices]
    xs = [_dot(point, along) for point in points]
    ys = [_dot(point, across) for point in points]

    def corner(x: float, y: float) -> Point:
        return (x * along[0] + y * across[0], x * along[1] + y * across[1])

    left, right, top, bottom = min(xs), max(xs), min(ys), max(ys)
    return BoundingPoly(
        (corner(left, top), corner(right, top), corner(right, bottom), corner(left, bottom))
    )


def _dot(point: Point, direction: Point) -> float:
    return point[0] * direction[0] + point[1] * direction[1]
