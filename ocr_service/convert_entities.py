"""Findings and their options, between the contract's messages and our own types."""

import re
from collections.abc import Iterable
from dataclasses import fields, replace

from ocr_service.entities.entity import (
    CombolistDetails,
    CreditCardDetails,
    DateDetails,
    Details,
    DomainDetails,
    Entity,
    EntityType,
    HashDetails,
    IdNumberDetails,
    PhoneNumberDetails,
    PlateDetails,
    UrlDetails,
    Validation,
)
from ocr_service.errors import OptionInvalid
from ocr_service.options import EntityOptions
from ocr_service.pb.ocr.v1 import entity_pb2, layout_pb2
from ocr_service.results import BoundingPoly, Region

_REGION = re.compile(r"[A-Za-z]{2}")  # ISO 3166-1 alpha-2
_MAX_REGIONS = 16
_VALIDATIONS = {
    Validation.VALID: entity_pb2.VALIDATION_VALID,
    Validation.INVALID: entity_pb2.VALIDATION_INVALID,
    Validation.NOT_APPLICABLE: entity_pb2.VALIDATION_NOT_APPLICABLE,
}
_DETAILS = {
    PhoneNumberDetails: "phone_number",
    IdNumberDetails: "id_number",
    CreditCardDetails: "credit_card",
    PlateDetails: "plate",
    DateDetails: "date",
    UrlDetails: "url",
    DomainDetails: "domain",
    HashDetails: "hash",
    CombolistDetails: "combolist",
}


def type_to_proto(kind: EntityType) -> entity_pb2.EntityType.ValueType:
    """The contract's value, which has our name behind its prefix."""
    return entity_pb2.EntityType.Value(f"ENTITY_TYPE_{kind.name}")


_TYPES = {type_to_proto(kind): kind for kind in EntityType}


def options_from_proto(
    message: entity_pb2.EntityOptions, field: str, *, unmasked: bool
) -> EntityOptions:
    """Check what a request asks of findings.

    Args:
        message: The request's options.
        field: Path of the message in the request, for errors.
        unmasked: The caller may see findings in clear. If not, everything is found and masked,
            whatever the request leaves out.

    Raises:
        OptionInvalid: A value is unknown or out of range.
    """
    if not set(message.types) <= set(_TYPES):
        raise OptionInvalid("Name entity types of the contract.", field=f"{field}.types")
    if not 0.0 <= message.min_confidence <= 1.0:
        raise OptionInvalid("Give a confidence from 0 to 1.", field=f"{field}.min_confidence")
    if len(message.regions) > _MAX_REGIONS or not all(map(_REGION.fullmatch, message.regions)):
        raise OptionInvalid(
            f"Give at most {_MAX_REGIONS} ISO 3166-1 alpha-2 codes, such as TR or DE.",
            field=f"{field}.regions",
        )
    wanted = EntityOptions(
        types=frozenset(_TYPES[value] for value in message.types) or frozenset(EntityType),
        regions=tuple(region.upper() for region in message.regions),
        min_confidence=message.min_confidence,
        mask=message.mask,
        skip=message.skip,
    )
    return wanted if unmasked else replace(EntityOptions(mask=True), regions=wanted.regions)


def entity_to_proto(
    entity: Entity, offset: int, regions: Iterable[Region] = ()
) -> entity_pb2.SensitiveEntity:
    """Make the message of a finding in text that begins at ``offset`` of the reply's text."""
    message = entity_pb2.SensitiveEntity(
        type=type_to_proto(entity.type),
        text=entity.text,
        masked_text=entity.masked,
        value=entity.value,
        confidence=entity.confidence,
        validation=_VALIDATIONS[entity.validation],
        start=offset + entity.start,
        end=offset + entity.end,
    )
    for region in regions:
        message.regions.add(
            page_number=region.page_number, bounding_poly=poly_to_proto(region.poly)
        )
    for correction in entity.corrections:
        message.corrections.add(
            offset=correction.offset,
            recognized=correction.recognized,
            corrected=correction.corrected,
        )
    _add_details(message, entity.details)
    return message


def poly_to_proto(poly: BoundingPoly) -> layout_pb2.BoundingPoly:
    """Make the message of a polygon, to a hundredth of a pixel."""
    return layout_pb2.BoundingPoly(
        vertices=[layout_pb2.Vertex(x=round(x, 2), y=round(y, 2)) for x, y in poly.vertices]
    )


def _add_details(message: entity_pb2.SensitiveEntity, details: Details) -> None:
    """Fill in the one message for details whose fields are named like those of ours."""
    if details is None:
        return
    target = getattr(message, _DETAILS[type(details)])
    target.SetInParent()
    for field in fields(details):
        value = getattr(details, field.name)
        if isinstance(value, tuple):
            getattr(target, field.name).extend(value)
        else:
            setattr(target, field.name, value)
