"""What a finding is, independent of transport and of the page it stands on."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias

WordConfidence: TypeAlias = Callable[[int, int], float]
"""The confidence, 0 to 1, of the weakest recognised word in a half-open range of code points."""


class EntityType(StrEnum):
    """The kinds of sensitive data; the names are the wire's without their prefix."""

    PHONE_NUMBER = "PHONE_NUMBER"
    ID_NUMBER = "ID_NUMBER"
    CREDIT_CARD_NUMBER = "CREDIT_CARD_NUMBER"
    PLATE = "PLATE"
    DATE = "DATE"
    EMAIL = "EMAIL"
    DOMAIN = "DOMAIN"
    URL = "URL"
    HASH = "HASH"
    COMBOLIST = "COMBOLIST"


class Validation(StrEnum):
    """What a check digit, a list or a format says of a finding."""

    VALID = "VALID"
    INVALID = "INVALID"
    NOT_APPLICABLE = "NOT_APPLICABLE"


@dataclass(frozen=True, slots=True)
class Correction:
    """One character sequence that was misread and that a rule repaired.

    Attributes:
        offset: Code points from the start of the finding.
        recognized: What the engine read; empty where a character was missing.
        corrected: What it must have been; empty where a character was too many.
    """

    offset: int
    recognized: str
    corrected: str


@dataclass(frozen=True, slots=True)
class PhoneNumberDetails:
    """Country (ISO 3166-1 alpha-2, may be empty) and kind of line, such as ``mobile``."""

    country: str
    line_type: str


@dataclass(frozen=True, slots=True)
class IdNumberDetails:
    """Issuing country (ISO 3166-1 alpha-2, may be empty) and scheme, such as ``TCKN``."""

    country: str
    scheme: str


@dataclass(frozen=True, slots=True)
class CreditCardDetails:
    """Brand, such as ``visa``, and the last four digits."""

    brand: str
    last_four: str


@dataclass(frozen=True, slots=True)
class PlateDetails:
    """Country (ISO 3166-1 alpha-2) whose format fits."""

    country: str


@dataclass(frozen=True, slots=True)
class DateDetails:
    """Whether day and month could be exchanged and no region settles it."""

    ambiguous: bool


@dataclass(frozen=True, slots=True)
class UrlDetails:
    """Scheme and host, both lower-case; the scheme is empty when none is written."""

    scheme: str
    host: str


@dataclass(frozen=True, slots=True)
class DomainDetails:
    """The part registered under the public suffix, and the suffix."""

    registrable_domain: str
    suffix: str


@dataclass(frozen=True, slots=True)
class HashDetails:
    """Algorithms that produce this form, most likely first."""

    algorithms: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CombolistDetails:
    """Form of the line, such as ``email:password``."""

    format: str


Details: TypeAlias = (
    PhoneNumberDetails
    | IdNumberDetails
    | CreditCardDetails
    | PlateDetails
    | DateDetails
    | UrlDetails
    | DomainDetails
    | HashDetails
    | CombolistDetails
    | None
)


@dataclass(frozen=True, slots=True)
class Entity:
    """One piece of sensitive data in a text.

    Attributes:
        type: What it is.
        start: First code point.
        end: One past the last code point.
        text: The characters as recognised, ``source[start:end]``.
        masked: The characters with the sensitive part replaced by asterisks, of the same length.
        value: What it means: E.164, ISO 8601 date, digits only, lower-case host and so on.
        confidence: How sure the finder is, 0 to 1.
        validation: What the check says.
        corrections: Repairs that the value needed, by offset.
        details: What only this type has; None for an email.
    """

    type: EntityType
    start: int
    end: int
    text: str = field(repr=False)
    masked: str
    value: str = field(repr=False)
    confidence: float
    validation: Validation
    corrections: tuple[Correction, ...] = field(default=(), repr=False)
    details: Details = field(default=None, repr=False)
