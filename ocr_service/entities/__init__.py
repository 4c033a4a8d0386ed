"""Sensitive data in text: ten types, found, checked, repaired where misread, and masked.

`find` is the door; it needs no page. What it returns can be located later by its code points.
"""

from collections.abc import Collection, Iterable, Sequence
from types import ModuleType

from ocr_service.entities import (
    combolist,
    credit_card_number,
    date,
    domain,
    email,
    hash,  # noqa: A004  # the module is named after its type
    id_number,
    phone_number,
    plate,
    url,
)
from ocr_service.entities.entity import (
    Correction,
    Entity,
    EntityType,
    Validation,
    WordConfidence,
)
from ocr_service.entities.overlaps import settle
from ocr_service.entities.pattern import FLOOR, Source, entity

__all__ = ["ALL_TYPES", "Correction", "Entity", "EntityType", "Validation", "find", "mask"]

ALL_TYPES = frozenset(EntityType)
_FINDERS: dict[EntityType, ModuleType] = {
    module.TYPE: module
    for module in (
        phone_number,
        id_number,
        credit_card_number,
        plate,
        date,
        email,
        domain,
        url,
        hash,
        combolist,
    )
}


def find(
    text: str,
    *,
    types: Collection[EntityType] = ALL_TYPES,
    regions: Sequence[str] = (),
    min_confidence: float = 0.0,
    confidences: WordConfidence | None = None,
) -> tuple[Entity, ...]:
    """Return the sensitive data of a text, sorted by start; findings do not overlap.

    Args:
        text: Recognised or plain text.
        types: What to return. Every type is looked for, so that a card asked for as a phone
            number is still a card.
        regions: ISO 3166-1 alpha-2 codes, most likely first: they decide how national numbers are
            read and whether day or month comes first.
        min_confidence: Findings below it are left out, 0 to 1.
        confidences: Confidence, 0 to 1, of the weakest recognised word in a range of code points.
    """
    source = Source(text, tuple(region.upper() for region in regions), confidences)
    found = [
        entity(source, kind, module.mask(text[finding.start : finding.end]), finding)
        for kind, module in _FINDERS.items()
        for finding in module.find(source)
        if finding.score >= FLOOR
    ]
    return tuple(
        item for item in settle(found) if item.type in types and item.confidence >= min_confidence
    )


def mask(text: str, entities: Iterable[Entity]) -> str:
    """Return the text with every finding masked; the length stays, so every offset stays true."""
    pieces: list[str] = []
    done = 0
    for item in sorted(entities, key=lambda item: item.start):
        if item.start < done:
            continue
        pieces += (text[done : item.start], item.masked)
        done = item.end
    return "".join(pieces) + text[done:]
