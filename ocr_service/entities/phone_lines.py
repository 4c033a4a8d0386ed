"""Telephone numbers that a line break parts, as in narrow columns and on cards.

Digits of two lines stand together by chance in every table, so the first line must be labelled or
begin with a plus, must be no number by itself, and a plan must know the whole.
"""

import re
from collections.abc import Iterator

from ocr_service.entities import phone_plans
from ocr_service.entities.entity import Correction, EntityType, Validation
from ocr_service.entities.pattern import Finding, Source

_BREAK = re.compile(r"(?<=[\d)])(?P<gap>[ ]?[-./]?[ ]?\n[ ]{0,3})(?=[(]?\d)")
_FRONT = re.compile(r"(?<![^\W_])(?<!\d[.,:/-])[+(]{0,2}\d[\d ().\-/]{0,14}$")
_BACK = re.compile(r"[(]?\d[\d ().-]{0,13}\d(?![^\W_]|[.,:/-]\d)")
_NO_DIGIT = re.compile(r"\D+")
_SIGN = re.compile(r"[^\W\d_]|\+")  # of a label, or of an international number
_LABEL = 32
_LONGEST = 20
_NEAR = 3


def find(source: Source) -> Iterator[Finding]:
    """Yield the numbers that go on in the next line."""
    for gap in _BREAK.finditer(source.view):
        finding = judge(source, gap)
        if finding is not None:
            yield finding


def judge(source: Source, gap: re.Match[str]) -> Finding | None:
    """Return the finding around a line break, or None."""
    view = source.view
    if not _SIGN.search(view, max(0, gap.start() - _LONGEST - _LABEL), gap.start()):
        return None  # a table of figures
    front = _FRONT.search(view, max(0, gap.start() - _LONGEST), gap.start())
    back = _BACK.match(view, gap.end())
    if front is None or back is None:
        return None
    sizes = [len(_NO_DIGIT.sub("", part.group())) for part in (front, back)]
    if not 7 <= sum(sizes) <= 15:
        return None
    start, end = front.start(), back.end()
    international = "+" in front.group()
    if not source.efforts[EntityType.PHONE_NUMBER].allows(start):
        return None
    around = source.around(start, end)
    labelled = around.left.get(EntityType.PHONE_NUMBER, _NEAR + 1) <= _NEAR
    if around.rival(EntityType.PHONE_NUMBER) or not (labelled or international):
        return None
    if sizes[0] >= 7 and _reading(source, front.group(), possible=False) is not None:
        return None
    whole = f"{front.group()} {back.group()}"
    reading = _reading(source, whole, possible=labelled and international)
    if reading is None:
        return None
    return Finding(
        start, end, reading.value, 0.96 if labelled else 0.8, Validation.VALID,
        (Correction(gap.start() - start, gap.group(), " "),), reading.details,
    )  # fmt: skip


def _reading(source: Source, written: str, *, possible: bool) -> phone_plans.Reading | None:
    """Return how a plan reads the number, if one knows it or, where asked, its length."""
    if "+" in written:
        found = phone_plans.parsed(written.lstrip("("))
        return found if found and (found.valid or (possible and found.possible)) else None
    digits = _NO_DIGIT.sub("", written)
    effort = source.efforts[EntityType.PHONE_NUMBER]
    known = phone_plans.national(written, digits, source.regions, effort, american=False)
    return known[1] if known is not None else None
