"""What the tables of all types share."""

from collections.abc import Sequence

from ocr_service.entities import Entity, EntityType, find


def found(text: str, kind: EntityType, regions: Sequence[str] = ()) -> list[Entity]:
    """Return the findings of one type."""
    return list(find(text, types={kind}, regions=regions))


def texts(text: str, kind: EntityType, regions: Sequence[str] = ()) -> list[str]:
    """Return what is found, as it stands in the text."""
    return [item.text for item in found(text, kind, regions)]


def only(text: str, kind: EntityType, regions: Sequence[str] = ()) -> Entity:
    """Return the single finding of a type."""
    (item,) = found(text, kind, regions)
    return item
