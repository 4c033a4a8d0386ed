"""Overlaps, settled once: of findings that share characters, one stays."""

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


def _is_userinfo(item: Entity, urls: list[Entity]) -> bool:
    """Tell whether a credential line is the "user:password@host" of a longer address."""
    return item.type == EntityType.COMBOLIST and any(
        url.start < item.start and item.end <= url.end for url in urls
    )


def settle(entities: Iterable[Entity]) -> list[Entity]:
    """Return the findings that stay, by start.

    The wider kind wins over what it holds, and within a kind the longer finding; among numbers
    the surer one wins, then the longer one.
    """
    found = list(entities)
    urls = [item for item in found if item.type == EntityType.URL]
    order = sorted(
        (item for item in found if not _is_userinfo(item, urls)),
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
    occupied: dict[int, Entity] = {}
    for item in order:
        if not any(place in occupied for place in range(item.start, item.end)):
            taken.append(item)
            for place in range(item.start, item.end):
                occupied[place] = item
    return sorted(taken, key=lambda item: item.start)
