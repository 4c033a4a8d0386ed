# ruff: noqa: RUF001  # the characters themselves are meant
"""Vehicle registration plates.

The formats of more than sixty countries stand in `plate_formats` with their source. Most of them
collide with ordinary words and numbers, so a word ("Plaka", "Kennzeichen", "Vehicle No") must
stand near, or the plate must be all there is; a few formats, such as Turkey's, are believed in
running text.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from ocr_service.entities import context
from ocr_service.entities.confusions import AS_DIGIT, AS_LETTER, differences
from ocr_service.entities.effort import PLACE
from ocr_service.entities.entity import EntityType, PlateDetails, Validation
from ocr_service.entities.pattern import FLOOR, Finding, Source, words
from ocr_service.entities.plate_formats import (
    CHINA,
    INDEX,
    KOREA,
    MISREAD,
    Layout,
    compiled,
    shape_of,
)

TYPE = EntityType.PLATE
context.register(
    TYPE,
    """plate*, license plate*, licence plate*, number plate*, registration, regn, regnr, reg nr,
    reg mark, vehicle*, vehicle no, car, cars, truck, taxi, minibus*, otobus*, plaka*,
    arac*, otomobil*, kamyon*, tir, otopark*, kennzeichen*, nummernschild*, kfz*, fahrzeug*,
    wagen, *fahrzeug, *fahrzeuge, immatricul*, plaque*, voiture*, vehicule*, matricula*, placa*,
    patente, coche*,
    vehiculo*, targa*, targato, veicolo*, macchina, carro*, veiculo*, kenteken*, voertuig*,
    rendszam*, spz, rz, rejestrac*, numer rejestracyjny, rekisteri*, rekisterinumero,
    registreringsnummer*, bilnummer, skilt*, reg plate, parking*, park yeri, surucu*,
    ruhsat*, tablice, tablica, regisztracio*, inmatriculare, госномер, номер, licence no,
    license no, license tag, licence tag, cekici*, dorse*, romork*, trailer*, scooter*,
    motosiklet*, motorcycle*, motorbike*, anhanger*, remorque*, remolque*, rimorchio, przyczep*,
    registracija, registrska*, ecv, registrarske*,
    regnummer, kjennemerke*, kjennetegn*, nummerplade*, nummerplate*, nummerplaat*,
    rekisteritunnus*, kontrollschild*, numberplate*, registreerimis*,
    nr rej, rej, autoturism*, autovehicul*, masina, αρ κυκλοφοριας, κυκλοφοριας,
    numerio zenklas, numura zime,
    targhe*, licencni*, registarska*, poznavaci*, πινακιδα, αριθμος κυκλοφοριας, рег, дк,
    регистрационен, номерной, номерний, no plat, no plate, nomor polisi, nopol, bien so, 车牌*,
    車牌*, ナンバー*, 차량번호*, placas*, chapa*, dominio, numero de placa, regplate*""",
)

_START = re.compile(
    rf"(?<![^\W_])(?=[A-ZΑ-ΩА-Я]{{1,4}}(?:[ .-]?[A-Z]{{1,3}})?[ .-]?\d|[{CHINA}][A-Z]"
    rf"|\d{{1,4}}[ .-]?(?:[A-ZА-Я{KOREA}]|\d{{2,3}}-\d\d))"
)
_GLUE_BEFORE = re.compile(r"[^\W_][-./_+]$|\d:$|[_$€£#/\\@]$")
_GLUE_AFTER = re.compile(r"[-/+_][^\W_]|[.,:]\d|@|[.]\w|%|/")
_LEAD = re.compile(r"(?P<letters>[^\W\d_]+)[ .-]?\d+")
_LETTERS = re.compile(r"[^\W\d_]+")
_SIGNS_BETWEEN = re.compile(r"\W")
_SHORT_TEXT = 64
# Between the groups of a plate sit bolts, seals and emblems, which engines take for such marks.
_EMBLEM = re.compile(r"(?<=[A-Z0-9])[·•*:=](?=[A-Z0-9])")
# Distinguishing signs of vehicles in international traffic (UN, Vienna convention of 1968), which
# stand in the band on the left of many plates.
_SIGNS = {
    "A": "AT", "AL": "AL", "B": "BE", "BG": "BG", "BIH": "BA", "BY": "BY", "CH": "CH", "CY": "CY",
    "CZ": "CZ", "D": "DE", "DK": "DK", "E": "ES", "EST": "EE", "F": "FR", "FIN": "FI", "GB": "GB",
    "GR": "GR", "H": "HU", "HR": "HR", "I": "IT", "IND": "IN", "IRL": "IE", "L": "LU", "LT": "LT",
    "LV": "LV", "M": "MT", "MD": "MD", "MK": "MK", "MNE": "ME", "N": "NO", "NL": "NL", "P": "PT",
    "PL": "PL", "RO": "RO", "RUS": "RU", "S": "SE", "SK": "SK", "SLO": "SI", "SRB": "RS",
    "TR": "TR", "UA": "UA", "UK": "GB",
}  # fmt: skip
_SIGN = re.compile(rf"(?:^|\n) *({'|'.join(sorted(_SIGNS, key=len, reverse=True))}) +$")
_ACRONYMS = words(
    """
    ISO RFC DIN IEC EN NO PAGE ART SEC CH VOL TEL FAX USD EUR GBP TRY TL MP JPG PDF UTF USB
    DDR CPU RAM GB MB KB TB HZ MHZ GHZ KM CM MM KG MG ML RPM FM AM PM BC AD CVE PEP DVD CD
    HTTP TCP UDP IP AES SHA MD RSA KIT KAT NR NUM REF INV ORD LOT QTY JAN FEB MAR APR MAY JUN
    JUL AUG SEP OCT NOV DEC OCA SUB NIS MAG LUG AGO SET OTT DIC ENE ABR DEZ FEV MAI AOU AUT
    OUT AND THE FOR OF TO IN AT ON BY IS IT AS OR AY YIL GUN SAAT DK VE MON TUE WED THU FRI
    SAT SUN WIN MAC IOS API SDK COM LPT TTY SDA HDA ETH USA UK EU UN PIN PUK CVV CVC VAT GST
    GR KR SN TAX KDV IBAN ISBN ISSN SKU EAN UPC TEM AGU EYL EKI KAS ARA
    NGC IC HIP HD SAO PSR SGR GRB GJ KOI BWV KV RV HWV TWV ICE TGV RJ MIG HLA TNF CRP LDL HDL TSH
    BMI PLT WBC RBC SKF DIN ANSI SAE ASTM BMW KIA GTX RTX CNN HBO NBA UFO VOR QNH RWY METAR
    """
)
_POSTCODE = re.compile(
    r"(?:[A-Z]{1,2}\d[A-Z0-9]?|[A-Z]\d[A-Z]) ?\d[A-Z]{2}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4} ?[A-Z]{2}",
    re.IGNORECASE,
)


def find(source: Source) -> Iterator[Finding]:
    """Yield the plates of a text."""
    short = len(source.view) <= _SHORT_TEXT
    if short and _EMBLEM.search(source.text):
        text = _EMBLEM.sub("-", source.text)
        source = Source(text, source.regions, source.confidences)
    view = source.view.upper() if short else source.view
    if len(view) != len(source.view):
        view = source.view
    kinds = shape_of(view)
    done = 0
    matches = _START.finditer(view) if short else source.near_digits(_START)
    for match in matches:
        if match.start() >= done and source.efforts[TYPE].allows(match.start()):
            finding = _at(source, kinds, match.start(), repair=short)
            if finding is not None:
                done = finding.end
                yield finding


def _at(source: Source, kinds: str, start: int, *, repair: bool) -> Finding | None:
    found = _fitting(source, start, INDEX.at(kinds, start), kinds)
    if found is None and (repair or source.around(start, start).left.get(TYPE, 9) <= 3):
        found = _fitting(source, start, MISREAD.at(source.bones, start), kinds)
    return found


def _fitting(
    source: Source, start: int, fits: Iterable[tuple[int, tuple[Layout, ...]]], kinds: str
) -> Finding | None:
    """Return the best finding among the longest layouts that fit the text at a place."""
    for end, layouts in fits:
        if kinds[end : end + 1] in {"A", "9"}:
            continue
        written = source.view[start:end]
        if written not in {written.upper(), written.lower()} or _glued(source, start, end):
            continue  # prose
        if not _promising(source, start, end, layouts):
            continue
        finding = _best(source, start, end, layouts)
        if finding is not None:
            return finding
        source.efforts[TYPE].spend(PLACE)
    return None


def _best(source: Source, start: int, end: int, layouts: tuple[Layout, ...]) -> Finding | None:
    standing = _standing(source, start, end)
    if standing is None:
        return None
    found = filter(None, (judge(source, start, end, layout, standing) for layout in layouts))
    return max(found, key=lambda finding: finding.score - len(finding.corrections), default=None)


def _promising(source: Source, start: int, end: int, layouts: tuple[Layout, ...]) -> bool:
    """Tell whether a plate of one of these layouts would be believed at a place."""
    return (
        len(source.text) <= _SHORT_TEXT
        or source.is_bare(start, end)
        or any(layout.format.telling for layout in layouts)
        or source.around(start, end).has(TYPE)
    )


def _glued(source: Source, start: int, end: int) -> bool:
    before = source.view[max(0, start - 2) : start]
    after = source.view[end : end + 2]
    return bool(_GLUE_BEFORE.search(before) or _GLUE_AFTER.match(after))


@dataclass(frozen=True, slots=True)
class _Standing:
    """What speaks for a plate at a place, whichever format it has.

    Attributes:
        score: How sure it is, 0 to 1, before the format is known.
        telling: What a format adds that nothing else is written in.
        countries: ISO 3166-1 alpha-2 codes that the request or a sign beside it names.
        labelled: Whether a word for plates stands near.
    """

    score: float
    telling: float
    countries: tuple[str, ...]
    labelled: bool


def judge(
    source: Source, start: int, end: int, layout: Layout, standing: _Standing
) -> Finding | None:
    """Return the finding for a candidate in one layout, or None."""
    score = standing.score + standing.telling * layout.format.telling
    score = min(score + 0.2 * (layout.format.country in standing.countries), 0.95)
    if score < FLOOR:
        return None
    written = source.view[start:end]
    read = _fitted(written, layout.template)
    if read is None or written.upper() == written.lower() != read:
        return None
    compact = re.sub(r"[^\w]", "", read)
    upper = compact.upper()
    rule = layout.format.pattern
    if rule and not compiled(rule).fullmatch(upper):
        return None
    repairs = differences(written, read)
    if score < FLOOR + 0.1 * bool(repairs) or len(repairs) > 2:
        return None
    if not standing.labelled and len(repairs) > len(compact) // 5 * layout.format.telling:
        return None  # with repairs, some format fits nearly every code
    return Finding(
        start, end, upper, score, Validation.NOT_APPLICABLE, repairs,
        PlateDetails(layout.format.country),
    )  # fmt: skip


def _standing(source: Source, start: int, end: int) -> _Standing | None:
    """Weigh the words and the place around a candidate; None for a word or an acronym."""
    written = source.view[start:end]
    around = source.around(start, end)
    sign = _sign(source, start, end)
    line = bool(sign) or source.is_line(start, end)
    alone = source.is_bare(start, end) or (len(source.text) <= _SHORT_TEXT and line)
    labelled = strength = around.strength(TYPE)
    letters = [group.upper() for group in _LETTERS.findall(written)]
    compact = len(_SIGNS_BETWEEN.sub("", written))
    assigned = source.before(start) == "="  # in a program, unless a name says of what
    if _is_word(written, letters, labelled, alone=alone) or (assigned and not labelled):
        return None
    lead = _LEAD.fullmatch(written)
    inner = written[0].isdigit() and written[-1].isdigit()
    few = sum(map(len, letters)) < 2 and not inner
    if not labelled and (few or (lead and len(lead["letters"]) != 3)):
        alone = False  # "LH 400", "COVID 19" and "G20 2023" are anything
    if len(letters) == 1 and labelled < (0.84 if compact > 5 else 1.0) and not alone:
        labelled = 0.0  # "LOT 50": two groups say little
    score = 0.5 * labelled + 0.55 * alone + 0.05 * line
    score -= 0.4 * (around.rival(TYPE) is not None) + 0.3 * (compact < 5 and not labelled)
    telling = (0.45 if re.search(r"[ -]", written) else 0.25) * bool(letters)
    return _Standing(score, telling, (*source.regions, *filter(None, [sign])), strength >= 0.84)


def _sign(source: Source, start: int, end: int) -> str:
    """Country whose sign is all that the candidate shares its line with; empty if there is none."""
    found = _SIGN.search(source.view, max(0, start - 8), start)
    if found is None or not source.is_line(found.start(), end):
        return ""
    return _SIGNS[found[1]]


def _is_word(written: str, letters: list[str], labelled: float, *, alone: bool) -> bool:
    """Tell whether the candidate is prose, an acronym with a number or a postcode."""
    capital = written == written.upper()
    if not capital and (max(map(len, letters)) > 3 or not (alone or labelled)):
        return True
    if not capital and not _ACRONYMS.isdisjoint(letters):
        return True  # "the plate is 34 ..."
    lone = letters and written[len(letters[0]) : len(letters[0]) + 1] in {"", " "}
    lone = len(letters) == 1 or lone
    if lone and letters[0] in _ACRONYMS and labelled < 0.9:
        return True
    if _POSTCODE.fullmatch(written) and labelled < 0.8:
        return True
    return not letters and labelled < 0.8


@lru_cache(maxsize=1024)
def _fitted(written: str, template: str) -> str | None:
    """Return the text with misread characters repaired so that it fits the template, or None."""
    read = []
    for char, wanted in zip(written, template, strict=True):
        now = char
        if wanted == "9" and not char.isdigit():
            now = char.translate(AS_DIGIT) if char.isupper() or char == "|" else char
            if not now.isdigit():
                return None
        elif wanted == "A" and not char.isalpha():
            now = char.translate(AS_LETTER)
            if not now.isalpha():
                return None
        read.append(now)
    return "".join(read)


def mask(text: str) -> str:
    """Star letters and digits."""
    return re.sub(r"[^\W_]", "*", text)
