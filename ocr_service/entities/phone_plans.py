"""Numbering plans: which region's plan knows a telephone number, and what kind of line it is.

The plans are those of Google's libphonenumber (the phonenumbers package). Reading a number for
every region would be slow, so a shape for each region is compared first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from types import ModuleType
from typing import Any

from ocr_service.entities.effort import PLAN, Effort
from ocr_service.entities.entity import PhoneNumberDetails
from ocr_service.entities.pattern import by_region

MOBILE = frozenset({"mobile", "fixed_line_or_mobile"})

# National numbers as they are dialled, digits only.
SHAPES: dict[str, re.Pattern[str]] = {
    region: re.compile(shape)
    for region, shape in {
        "US": r"1?[2-9]\d{2}[2-9]\d{6}|011\d{8,14}",
        "TR": r"0?[2-58]\d{9}|444\d{4}",
        "GB": r"0[1-37-9]\d{8,9}",
        "DE": r"0[1-9]\d{5,12}",
        "FR": r"0[1-9]\d{8}",
        "IT": r"0\d{6,10}|3\d{8,9}|8\d{5,9}",
        "ES": r"[6-9]\d{8}",
        "PT": r"[2-9]\d{8}",
        "NL": r"0[1-9]\d{8}",
        "MY": r"0\d{8,10}|1[38]00\d{6}|60\d{8,10}",
        "IN": r"0?[6-9]\d{9}|0\d{10}|1800\d{6,7}",
        "PH": r"0\d{8,10}",
        "AU": r"0[2-478]\d{8}|1[38]00\d{6}|13\d{4}|61\d{9}",
        "NZ": r"0[2-9]\d{7,9}",
        "BE": r"0[1-9]\d{7,8}",
        "CH": r"0[1-9]\d{8}",
        "AT": r"0[1-9]\d{4,12}",
        "BR": r"0?[1-9]\d{9,10}",
        "MX": r"[2-9]\d{9}|01\d{10}",
        "AR": r"0?\d{10}|0\d{2,4}15\d{6,8}",
        "BG": r"0[2-9]\d{6,8}",
        "GR": r"[26]\d{9}",
        "RO": r"0[237]\d{8}",
        "RU": r"[78][3489]\d{9}",
        "UA": r"0\d{9}",
        "PL": r"[1-9]\d{8}",
        "SE": r"0\d{7,9}",
        "FI": r"0\d{6,10}",
        "NO": r"[2-9]\d{7}",
        "DK": r"[2-9]\d{7}",
        "IE": r"0\d{7,9}",
        "IL": r"0\d{8,9}",
        "ZA": r"0\d{9}",
        "EG": r"0\d{8,10}",
        "NG": r"0\d{7,10}",
        "KE": r"0\d{8,9}",
        "SA": r"0\d{8,9}",
        "AE": r"0\d{7,9}",
        "JP": r"0\d{8,10}",
        "KR": r"0\d{8,10}",
        "CN": r"0?1[3-9]\d{9}|0\d{9,11}",
        "TW": r"0\d{8,9}",
        "TH": r"0\d{8,9}",
        "VN": r"0\d{9,10}",
        "ID": r"0\d{8,12}",
        "SG": r"[3689]\d{7}",
        "HK": r"[235679]\d{7}",
        "PK": r"0\d{9,10}",
        "BD": r"0\d{9,10}",
        "CZ": r"[2-9]\d{8}",
        "SK": r"0\d{8,9}",
        "HU": r"06\d{8,9}",
        "RS": r"0\d{7,9}",
        "HR": r"0\d{7,9}",
        "SI": r"0\d{7,8}",
        "LT": r"[08]\d{8}",
        "EE": r"[3-9]\d{6,7}",
        "LV": r"[2689]\d{7}",
        "CL": r"[2-9]\d{8}",
        "CO": r"[136]\d{9}|60\d{8}",
        "PE": r"0?[19]\d{7,8}",
    }.items()
}
_DIGITS = re.compile(r"\d+")
_LINE_TYPES = {
    0: "fixed_line", 1: "mobile", 2: "fixed_line_or_mobile", 3: "toll_free", 4: "premium_rate",
    5: "shared_cost", 6: "voip", 7: "personal_number", 8: "pager", 9: "uan", 10: "voicemail",
}  # fmt: skip


PREFIXES = ("00", "011")
"""Of international calls, from Europe and from North America."""
# country codes that are often written without a plus
_BARE_CODES = ("86", "91", "44", "49", "33", "90", "1", "61", "39", "34", "7", "55", "60", "52")


@dataclass(frozen=True, slots=True)
class Reading:
    """A number as a plan reads it.

    Attributes:
        value: E.164 where the plan reads it, else the digits.
        valid: Whether the plan has issued such numbers.
        possible: Whether the length fits at least.
        details: Country and kind of line.
    """

    value: str
    valid: bool
    possible: bool
    details: PhoneNumberDetails


@lru_cache(maxsize=4096)
def parsed(number: str, region: str = "") -> Reading | None:
    """Return how a plan reads a number; without a region it must begin with a plus."""
    library = _library()
    found = _number(number, region)
    if found is None:
        return None
    kind = library.number_type(found)
    valid = kind != library.PhoneNumberType.UNKNOWN  # as is_valid_number decides, asked once
    return Reading(
        library.format_number(found, library.PhoneNumberFormat.E164),
        valid,
        valid or library.is_possible_number(found),
        PhoneNumberDetails(
            library.region_code_for_number(found) or "", _LINE_TYPES.get(kind, "unknown")
        ),
    )


@lru_cache(maxsize=4096)
def _number(number: str, region: str) -> Any:
    library = _library()
    try:
        return library.parse(number, region or None)
    except library.NumberParseException:
        return None


@cache
def _library() -> ModuleType:
    import phonenumbers  # heavy: only when a candidate is seen

    # The plans of all regions hold more patterns than re keeps, which would compile them again
    # for nearly every number.
    re._MAXCACHE = 4096  # type: ignore[attr-defined]  # noqa: SLF001
    return phonenumbers


def _groups(written: str) -> tuple[str, ...]:
    return tuple(_DIGITS.findall(written.lstrip("(0")))


@lru_cache(maxsize=4096)
def _own_groups(number: str, region: str) -> tuple[str, ...]:
    """Return the digits of a number as the plan of its region groups them, without the trunk 0."""
    library = _library()
    found = _number(number, region)
    return _groups(library.format_number(found, library.PhoneNumberFormat.NATIONAL))


def dialled(digits: str) -> Reading | None:
    """Read a number behind the prefix of an international call."""
    for prefix in PREFIXES:
        if digits.startswith(prefix) and len(digits) >= len(prefix) + 8:
            found = parsed(f"+{digits[len(prefix) :]}")
            if found is not None and found.valid:
                return found
    return None


def without_plus(digits: str) -> Reading | None:
    """Read a number that begins with a country code but not with a plus."""
    found = parsed(f"+{digits}") if digits.startswith(_BARE_CODES) else None
    return found if found is not None and found.valid else None


def national(
    written: str, digits: str, regions: Sequence[str], effort: Effort, *, american: bool
) -> tuple[bool, Reading] | None:
    """Return whether the region was asked for, and the reading of the plan that fits best.

    Of the plans that know the number, one that was asked for or that writes it in the same groups
    is better than the first.
    """
    groups = _groups(written)
    first = None
    for region in by_region(["US", *SHAPES] if american else list(SHAPES), regions):
        shape = SHAPES.get(region)
        if shape is None or shape.fullmatch(digits):
            found = parsed(written, region)
            if found is None or not found.valid:
                effort.spend(PLAN)
                continue
            known = american or region in regions or len(groups) < 2
            if known or _own_groups(written, region) == groups:
                return region in regions, found
            first = first or (False, found)
    return first
