"""Where the characters of a text stand within the polygon around it.

Cut in proportion to the usual breadth of the characters, along the polygon's own edges, so that
parts stay tight on skewed and turned pages too.
"""

from ocr_service.results import BoundingPoly, Point

_NARROWS, _NARROW = frozenset(" iljtfrI.,:;'|!()[]{}/-"), 0.55
_BROADS, _BROAD = frozenset("mwMW@%ABCDGHKNOQRUVXYZ"), 1.35


def cut(poly: BoundingPoly, text: str, start: int, end: int) -> BoundingPoly:
    """Return the part of a text's polygon that holds some of its characters.

    Args:
        poly: Around the text, which is not empty.
        text: From left to right.
        start: First character; below 0 means 0.
        end: Behind the last character.
    """
    whole = _breadth(text)
    left = _breadth(text[: max(start, 0)]) / whole
    right = _breadth(text[:end]) / whole
    top_left, top_right, bottom_right, bottom_left = poly.vertices
    return BoundingPoly(
        (
            _between(top_left, top_right, left),
            _between(top_left, top_right, right),
            _between(bottom_left, bottom_right, right),
            _between(bottom_left, bottom_right, left),
        )
    )


def _breadth(text: str) -> float:
    """How broad the characters are in print, in figures; roughly so in most fonts."""
    return sum(
        _NARROW if character in _NARROWS else _BROAD if character in _BROADS else 1.0
        for character in text
    )


def _between(first: Point, second: Point, share: float) -> Point:
    return (
        first[0] + (second[0] - first[0]) * share,
        first[1] + (second[1] - first[1]) * share,
    )
