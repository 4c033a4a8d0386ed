"""Runs of digits and signs that may be telephone numbers, and what tells that they are not."""

import re
from dataclasses import dataclass

from ocr_service.entities import context, phone_lookalikes, phone_plans
from ocr_service.entities.confusions import AS_DIGIT, digit_share
from ocr_service.entities.entity import EntityType
from ocr_service.entities.pattern import Source

TYPE = EntityType.PHONE_NUMBER
_DIGITS = re.compile(r"\d+")
_NO_DIGIT = re.compile(r"\D+")
_COUNTING = "01234567890123456789"
NANP = re.compile(
    r"(?!\d{3}\.\d{3}-)(?:\+?1[ .-]?)?"
    r"(?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[ ]?[-./ ][ ]?)[2-9]\d{2}[ ]?[-. ]?[ ]?\d{4}"
)
GROUPED_NATIONAL = re.compile(
    r"5\d{2}[ .-]\d{3}[ .-]?\d{2}[ .-]?\d{2}"  # Turkish mobiles without trunk 0
    r"|\d{2}(?:[ .]\d{2}){4}"
    r"|[6789]\d{2}[ .-]\d{3}[ .-]\d{3}|[6789]\d{2}(?:[ .]\d{2}){3}"  # Spain, Portugal
    r"|1[38]00[ .-]\d{2,3}[ .-]?\d{2,4}[ ]?\d{0,3}"
)
TRUNK = re.compile(r"[(]?0[(]?[1-9]")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A run of digits and signs that may be a number, with what stands around it."""

    start: int
    end: int
    extension: str
    written: str
    plain: str
    digits: str
    labelled: float
    rival: str | None
    bare: bool

    @property
    def international(self) -> bool:
        """Whether it begins with a plus."""
        return self.plain.startswith(("+", "(+"))

    @property
    def groups(self) -> int:
        """How many groups its digits are written in."""
        return len(_DIGITS.findall(self.plain))


def candidate(source: Source, start: int, end: int, extension: str) -> Candidate | None:
    """Return the candidate if its digits and brackets can be a number's that is dialled."""
    written = source.view[start:end]
    plain = written.translate(AS_DIGIT)
    digits = _NO_DIGIT.sub("", plain)
    if not 7 <= len(digits) <= 16 or len(set(digits)) < 2:
        return None
    if written.count("(") != written.count(")"):
        return None
    if plain != written and digit_share(written) < 0.7:
        return None
    if max(map(len, _DIGITS.findall(plain))) < 2:
        return None
    around = source.around(start, end)
    if phone_lookalikes.DAY.fullmatch(plain) and around.left.get(TYPE) != 0:
        return None  # "call the hook, as of 20240315"
    bare = source.is_bare(start, end + len(extension))
    if not (around.has(TYPE) or bare or source.regions or _is_shaped(plain, digits)):
        return None
    rival = around.rival(TYPE)
    return Candidate(
        start, end, extension, written, plain, digits,
        0.0 if rival else around.strength(TYPE), rival, bare,
    )  # fmt: skip


def _is_shaped(plain: str, digits: str) -> bool:
    """Tell whether digits and signs alone show a number that is dialled."""
    return bool(
        plain.startswith(("+", "(+"))
        or digits.startswith(phone_plans.PREFIXES)
        or TRUNK.match(plain)
        or NANP.fullmatch(plain)
        or GROUPED_NATIONAL.fullmatch(plain)
    )


def something_else(source: Source, one: Candidate) -> bool:
    """Tell whether the candidate is a date, an amount, an address or a labelled number."""
    front, slash, back = one.plain.rpartition("/")
    if slash and len(back) <= 4 and len(_NO_DIGIT.sub("", front)) >= 8:
        return True  # "2164 1400/1401": the extension of a second line
    if one.international:
        return False
    if phone_lookalikes.VERSIONS.search(one.plain):
        return True
    if one.rival and one.rival != context.OTHER:
        return True
    if one.plain != one.written and not (one.labelled or one.bare or NANP.fullmatch(one.plain)):
        return True
    if one.labelled:
        return bool(phone_lookalikes.NEVER.fullmatch(one.plain))
    if phone_lookalikes.in_row(one.plain, source.view, one.start, one.end):
        return True
    return bool(
        phone_lookalikes.NOT_PHONE.fullmatch(one.plain)
        or phone_lookalikes.is_list(one.plain)
        or (not source.regions and phone_lookalikes.FIGURES.fullmatch(one.plain))
        or (one.plain.isdigit() and (one.plain in _COUNTING or one.plain in _COUNTING[::-1]))
    )
