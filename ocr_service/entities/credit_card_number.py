"""Payment card numbers.

Format: ISO/IEC 7812-1 (8 to 19 digits, the last one after Luhn), the issuer ranges and lengths
that the card schemes publish, and the groups that EMV cards are embossed in. A number that fails
the check is only reported where it is laid out as a card and the words around it say so.
"""

import itertools
import re
from collections.abc import Iterator

from ocr_service.entities import context
from ocr_service.entities.confusions import AS_DIGIT, DIGIT_LIKE, differences, digit_share
from ocr_service.entities.entity import CreditCardDetails, EntityType, Validation
from ocr_service.entities.pattern import Finding, Source, stars

TYPE = EntityType.CREDIT_CARD_NUMBER
context.register(
    TYPE,
    """card, cards, cardno*, cardnum*, kart, karti*, kartin*, kartlar*, kartno*, credit card,
    karte, karten*, kreditkarte*, carte, cartes, tarjeta*, carta di,
    carta, cartao*, creditcard*, kaart*, visa, mastercard, master, maestro, amex,
    american express, discover, troy, diners*, jcb, unionpay, elo, mir, electron, rupay, pan, cc,
    ccn, skt, cvv, cvc, cvv2, exp, expiry, expires, valid thru, good thru, debit*, kredi*,
    banka karti, cardholder*, card holder, hamili""",
)
_CARD_WORDS = re.compile(
    r"valid|thru|expire|card ?holder|good thru|visa|master|maestro|amex|american|debit|credit"
    r"|\b\d\d/\d\d\b|skt|kredi|hamili",
    re.IGNORECASE,
)
_EXPIRY_LINE = re.compile(r"^[ ]*\d\d/\d\d[ ]*$", re.MULTILINE)

_D = f"[{DIGIT_LIKE}]"
_GAP = r"[ .-]"
_PATTERN = re.compile(
    rf"(?<![^\W_])(?<!(?<!\d{{11}})\d[.,])(?:{_D}{{4}}(?P<s>[ ]?[ .\n-][ ]?|[ ]){_D}{{4}}"
    rf"(?P=s){_D}{{4}}(?P=s){_D}{{4}}(?:(?P=s){_D}{{3}})?"
    rf"|{_D}{{4}}(?P<t>{_GAP}){_D}{{6}}(?P=t){_D}{{4,5}}"
    rf"|{_D}{{12,19}}"
    rf"|{_D}{{4}}(?:[ ]?[ .\n-]?[ ]?{_D}){{9,15}}"
    rf")(?![^\W_])(?![.,]\d{{1,11}}(?!\d))"
)
_NO_DIGIT = re.compile(r"\D+")
_ROW_BEFORE = re.compile(r"\d{4}([ .-])(?:\d{4}\1){3}")
_ROW_AFTER = re.compile(r"([ .-])\d{4}(?:\1\d{4}){3}")
_SHORTEST = 12
_GROUPED = re.compile(rf"{_D}{{4}}(?:{_GAP}{_D}{{4}}){{3}}")

# (brand, first digits from, to, lengths); the longer prefix first
_RANGES: tuple[tuple[str, int, int, tuple[int, ...]], ...] = (
    ("elo", 636368, 636368, (16,)),
    ("elo", 636297, 636297, (16,)),
    ("elo", 509000, 509999, (16,)),
    ("elo", 506699, 506778, (16,)),
    ("elo", 504175, 504175, (16,)),
    ("elo", 650031, 650598, (16,)),
    ("hipercard", 606282, 606282, (16, 19)),
    ("dankort", 5019, 5019, (16,)),
    ("troy", 9792, 9792, (16,)),
    ("troy", 979200, 979289, (16,)),
    ("verve", 506099, 506198, (16, 18, 19)),
    ("verve", 650002, 650027, (16, 18, 19)),
    ("mir", 2200, 2204, (16, 17, 18, 19)),
    ("rupay", 508500, 508999, (16,)),
    ("rupay", 606985, 608500, (16,)),
    ("rupay", 652150, 653149, (16,)),
    ("uatp", 1, 1, (15,)),
    ("amex", 34, 34, (15,)),
    ("amex", 37, 37, (15,)),
    ("diners", 300, 305, (14, 16, 19)),
    ("diners", 3095, 3095, (14, 16, 19)),
    ("diners", 36, 36, (14, 16, 19)),
    ("diners", 38, 39, (14, 16, 19)),
    ("jcb", 3528, 3589, (16, 17, 18, 19)),
    ("visa", 4, 4, (13, 16, 18, 19)),
    ("mastercard", 51, 55, (16,)),
    ("mastercard", 2221, 2720, (16,)),
    ("discover", 6011, 6011, (16, 19)),
    ("discover", 644, 649, (16, 19)),
    ("discover", 65, 65, (16, 19)),
    ("unionpay", 62, 62, (16, 17, 18, 19)),
    ("unionpay", 81, 81, (16, 17, 18, 19)),
    ("maestro", 50, 50, (12, 13, 14, 15, 16, 17, 18, 19)),
    ("maestro", 56, 58, (12, 13, 14, 15, 16, 17, 18, 19)),
    ("maestro", 63, 63, (12, 13, 14, 15, 16, 17, 18, 19)),
    ("maestro", 67, 67, (12, 13, 14, 15, 16, 17, 18, 19)),
    ("instapayment", 637, 639, (16,)),
)
_BY_DIGIT = {
    digit: [item for item in _RANGES if str(item[1])[0] <= digit <= str(item[2])[0]]
    for digit in "123456789"
}
_WEAK = frozenset({"uatp", "maestro", "diners", "instapayment", "verve"})
_UNUSUAL = frozenset({12, 13, 14, 17, 18, 19})


def luhn(digits: str) -> bool:
    """Tell whether a string of digits passes the check of ISO/IEC 7812-1 annex B."""
    odd = sum(map(int, digits[-1::-2]))
    even = sum(sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (odd + even) % 10 == 0


def brand_of(digits: str) -> str:
    """Return the scheme whose range and length fit, empty for none."""
    for name, low, high, lengths in _BY_DIGIT.get(digits[0], ()):
        if len(digits) in lengths and low <= int(digits[: len(str(low))]) <= high:
            return name
    return ""


def find(source: Source) -> Iterator[Finding]:
    """Yield the cards of a text."""
    for start, end in source.windows:
        yield from _in_window(source, start, end)


def _in_window(source: Source, at: int, stop: int) -> Iterator[Finding]:
    view = source.view
    while (match := _PATTERN.search(view, at, stop)) is not None:
        finding = judge(source, match.start(), match.group())
        at = match.end() if finding is not None else match.start() + 4
        while at < match.end() and view[at - 1].isalnum() and view[at : at + 1].isalnum():
            at += 1  # go on at the next group, not inside of this one
        if finding is not None:
            yield finding


def judge(source: Source, start: int, written: str) -> Finding | None:
    """Return the finding for a candidate, or None."""
    front, bar, _ = written.partition("|")
    if bar and front.isdigit() and brand_of(front) and luhn(front):
        written = front  # "number|month|year|code", as leaked cards are listed
    plain = written.translate(AS_DIGIT)
    digits = _NO_DIGIT.sub("", plain)
    brand = brand_of(digits) if _SHORTEST <= len(digits) <= 19 else ""
    if not brand or digit_share(written) < 0.7 or len(set(digits)) < 2:
        return None
    end = start + len(written)
    around = source.around(start, end)
    rival = around.rival(TYPE)
    labelled = around.strength(TYPE)
    if _part_of_more(source, start, end):
        return None
    groups = re.split(r"[^0-9]+", plain)
    if len(groups) == 2 and "." in plain and not labelled:
        return None  # a decimal
    grouped = _grouped(digits, groups)
    repairs = differences(written, plain)
    if not luhn(digits):
        return _specimen(source, start, end, digits, brand) if grouped and not repairs else None
    bare = source.is_bare(start, end)
    if "\n" in written and not labelled:
        return None
    if not (labelled or bare) and (_is_list(plain) or _in_a_row(source.view, start, end)):
        return None
    score = 0.6
    score += 0.25 if grouped == "cards" else 0.1 if grouped else -0.15
    score += 0.2 * labelled + 0.1 * bare
    score -= 0.25 * (brand in _WEAK) * (not labelled) * (not bare)
    score -= 0.15 * (len(digits) in _UNUSUAL) * (not labelled) * (not bare)
    score -= 0.35 * (rival is not None)
    if rival is not None and grouped != "cards":
        return None
    if repairs and not (labelled or bare or grouped == "cards") and len(repairs) > 1:
        return None
    return Finding(
        start, end, digits, min(score, 0.99), Validation.VALID, repairs,
        CreditCardDetails(brand, digits[-4:]),
    )  # fmt: skip


def _is_list(plain: str) -> bool:
    """Tell whether groups of digits only grow and begin alike: numbers one after another."""
    values = list(map(int, re.findall(r"\d+", plain)))
    near = len(values) > 1 and values[-1] - values[0] < 1000
    return near and all(one < later for one, later in itertools.pairwise(values))


def _in_a_row(view: str, start: int, end: int) -> bool:
    """Tell whether groups of four go on for a card's length and are none: a row of figures."""
    sides = (_ROW_BEFORE.fullmatch(view, max(0, start - 20), start), _ROW_AFTER.match(view, end))
    rows = [_NO_DIGIT.sub("", side.group()) for side in sides if side]
    return any(not (brand_of(digits) and luhn(digits)) for digits in rows)


def _part_of_more(source: Source, start: int, end: int) -> bool:
    """Tell whether digits go on before or after, as in an IBAN or a list of numbers."""
    before = source.view[max(0, start - 5) : start]
    after = source.view[end : end + 7]
    if re.search(r"[A-Z]{2}\d\d[ ]$|[\w][-/.:_]$|[$€£#]$", before):
        return not re.search(r"[^\W\d]{2}[:.-]$|[^\W\d][:#]$", before)
    return bool(re.match(r"[-/_][^\W_]|:\d(?!\d:\d\d)", after))


def _grouped(digits: str, groups: list[str]) -> str:
    """Return "cards" for the groups of embossed cards, "run" for none, empty for odd ones."""
    sizes = tuple(map(len, groups))
    if len(sizes) == 1:
        return "run"
    usual = {
        (4, 4, 4, 4),
        (4, 6, 5),
        (4, 6, 4),
        (4, 4, 4, 4, 3),
        (4, 4, 4, 4, 2),
        (4, 4, 4, 1),
        (4, 4, 4, 6),
    }
    return "cards" if sizes in usual and sum(sizes) == len(digits) else ""


def _specimen(source: Source, start: int, end: int, digits: str, brand: str) -> Finding | None:
    """Report a number that fails the check where everything else says that it is a card."""
    if not source.is_line(start, end) or not _GROUPED.fullmatch(source.view, start, end):
        return None
    window = source.view[max(0, start - 120) : end + 120]
    signs = len({hit.lower() for hit in _CARD_WORDS.findall(window)})
    signs += bool(_EXPIRY_LINE.search(window))
    if signs < 2 or source.around(start, end).rival(TYPE):
        return None
    return Finding(
        start, end, digits, 0.5, Validation.INVALID, details=CreditCardDetails(brand, digits[-4:])
    )


def mask(text: str) -> str:
    """Keep the last four digits."""
    return stars(text, keep_last=4)
