"""Hides what was found, everywhere in a result: text, words and the findings themselves."""

from dataclasses import replace

from ocr_service import entities
from ocr_service.entities.entity import (
    CombolistDetails,
    CreditCardDetails,
    DateDetails,
    Entity,
    HashDetails,
    IdNumberDetails,
    PhoneNumberDetails,
    PlateDetails,
)
from ocr_service.results import Block, Document, Line, Page

_HARMLESS = (
    CombolistDetails,
    CreditCardDetails,  # brand and the last four digits, which a masked card keeps
    DateDetails,
    HashDetails,
    IdNumberDetails,
    PhoneNumberDetails,
    PlateDetails,
)


def mask(document: Document) -> Document:
    """Return the document with every finding masked; offsets and places stay."""
    return replace(document, pages=tuple(map(_mask_page, document.pages)))


def mask_entity(entity: Entity) -> Entity:
    """Return the finding without anything that tells what it was."""
    details = entity.details if isinstance(entity.details, _HARMLESS) else None
    return replace(entity, text=entity.masked, value="", corrections=(), details=details)


def _mask_page(page: Page) -> Page:
    text = entities.mask(page.text, (finding.entity for finding in page.findings))
    words = iter([replace(p.word, text=text[p.start : p.end]) for p in page.placed_words()])
    blocks = tuple(
        Block(
            tuple(Line(tuple(next(words) for _ in line.words), line.poly) for line in b.lines),
            b.poly,
        )
        for b in page.blocks
    )
    findings = tuple(
        replace(finding, entity=mask_entity(finding.entity)) for finding in page.findings
    )
    return replace(page, blocks=blocks, findings=findings)
