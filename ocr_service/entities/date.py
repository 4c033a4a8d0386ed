# ruff: noqa: RUF001  # the characters themselves are meant
"""Calendar dates.

Formats: ISO 8601-1 (year first), the numeric orders of CLDR (day first in most regions, month
first in the United States, year first in East Asia), signs for year, month and day, and month
names of Europe's languages in the forms of CLDR. Impossible dates are refused. Where day and month
could be exchanged and no region decides, the day is read first and the finding says that it is
ambiguous.
"""

import calendar
import re
from collections.abc import Iterator

from ocr_service.entities import context, date_signs
from ocr_service.entities.confusions import AS_DIGIT, DIGIT_LIKE, differences, digit_share
from ocr_service.entities.date_prose import is_prose
from ocr_service.entities.entity import DateDetails, EntityType, Validation
from ocr_service.entities.month_names import month_of
from ocr_service.entities.pattern import Finding, Source

TYPE = EntityType.DATE
context.register(
    TYPE,
    """date*, dated, dob, birth*, born, tarih*, dogum*, datum*, geburt*, geboren, ne le, nee le,
    naissance, fecha*, nacimiento, data di, data de, data da, data do, data nascita, nascita,
    urodz*, narozen*, nascut*, fodd, fodt, syntynyt, szuletett, rodjen*, dnia, dne, data*, pvm,
    kelt, dato*, дата*, рожд*, народ*, ημερομηνια*, 日期*, 日付*, 생년월일*, ngay,
    nato, nata, nascimento, *datum, *tarihi,
    geboortedatum, expires*, expiry*, valid*, issued, due, son kullanma,
    skt, gultig, ablauf*, echeance, vencimiento, scadenza, validade, vervaldatum, vade*""",
)

_MONTH_FIRST = frozenset({"US", "PH", "FM", "MH", "PW", "GU", "AS", "PR", "VI", "MP", "UM"})
_YEAR_FIRST = frozenset({"CN", "JP", "KR", "TW", "HU", "MN", "LT"})

_D = f"[{DIGIT_LIKE}]"
_GLUED = r"(?<=[^\W\d_]:)"  # behind a label without a space: Date:24/12/2021
_YMD = re.compile(
    rf"(?<![\w./-])(?P<y>{_D}{{4}})(?P<s>[ ]?[-/.][ ]?)(?P<m>{_D}{{1,2}})(?P=s)(?P<d>{_D}{{1,2}})"
    r"(?=T\d|(?![\w/-]|[.]\w))"
)
_DMY = re.compile(
    rf"(?:(?<![\w./-])(?<!\d:)|(?<=/\d\d-)|(?<=/\d{{4}}-)|(?<=\.\d{{4}}-))"
    rf"(?P<a>{_D}{{1,2}})(?P<s>[ ]?[-/.,][ ]?)(?P<b>{_D}{{1,2}})(?P<t>[ ]?[-/.,][ ]?)"
    rf"(?P<y>(?:{_D}{{4}}|{_D}{{2}}))"
    r"(?=T\d|[0-2]\d:[0-5]\d|(?![\w/]|-(?!\d{1,2}[/.]\d)|[.,:]\d|%))"
)
_SPACED = re.compile(
    rf"(?<![\w./-])(?P<a>{_D}{{2}})(?P<s>[ ])(?P<b>{_D}{{2}})(?P<t>[ ])(?P<y>{_D}{{4}})"
    r"(?![\w./-]|[ ]\d)"
)
_COMPACT = re.compile(r"(?<![\w./-])(?:19|20)\d{6}(?:(?![\w./-])|(?=T[0-2]\d[0-5]\d))")
_DAY = rf"(?:\d{_D}?|{_D}\d)"
_NAME = r"[^\W_](?:[^\W\d_]|[0158](?!\d)|[|!]){2,11}"
_ORDINAL = r"(?:st|nd|rd|th|er|ere|eme|ème|de|ste|[ºª°o])?"
_SEP = r"(?:[ ]day[ ]of[ ]|[ ]?[-./,][ ]?|[ ]{1,2}|[ ]?(?:of|de|del|di|d')[ ]{1,2}|\.[ ]?-?|)"
_YEAR = (
    rf"(?:(?:[ ]?[,./-][ ]?|[ ](?:de[ ]|del[ ]|of[ ]|yılı[ ])?|[.][ ]|[ ],[ ]?|[’']"
    r"|(?=(?:19|20)\d\d))"
    rf"(?P<y>(?=['’]?{_D}{{0,3}}\d)['’]?(?:{_D}{{4}}(?!:(?!\d\d:))|{_D}{{2}}(?!:)))(?!\w|[.,]\d))?"
)
_TIME = re.compile(r"[ ,T]{1,3}\d{1,2}[:.]\d\d")
_DAY_NAME = re.compile(
    rf"(?:(?<![\d_.,/:-])|{_GLUED})(?P<d>{_DAY}){_ORDINAL}{_SEP}(?P<n>{_NAME})(?:/[^\W\d_]{{3,9}})?\.?{_YEAR}",
    re.IGNORECASE,
)
# from the end of the name on; the name is looked for backwards
_NAME_DAY = re.compile(
    rf"(?:[ .,/-]{{1,3}}(?:the[ ])?|(?<=[^\W\d_]))(?P<d>{_DAY}(?!\d))(?:st|nd|rd|th)?{_YEAR}",
    re.IGNORECASE,
)
_NAME_BEFORE = re.compile(rf"(?<![^\W_])(?P<n>{_NAME})$")
_YEAR_NAME = re.compile(
    rf"(?<![\w./-])(?P<y>\d{{4}})[ ]?(?:[-/. ]|m\.)[ ]?(?P<n>{_NAME})[-/. ][ ]?(?P<d>\d{{1,2}})"
    r"(?!\w|[-/.:]\w)"
)


def find(source: Source) -> Iterator[Finding]:
    """Yield the dates of a text."""
    view = source.view
    for pattern, reader in (
        (_YMD, _year_first),
        (_DMY, _numeric),
        (_SPACED, _numeric),
        (_DAY_NAME, _named),
        (_YEAR_NAME, _named),
    ):
        for match in source.near_digits(pattern):
            finding = reader(source, match)
            if finding is not None:
                yield finding
    for match in source.near_digits(_NAME_DAY):
        start = match.start()
        name = source.before(start).isalnum() and _NAME_BEFORE.search(
            view, max(0, start - 13), start
        )
        finding = _named(source, match, name["n"]) if name else None
        if finding is not None:
            yield finding
    yield from filter(None, (_compact(source, match) for match in source.near_digits(_COMPACT)))
    for match, *numbers in date_signs.written(source):
        if iso := judge(*numbers):
            yield date_signs.finding(match, iso)


def judge(year: int, month: int, day: int) -> str:
    """Return the ISO form of a date, empty for one that does not exist; years 1400 to 2199."""
    if not (1400 <= year <= 2199 and 1 <= month <= 12):
        return ""
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return ""
    return f"{year:04}-{month:02}-{day:02}"


def _year(digits: str) -> int:
    value = int(digits)
    if len(digits) == 2:  # the pivot of POSIX
        value += 1900 if value >= 69 else 2000
    return value


def _digits(source: Source, match: re.Match[str], names: str) -> dict[str, str] | None:
    """Return the groups as digits, or None where too much of them is letters."""
    written = "".join(match[name] for name in names)
    if written.isdigit():
        return {name: match[name] for name in names}
    read = {name: match[name].translate(AS_DIGIT) for name in names}
    if digit_share(written) < 0.6 or not all(map(str.isdigit, read.values())):
        return None
    if source.around(match.start(), match.end()).has(TYPE):
        return read
    letters = sum(map(str.isalpha, written))
    some = all(any(map(str.isdigit, match[name])) for name in names)
    return read if some and letters <= (2 if len(written) == 8 else len(written) > 4) else None


def _read(match: re.Match[str], names: str, read: dict[str, str]) -> str:
    """Return the text of the match with its misread digits repaired."""
    text = match.group()
    base = match.start()
    for name in names:
        if match[name] is not None:
            at = match.start(name) - base
            text = text[:at] + read[name] + text[at + len(read[name]) :]
    return text


def _year_first(source: Source, match: re.Match[str]) -> Finding | None:
    read = _digits(source, match, "ymd")
    if read is None:
        return None
    iso = judge(int(read["y"]), int(read["m"]), int(read["d"]))
    if not iso:
        return None
    repaired = _read(match, "ymd", read)
    score = (0.95 if len(read["m"]) == 2 else 0.88) - 0.15 * (iso < "1900")
    if match["s"].strip() == "." or " " in match["s"]:
        score -= 0.1
    if source.around(match.start(), match.end()).rival(TYPE) and score < 0.9:
        score -= 0.2
    return Finding(
        match.start(), match.end(), iso, score, Validation.VALID,
        differences(match.group(), repaired), DateDetails(ambiguous=False),
    )  # fmt: skip


def _numeric(source: Source, match: re.Match[str]) -> Finding | None:
    marks = {match["s"].strip(), match["t"].strip()}
    if len(marks) > 1 and not marks <= {".", ","}:
        return None
    read = _digits(source, match, "aby")
    if read is None:
        return None
    year, short = _year(read["y"]), len(read["y"]) == 2
    iso, ambiguous = _ordered(source, int(read["a"]), int(read["b"]), year)
    if not iso and short and len(read["a"]) == 2 and _YEAR_FIRST & set(source.regions):
        iso = judge(_year(read["a"]), int(read["b"]), int(read["y"]))
    if not iso or _is_figures(source, match, marks, read):
        return None
    score = 0.93 - 0.13 * short - 0.1 * (" " in match["s"] + match["t"])
    score -= 0.2 * ("," in marks or "" in marks)
    if source.around(match.start(), match.end()).has(TYPE) or _TIME.match(source.view, match.end()):
        score += 0.05
    repaired = _read(match, "aby", read)
    if "," in marks and marks != {","}:
        repaired = repaired.replace(",", ".")
    return Finding(
        match.start(), match.end(), iso, score, Validation.VALID,
        differences(match.group(), repaired), DateDetails(ambiguous),
    )  # fmt: skip


def _is_figures(
    source: Source, match: re.Match[str], marks: set[str], read: dict[str, str]
) -> bool:
    """Tell whether three numbers are a list, a version or a code rather than a date."""
    around = source.around(match.start(), match.end())
    short = len(read["y"]) == 2
    version = short and marks == {"."} and len(read["a"] + read["b"]) < 4  # such as 1.17.10
    if around.left.get(TYPE, 9) <= 1 or (around.has(TYPE) and not version):
        return "," in marks and " " in match["s"] + match["t"]
    if "," in marks and (short or " " in match["s"] + match["t"]):
        return True
    if "," in marks or "" in marks:
        return not source.is_line(match.start(), match.end())
    if not short or _TIME.match(source.view, match.end()):
        return False
    if _grows([int(read[name]) for name in "aby"]) or _goes_on(source, match):
        return True
    rival = around.rival(TYPE)
    if rival is not None and marks != {"/"}:
        beside = around.left[rival] < 2
        if beside or len(read["a"] + read["b"]) < 4:
            return True
    return version


def _goes_on(source: Source, match: re.Match[str]) -> bool:
    """Tell whether a fourth number stands beside three, parted as they are: 4 - 11 - 19 - 27."""
    view, gap = source.view, match["s"]
    before = view[max(0, match.start() - len(gap) - 1) : match.start()]
    after = view[match.end() : match.end() + len(gap) + 1]
    return bool(gap.strip()) and (
        (before[1:] == gap and before[0].isdigit()) or (after[:-1] == gap and after[-1].isdigit())
    )


def _grows(values: list[int]) -> bool:
    """Tell whether three numbers are equal or grow by the same step or factor: 5/10/20."""
    first, second, third = values
    return 0 <= second - first == third - second or (first < second and second**2 == first * third)


def _ordered(source: Source, a: int, b: int, year: int) -> tuple[str, bool]:
    """Return the ISO date and whether day and month could be exchanged."""
    day_first, month_first = judge(year, b, a), judge(year, a, b)
    if not (day_first and month_first) or a == b:
        return day_first or month_first, False
    if source.regions:
        return (month_first if source.regions[0] in _MONTH_FIRST else day_first), False
    return day_first, True


def _named(source: Source, match: re.Match[str], before: str = "") -> Finding | None:
    name = before or match["n"]
    start = match.start() - len(before)
    month = month_of(name)
    if not month:
        return None
    written_year = match["y"] or ""
    digits = written_year.lstrip("'’").translate(AS_DIGIT)
    read = {
        "d": match["d"].translate(AS_DIGIT),
        "y": written_year[: len(written_year) - len(digits)] + digits,
    }
    if digit_share(match["d"] + written_year) < 0.5 or not (read["d"] + digits).isdigit():
        return None
    year = _year(digits) if digits else 0
    iso = judge(year or 2000, month, int(read["d"]))
    if not iso or is_prose(source, match, name, start):
        return None
    text = source.view[start : match.end()]
    repaired = text[: match.start() - start] + _read(match, "dy" if digits else "d", read)
    length = len(text.rstrip(" .,-/’'"))
    score = (0.93 if len(digits) == 4 else 0.85) if year else 0.7
    return Finding(
        start, start + length, iso if year else f"--{iso[5:]}", score, Validation.VALID,
        differences(text[:length], repaired[:length]), DateDetails(ambiguous=False),
    )  # fmt: skip


def _compact(source: Source, match: re.Match[str]) -> Finding | None:
    """Read YYYYMMDD, which needs a time or a word that says so."""
    written = match.group()
    iso = judge(int(written[:4]), int(written[4:6]), int(written[6:]))
    around = source.around(match.start(), match.end())
    timed = source.after(match.end()) == "T"
    if not iso or not (timed or (around.left.get(TYPE, 9) <= 2 and not around.rival(TYPE))):
        return None
    return Finding(
        match.start(), match.end(), iso, 0.75, Validation.VALID,
        details=DateDetails(ambiguous=False),
    )  # fmt: skip


def mask(text: str) -> str:
    """Star letters and digits."""
    return re.sub(r"[^\W_]", "*", text)
