"""Telephone numbers, national and international, with extensions.

Format: ITU-T E.164 and E.123; numbering plans from the metadata of Google's libphonenumber (the
phonenumbers package). A national number is read for the regions of the request, then for those where
its shape is at home. A number that no plan knows is still reported where a word like "Tel" labels it.
"""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from ocr_service.entities import context
from ocr_service.entities.confusions import AS_DIGIT, differences, digit_share
from ocr_service.entities.entity import EntityType, PhoneNumberDetails, Validation
from ocr_service.entities.pattern import Finding, Source, by_region, stars

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

TYPE = EntityType.PHONE_NUMBER
context.register(
    TYPE,
    """tel, telefon*, telephone*, phone*, fon, mobile*, mob, cell*, cellulare*, cep, cep no, gsm, fax*, faks*, call,
    calls, called, calling, dial, ring, sms, text me, whatsapp*, whatsapps, viber, telegram, hotline*, helpline*, customer care, care, contact*, iletisim*,
    irtibat, ara, arayin, handy, mobil*, mobiel*, rufnummer*, ruf, anruf*, telefonnummer*, telefono*, tlf, tfno, movil*,
    llame*, llamar, telemovel*, celular*, ligue, tlm, telefax*, telecopie*, portable, appelez, appeler,
    chiamare, chiama*, recapito, telefoon*, bel, bellen, toestel, gsm nummer, numero verde, toll free, freephone,
    тел, телефон*, моб, мобильный, факс, τηλ, τηλεφωνο, هاتف, 电话, 電話, 手机, 전화, ph, phones, mobiltelefon*,
    puh, puhelin*, tlf nr, telefonszam*, number is foobar, reach me, reach us, hp, office, home, work""",
)

# a letter that may be a misread digit, beside a digit
_D = r"(?:\d|[OoDlI|SsBbZzGgq](?=[\dOolI|SBZG])|(?<=\d)[OoDlI|SsBbZzGgq])"
_SIGN = r"[ ]?[().\-/·~][ ]?[()\-/]?|[ ]{1,2}[(]?"
_PATTERN = re.compile(
    rf"(?<![^\W_])(?<!\d[.,:/-])(?P<number>(?:[+][ ]?[(]?|[(][+]?|00[ ]?)?"
    rf"(?:\d|[OolI|](?=[ ]?[(]?\d)){_D}?(?:(?:{_SIGN})?{_D}){{5,16}})"
    r"(?P<ext>[ ]?,?[ ]?(?i:x|ext\.?|extension|extn\.?|dahili|dah\.?|durchwahl|poste|anexo|ramal|interno|int\.|toestel|#)[ .:]{0,2}\d{1,7})?"
    r"(?![^\W_])",
)
_RUN = re.compile(r"[\d ().\-/+]+")
_TRIES = 6
_COUNTING = "01234567890123456789"
_GROUP_END = re.compile(r"[ )/,]")
# what is written in digits and signs but is something else
_NOT_PHONE = re.compile(
    r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"  # IPv4
    r"|(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2})(?:[ ].*)?"  # dates
    r"|(?:\d{1,3}[.,])?(?:\d{3}[.,])+\d{2,3}"  # amounts
    r"|\d+\.\d{5,}|(?:19|20)\d\d[ -](?:19|20)\d\d|\d(?:[ ]\d)+|\d{5}[ -]\d{4}|\d{3}[ .-]\d{2}[ .-]\d{4}"
)
# figures that are only believed where a region of the request writes its numbers so
_FIGURES = re.compile(r"\d+[.]\d+|\d{4}[ -]\d{4}|\d{1,2}(?:[ ]\d{1,2}){2,3}")
_DATE_AT_END = re.compile(r"[ (]+\d{1,4}[./-]\d{1,2}(?:[./-]\d{1,4})?[ ]?\d{0,2}$|[ ]+(?:19|20)\d\d[-/]\d\d.*$|[ ]+\d{1,2}$")
_NANP = re.compile(r"(?:\+?1[ .-]?)?(?:\([2-9]\d{2}\)[ ]?|[2-9]\d{2}[ ]?[-./ ][ ]?)[2-9]\d{2}[ ]?[-. ]?[ ]?\d{4}")
_LOCAL = re.compile(r"[2-9]\d{2}-\d{4}|[2-9]\d{6}")
_GROUPED_NATIONAL = re.compile(
    r"5\d{2}[ .-]\d{3}[ .-]?\d{2}[ .-]?\d{2}"  # Turkish mobiles without trunk 0
    r"|\d{2}(?:[ .]\d{2}){4}"
    r"|[6789]\d{2}[ .-]\d{3}[ .-]\d{3}"  # Spain, Portugal
    r"|1[38]00[ .-]\d{2,3}[ .-]?\d{2,4}[ ]?\d{0,3}"
)
_TRUNK = re.compile(r"[(]?0[(]?[1-9]")

# National numbers as they are dialled, by region: a cheap sieve before the library judges.
_SHAPES: dict[str, re.Pattern[str]] = {
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
_LINE_TYPES = {
    0: "fixed_line", 1: "mobile", 2: "fixed_line_or_mobile", 3: "toll_free", 4: "premium_rate",
    5: "shared_cost", 6: "voip", 7: "personal_number", 8: "pager", 9: "uan", 10: "voicemail",
}  # fmt: skip


@cache
def _library():  # type: ignore[no-untyped-def]  # the module itself
    import phonenumbers  # noqa: PLC0415  # heavy: only when a candidate is seen

    return phonenumbers


@lru_cache(maxsize=4096)
def _parsed(number: str, region: str) -> "tuple[PhoneNumber, bool, bool] | None":
    """Return the number, whether it is valid and whether it is possible; None where unreadable."""
    library = _library()
    try:
        parsed = library.parse(number, region or None)
    except library.NumberParseException:
        return None
    valid = library.is_valid_number(parsed)
    return parsed, valid, valid or library.is_possible_number(parsed)


def find(source: Source) -> Iterator[Finding]:
    """Yield the telephone numbers of a text."""
    for start, end in source.windows:
        yield from _in_window(source, start, end)


def _in_window(source: Source, at: int, stop: int) -> Iterator[Finding]:
    view = source.view
    run_end, tries = 0, 0
    while (match := _PATTERN.search(view, at, stop)) is not None:
        if match.start() >= run_end:
            run = _RUN.match(view, match.start())
            run_end, tries = run.end() if run else match.end(), 0
        tries += 1
        finding = judge(source, match) if tries <= _TRIES else None
        if finding is not None:
            yield finding
            at, tries = finding.end, 0
        elif tries > _TRIES:
            at = max(run_end, match.end())  # a table of figures
        else:
            # go on behind the first group: the second may begin a number of its own
            gap = _GROUP_END.search(view, match.start() + 1, match.end())
            at = gap.start() if gap else match.end()


def judge(source: Source, match: re.Match[str]) -> Finding | None:
    """Return the finding for a candidate, shortened where a date or another number follows."""
    view = source.view
    start, end = match.span("number")
    extension = match["ext"] or ""
    while True:
        free = _free(view, start, end + len(extension))
        finding = _read(source, start, end, extension) if free else None
        if finding is not None:
            return finding
        cut = view.rfind(" ", start, end)
        comma = max(cut, view.rfind("/", start, end))
        if extension:
            extension = ""
            continue
        if comma <= start + 6:
            return None
        end = comma
        while end > start and not view[end - 1].isalnum():
            end -= 1


def _free(view: str, start: int, end: int) -> bool:
    """Tell whether nothing is glued to the candidate that makes it a part of something else."""
    before, after = view[max(0, start - 3) : start], view[end : end + 3]
    if re.search(r"[^\W_][-/._+]$|[_$€£#=@\\*^]$|\)\+?$|[^\W_]\($", before):
        return False
    return not re.match(r"[-/._+]?[^\W_]|[:]\d|%|[ ]?[€$£]|[ ][A-Z]\d|[ ]\d[A-Z]\b|=", after)


def _read(source: Source, start: int, end: int, extension: str) -> Finding | None:
    view = source.view
    written = view[start:end]
    if written.count("(") != written.count(")"):
        if written.count("(") == 1 and written.startswith("("):
            return None
        if ")" in written or "(" in written:
            return None
    plain = written.translate(AS_DIGIT)
    digits = re.sub(r"\D", "", plain)
    international = plain.startswith(("+", "(+"))
    if not 7 <= len(digits) <= 16 or digit_share(written) < 0.7 or len(set(digits)) < 2:
        return None
    if max(map(len, re.findall(r"\d+", plain))) < 2:
        return None
    around = source.around(start, end)
    rival = around.rival(TYPE)
    labelled = 0.0 if rival else around.strength(TYPE)
    if not labelled and not international and (
        _NOT_PHONE.fullmatch(plain)
        or (not source.regions and _FIGURES.fullmatch(plain))
        or (plain.isdigit() and (plain in _COUNTING or plain in _COUNTING[::-1]))
    ):
        return None
    if labelled and re.fullmatch(r"\d+\.\d{5,}|(?:\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})|(?:19|20)\d\d-\d\d-\d\d)(?:[ ].*)?|\d{1,3}(?:\.\d{1,3}){3}|\d{1,3}(?:,\d{3})+", plain):
        return None
    if rival and not international and rival != context.OTHER:
        return None
    bare = source.is_bare(start, end + len(extension))
    if plain != written and not (labelled or international or bare or _NANP.fullmatch(plain)):
        return None
    verdict = _verdict(source, plain, digits, labelled, bare, international)
    if verdict is None:
        return None
    parsed, valid, score = verdict
    if rival is not None:
        score -= 0.45
    stop = end + len(extension)
    number = re.sub(r"\D", "", extension)
    library = _library()
    if parsed is None:
        value, details = digits, PhoneNumberDetails("", "unknown")
    else:
        value = library.format_number(parsed, library.PhoneNumberFormat.E164)
        details = PhoneNumberDetails(
            library.region_code_for_number(parsed) or "",
            _LINE_TYPES.get(library.number_type(parsed), "unknown"),
        )
    return Finding(
        start, stop, f"{value};ext={number}" if number else value, min(score, 0.98),
        Validation.VALID if valid else Validation.INVALID, differences(written, plain), details,
    )  # fmt: skip


def _verdict(
    source: Source, plain: str, digits: str, labelled: float, bare: bool, international: bool
) -> "tuple[PhoneNumber | None, bool, float] | None":
    """Return the number, whether a plan knows it, and the score; None for no number."""
    if international:
        found = _parsed(plain, "")
        if found is None:
            return None
        parsed, valid, possible = found
        if valid:
            return parsed, True, 0.95
        return (parsed, False, 0.55 + 0.2 * labelled) if possible else None
    nanp = bool(_NANP.fullmatch(plain))
    shaped = nanp or bool(_GROUPED_NATIONAL.fullmatch(plain))
    trunk = bool(_TRUNK.match(plain)) and 9 <= len(digits) <= 12
    groups = len(re.findall(r"\d+", plain))
    if not (labelled or bare or shaped or source.regions or (trunk and groups > 1)
            or source.is_line(*_span_of(source, plain)) and trunk):
        return _dialled(digits, source)
    found_in = _national(source, plain, digits, nanp)
    if found_in is not None:
        region_asked, parsed = found_in
        if labelled:
            return parsed, True, 0.85 + 0.1 * labelled
        score = 0.45
        score += 0.25 if nanp and groups > 1 else 0.2 * shaped + 0.1 * (groups > 1)
        score += 0.15 * trunk + 0.2 * bare + 0.15 * region_asked
        if groups == 1 and not (bare or trunk):
            score -= 0.15 if region_asked else 0.3
        if bare and groups == 1 and not trunk and not region_asked:
            # nine or ten digits alone may be anything; mobiles are what people write so
            score -= 0.0 if _library().number_type(parsed) in {1, 2} else 0.15
        if groups > 1 and not shaped and not trunk and not region_asked:
            score -= 0.2
        return parsed, True, score
    dialled = _dialled(digits, source)
    if dialled is not None:
        return dialled
    if labelled and (len(digits) >= 8 or _LOCAL.fullmatch(plain)):
        if digits.startswith(("86", "91", "44", "49", "33", "90", "1", "61", "39", "34", "7", "55")):
            found = _parsed("+" + digits, "")
            if found is not None and found[1]:
                return found[0], True, 0.8
        return None if len(digits) > 15 else (None, False, 0.4 + 0.3 * labelled)
    if nanp and groups > 1 and "(" in plain:
        return None, False, 0.5
    return None


def _span_of(source: Source, plain: str) -> tuple[int, int]:
    """Return where the candidate stands, by its kept text."""
    start = source.view.find(plain)
    return (start, start + len(plain)) if start >= 0 else (0, len(source.view))


def _dialled(digits: str, source: Source) -> "tuple[PhoneNumber | None, bool, float] | None":
    """Read an international prefix, as dialled from Europe (00) or from North America (011)."""
    for prefix in ("00", "011"):
        if digits.startswith(prefix) and len(digits) >= len(prefix) + 8:
            found = _parsed("+" + digits[len(prefix) :], "")
            if found is not None and found[1]:
                return found[0], True, 0.7
    return None


def _national(
    source: Source, plain: str, digits: str, nanp: bool
) -> "tuple[bool, PhoneNumber] | None":
    """Return whether the region was asked for, and the number in the first plan that knows it."""
    defaults = ["US", *_SHAPES] if nanp else list(_SHAPES)
    for region in by_region(defaults, source.regions):
        shape = _SHAPES.get(region)
        if shape is not None and not shape.fullmatch(digits):
            continue
        found = _parsed(plain, region)
        if found is not None and found[1]:
            return region in source.regions, found[0]
    return None


def mask(text: str) -> str:
    """Keep the last two digits."""
    return stars(text, keep_last=2)
