"""Overlaps, settled once: of findings that share characters, one stays."""

import itertools
from bisect import bisect_left
from collections.abc import Iterable

from ocr_service.entities.entity import Entity, EntityType

# A whole holds its parts: the email inside a combolist line, the domain inside a URL.
_RANK = {
    EntityType.COMBOLIST: 0,
    EntityType.URL: 1,
    EntityType.EMAIL: 1,
    EntityType.HASH: 2,
    EntityType.DOMAIN: 3,
}
_NUMBERS = 4


def settle(entities: Iterable[Entity]) -> list[Entity]:
    """Return the findings that stay, by start.

    The wider kind wins over what it holds, and within a kind the longer finding; among numbers
    the surer one wins, then the longer one.
    """
    order = sorted(
        _without_userinfo(list(entities)),
        key=lambda item: (
            _RANK.get(item.type, _NUMBERS),
            -item.confidence if _RANK.get(item.type) is None else item.start - item.end,
            item.start - item.end,
            -item.confidence,
            item.start,
            item.type,
        ),
    )
    taken: list[Entity] = []
    occupied = bytearray(max((item.end for item in order), default=0))  # a byte for a code point
    for item in order:
        if occupied.find(1, item.start, item.end) < 0:
            taken.append(item)
            occupied[item.start : item.end] = b"\1" * (item.end - item.start)
    return sorted(taken, key=lambda item: item.start)


def _without_userinfo(found: list[Entity]) -> list[Entity]:
    """Leave out the credential lines that are the "user:password@host" of a longer address."""
    urls = sorted((item.start, item.end) for item in found if item.type == EntityType.URL)
    starts = [start for start, _ in urls]
    reach = list(itertools.accumulate((end for _, end in urls), max, initial=0))
    return [
        item
        for item in found
        if item.type != EntityType.COMBOLIST or reach[bisect_left(starts, item.start)] < item.end
    ]
