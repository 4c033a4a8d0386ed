"""Document numbers in the machine-readable zones of passports and identity cards.

Format: ICAO Doc 9303 parts 4 (TD3) and 5 (TD1) with their check digits. The number is found in the
zone and, where the page shows it a second time in print, there too.
"""

import re
from collections.abc import Iterator

from ocr_service.entities.confusions import AS_DIGIT, differences
from ocr_service.entities.entity import IdNumberDetails, Validation
from ocr_service.entities.id_schemes.arithmetic import icao
from ocr_service.entities.pattern import Finding, Source

_TD3 = re.compile(
    r"(?<![^\s])(?P<number>[A-Z0-9<]{9})(?P<check>[0-9OQDIlSBZ])(?P<state>[A-Z0<]{3})"
    r"[0-9OIlSBZ]{7}[MFX<][0-9OIlSBZ]{7}[A-Z0-9<]{14,16}(?!\S)"
)
_TD1 = re.compile(
    r"(?<![^\s])[ACI][A-Z0-9<](?P<state>[A-Z0<]{3})(?P<number>[A-Z0-9<]{9})(?P<check>[0-9OQDIlSBZ])"
    r"[A-Z0-9<]{12,16}(?!\S)"
)
_WORD = re.compile(r"(?<![\w<])[A-Z0-9][A-Z0-9<]{0,8}(?![\w<])")
_SWAPS = {"O": "0", "0": "O", "I": "1", "1": "I", "S": "5", "5": "S", "B": "8", "8": "B", "Z": "2",
          "2": "Z", "G": "6", "6": "G"}  # fmt: skip


def find(source: Source) -> Iterator[Finding]:
    """Yield the document numbers of a text's machine-readable zones."""
    if "<<" not in source.view:
        return
    printed: dict[str, str] = {}
    for pattern in (_TD3, _TD1):
        for match in pattern.finditer(source.view):
            finding = judge(match)
            if finding is not None:
                yield finding
                written = source.view[finding.start : finding.end]
                printed |= {finding.value: finding.value, written: finding.value}
    for word in _WORD.finditer(source.view) if printed else ():
        number = printed.get(word.group())
        if number is not None:
            yield _finding(word.start(), word.group(), number, 0.9)


def judge(match: re.Match[str]) -> Finding | None:
    """Return the number of a zone, or None where no reading of it passes its check digit."""
    check = match["check"].translate(AS_DIGIT)
    written = match["number"]
    read = next((one for one in _readings(written) if icao(one) == check), None)
    if read is None or not re.search(r"\d", read):
        return None
    lead = len(read) - len(read.lstrip("<"))
    number = read.strip("<")
    return _finding(match.start("number") + lead, written[lead : lead + len(number)], number, 0.97)


def _finding(start: int, written: str, number: str, score: float) -> Finding:
    return Finding(
        start, start + len(number), number, score, Validation.VALID,
        differences(written, number), IdNumberDetails("", "ICAO 9303 document number"),
    )  # fmt: skip


def _readings(written: str) -> Iterator[str]:
    """Yield the number as read, then with one confusion undone."""
    yield written
    for place, char in enumerate(written):
        if char in _SWAPS:
            yield written[:place] + _SWAPS[char] + written[place + 1 :]
