# ruff: noqa: E501, RUF001  # a row for each format; letters as they are written there
"""Formats of vehicle plates, by country.

After the issuers' regulations as collected for the Vienna Convention on Road Traffic (1968),
annex 2, and Council Regulation (EC) 2411/98 for the EU. In a layout 9 is a digit, A a letter, ~
a space, a dash, a point or nothing; anything else stands for itself. The pattern after it
restricts letters and numbers.
"""

import itertools
import re
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

from ocr_service.entities.pattern import Shapes, skeleton


@dataclass(frozen=True, slots=True)
class Format:
    """One plate format.

    Attributes:
        country: ISO 3166-1 alpha-2 code.
        layouts: How it is written.
        pattern: What the compact plate must match, empty for no restriction.
        telling: Whether the spaced form is believed in running text.
    """

    country: str
    layouts: tuple[str, ...]
    pattern: str = ""
    telling: bool = False


_TR = r"(?:0[1-9]|[1-7]\d|8[01])(?:[A-PR-VYZ]\d{4,5}|[A-PR-VYZ]{2}\d{3,4}|[A-PR-VYZ]{3}\d{2,3})"
_IN = (
    r"(?:A[NPRS]|BR|C[GH]|D[DLN]|G[AJ]|H[PR]|J[HK]|K[AL]|L[AD]|M[HLNPZ]|NL|O[DR]|P[BY]|RJ|SK|T[GNRS]|U[APK]|WB)"
    r"\d{1,2}[A-Z]{0,3}\d{4}"
)
CHINA = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
"""The provinces as plates of China begin with them (GA 36-2018)."""
KOREA = "가나다라마거너더러머버서어저고노도로모보소오조구누두루무부수우주아바사자배허하호"
"""The syllables for kinds of use on plates of Korea."""

_DE_LETTERS = r"[A-ZÄÖÜ]{1,3}[A-Z]{1,2}[1-9]\d{0,3}[EH]?"

_CHINESE = (
    *("".join(signs) for signs in itertools.product("9A", repeat=5) if signs.count("A") < 3),
    "99999A", "A99999",
)  # fmt: skip


def _many(*groups: str) -> tuple[str, ...]:
    """Return the groups joined by each separator, all of it with ~."""
    return tuple(
        "~".join(parts) for parts in itertools.product(*(group.split("|") for group in groups))
    )


FORMATS = (
    Format("TR", ("99~A~9999", "99~A~99999", "99~AA~999", "99~AA~9999", "99~AAA~99", "99~AAA~999"), _TR, telling=True),
    Format("IN", ("AA~99~A~9999", "AA~99~AA~9999", "AA~99~AAA~9999", "AA~9~A~9999", "AA~9~AA~9999", "AA~9~AAA~9999",
                  "AA-99AA-9999", "AA-99A-9999", "AA 99AA 9999", "AA 99AA9999", "AA99 AA 9999", "AA 9A AA 9999", "AA 9AAA 9999", "AA99 AA9999", "AA99AA 9999", "AA99A9999", "AA-99-AA9999", "AA 99 AA9999", "AA~99~9999"), _IN, telling=True),
    Format("IN", ("99~AA~9999~A", "99~AA~9999~AA"), r"\d\dBH\d{4}[A-HJ-NP-Z]{1,2}", telling=True),
    Format("GB", ("AA99~AAA",), r"[A-HJ-PR-Y][A-HJ-PR-Y]\d\d[A-HJ-PR-Z]{3}", telling=True),
    Format("GB", ("A9~AAA", "A99~AAA", "A999~AAA"), r"[A-HJ-NPR-TV-Y]\d{1,3}[A-HJ-PR-Y]{3}"),
    Format("GB", ("AAA~9A", "AAA~99A", "AAA~999A"), r"[A-HJ-PR-Y]{3}\d{1,3}[A-HJ-NPR-TV-Y]"),
    Format("GB", ("AAA~9999", "AA~9999"), r"[A-Z]?[A-Z]?[IZ][A-Z]?\d{1,4}"),
    Format("DE", _many("A|AA|AAA", "A9|A99|A999|A9999|AA9|AA99|AA999|AA9999"), _DE_LETTERS),
    Format("DE", _many("A|AA|AAA", "A|AA", "9|99|999|9999"), _DE_LETTERS),
    Format("DE", _many("A|AA|AAA", "A|AA", "9A|99A|999A|9999A"), _DE_LETTERS),
    Format("DE", _many("A|AA|AAA", "A|AA", "9|99|999|9999", "A"), _DE_LETTERS),
    Format("FR", ("AA~999~AA",), r"(?!SS|WW)[A-HJ-NP-TV-Z]{2}(?!000)\d{3}(?!SS)[A-HJ-NP-TV-Z]{2}"),
    Format("FR", ("999~AA~99", "9999~AA~99", "999~AAA~99", "99~AAA~99"), r"[1-9]\d{1,3}[A-HJ-NP-TV-Z]{2,3}(?:0[1-9]|[1-8]\d|9[0-8])"),
    Format("IT", ("AA~999~AA", "AA~999AA", "AA999~AA"), r"[A-HJ-NPR-TV-Z]{2}\d{3}[A-HJ-NPR-TV-Z]{2}"),
    Format("ES", ("9999~AAA",), r"\d{4}[B-DF-HJ-NPR-TV-Z]{3}"),
    Format("ES", ("A~9999~A", "A~9999~AA", "AA~9999~A", "AA~9999~AA", "A-9999", "AA-999999", "A-999999"), ""),
    Format("PT", ("AA~99~AA", "99~99~AA", "99~AA~99", "AA~99~99"), r"(?=.*[A-Z])[A-Z0-9]{6}"),
    Format("NL", ("AA-99-99", "99-99-AA", "99-AA-99", "AA-99-AA", "AA-AA-99", "99-AA-AA", "99-AAA-9", "9-AAA-99", "AA-999-A",
                  "A-999-AA", "AAA-99-A", "9-AA-999", "999-AA-9"), r"[A-Z0-9]{6}"),
    Format("BE", ("9~AAA~999", "AAA~999", "999~AAA"), ""),
    Format("AT", _many("A|AA", "9A|99A|999A|9999A|99999A|9AA|99AA|999AA|9AAA|99AAA|999AA"), ""),
    Format("AT", _many("A|AA", "999|9999|99999", "A|AA"), ""),
    Format("CH", (*_many("AA", "999|9999|99999|999999"), "AA~99~999", "AA~999~999"), r"(?:AG|AI|AR|BE|BL|BS|FR|GE|GL|GR|JU|LU|NE|NW|OW|SG|SH|SO|SZ|TG|TI|UR|VD|VS|ZG|ZH)\d+"),
    Format("PL", _many("AA|AAA", "99999|9999A|999AA|A9999|9A999|99A99|9AA99|A999|99AA|9AA9|AA999|A99A|9A99|99A9|AA99"), r"[BCDEFGKLNOPRSTWZ][A-Z]{1,2}[A-Z0-9]{4,5}"),
    Format("CZ", ("9A9~9999", "9AA~9999", "9AA~AAAA", "AAA~99~99"), r"[1-9][ABCEHJKLMPSTUZ][A-Z0-9]\d{4}|[A-Z]{3}\d{4}"),
    Format("SK", ("AA~999AA", "AA~999~AA"), r"[A-Z]{2}\d{3}[A-Z]{2}"),
    Format("HU", ("AAA~999", "AA~AA~999", "AAAA~999", "AA~999~999"), r"[A-Z]{3,4}\d{3}|(?:CD|OT|RX|CK|DT|HC|RR|RA)\d{6}"),
    Format("RO", ("AA~99~AAA", "A~99~AAA", "A~999~AAA"), r"(?:B\d{2,3}|[A-Z]{2}\d{2})[A-Z]{3}"),
    Format("BG", ("A~9999~AA", "AA~9999~AA"), r"[ABCEHKMOPTXYАВСЕНКМОРТХУ]{1,2}\d{4}[ABCEHKMOPTXYАВСЕНКМОРТХУ]{2}"),
    Format("GR", ("AAA~9999",), r"[ABEHIKMNOPTXYZΑΒΕΗΙΚΜΝΟΡΤΥΧΖ]{3}[1-9]\d{3}"),
    Format("HR", ("AA~999~A", "AA~999~AA", "AA~9999~A", "AA~9999~AA"), ""),
    Format("SI", ("AA~99~AAA", "AA~A9~999", "AA~AA~999", "AA~999~AA"), r"(?:CE|GO|KK|KP|KR|LJ|MB|MS|NM|PO|SG)[A-Z0-9]{5}"),
    Format("RS", ("AA~999~AA", "AA~9999~AA", "AA~99999~AA"), ""),
    Format("BA", ("A99~A~999",), r"[AEJKMOT]\d\d[AEJKMOT]\d{3}"),
    Format("MK", ("AA~9999~AA", "AA~999~AA"), ""),
    Format("AL", ("AA~999~AA",), ""),
    Format("ME", ("AA~AA~999", "AA~AA999"), ""),
    Format("UA", ("AA~9999~AA",), r"[ABCEHIKMOPTXАВСЕНІКМОРТХ]{2}\d{4}[ABCEHIKMOPTXАВСЕНІКМОРТХ]{2}"),
    Format("RU", ("A~999~AA~99", "A~999~AA~999", "A999AA~99", "A999AA~999"), r"[ABEKMHOPCTYXАВЕКМНОРСТУХ]\d{3}[ABEKMHOPCTYXАВЕКМНОРСТУХ]{2}\d{2,3}", telling=True),
    Format("BY", ("9999~AA~9",), r"\d{4}[ABCEHIKMOPTX]{2}[0-8]"),
    Format("MD", ("AAA~999",), ""),
    Format("LT", ("AAA~999",), ""),
    Format("LV", ("AA~9999", "AA~999"), ""),
    Format("EE", ("999~AAA",), ""),
    Format("FI", ("AAA~999", "AA~999", "AAA~99"), ""),
    Format("SE", ("AAA~999", "AAA~99A"), r"[A-HJ-PR-UW-Z]{3}\d\d[A-Z0-9]"),
    Format("NO", ("AA~99999",), r"[A-Z]{2}[1-9]\d{4}"),
    Format("DK", ("AA~99~999", "AA~99999"), r"[A-Z]{2}\d{5}"),
    Format("IS", ("AA~A99", "AA~999", "AA~9A9"), ""),
    Format("IE", tuple(f"{year}~{county}~{'9' * size}" for year in ("99", "999") for county in ("A", "AA") for size in range(1, 7)),
           r"\d{2,3}(?:C|CE|CN|CW|D|DL|G|KE|KK|KY|L|LD|LH|LK|LM|LS|MH|MN|MO|OY|RN|SO|T|TN|TS|W|WD|WH|WX|WW)\d{1,6}"),
    Format("LU", ("AA~9999",), r"[A-Z]{2}\d{4}"),
    Format("MT", ("AAA~999",), ""),
    Format("CY", ("AAA~999",), ""),
    Format("GE", ("AA~999~AA",), ""),
    Format("AM", ("99~AA~999",), ""),
    Format("AZ", ("99~AA~999",), ""),
    Format("KZ", ("999~AAA~99", "999~AA~99"), ""),
    Format("US", ("9AAA999", "AAA~9999", "AAA~999", "999~AAA", "AAA9999", "9999~AAA", "AA~99999", "999~AAAA", "AA9~9999",
                  "A99~9999", "A99~AAA", "AAA~99A", "9AA~999", "9~AA9999", "99A~999", "A9~99999", "AA~9999A", "AAAA~99", "99~AAAA", "AA99999", "999~9AA", "99999~AA", "A99999", "999999A", "9A~9999A", "AAA999A", "A999999", "999A999"), ""),
    Format("CA", ("AAAA~999", "AAA~999", "A99~AAA", "AA9~99A"), ""),
    Format("BR", ("AAA~9999", "AAA9A99", "AAA~9A99"), ""),
    Format("AR", ("AA~999~AA", "AAA~999"), ""),
    Format("MX", ("AAA~99~99", "AAA~999~A", "AA~99~999", "A99~AAA", "AAA~9999"), ""),
    Format("CL", ("AAAA~99", "AA~9999", "AA~AA~99"), ""),
    Format("CO", ("AAA~999",), ""),
    Format("PE", ("A9A~999", "AAA~999"), ""),
    Format("SG", ("AAA9A", "AAA99A", "AAA999A", "AAA9999A", "AAA~9999~A", "AAA~999~A", "AA9999A"), r"[EFGPQSTX][A-HJ-NP-Z]{0,2}\d{1,4}[A-EGHJ-MPR-UXYZ]"),
    Format("MY", _many("A|AA|AAA", "999|9999", "A"), ""),
    Format("MY", _many("AAA", "99|999|9999"), ""),
    Format("ID", _many("A|AA", "9999|999", "A|AA|AAA"), ""),
    Format("PH", ("AAA~9999", "AAA~999", "AA~99999"), ""),
    Format("PK", ("AAA~999", "AAA~9999", "AAA~99~999"), ""),
    Format("CN", _many("AA", "|".join(_CHINESE)),
           rf"[{CHINA}][A-HJ-NP-Z][A-HJ-NP-Z0-9]{{5,6}}", telling=True),
    Format("KR", ("99A~9999", "999A~9999"), rf"\d{{2,3}}[{KOREA}]\d{{4}}", telling=True),
    Format("VN", ("99A~99999", "99A~9999", "99A~999.99", "99A9~999.99", "99A9~99999"), ""),
    Format("NG", ("AAA~999AA", "AAA~999~AA"), r"[A-Z]{3}\d{2,3}[A-Z]{2}"),
    Format("KE", ("AAA~999A", "AAA~999~A"), r"K[A-Z]{2}\d{3}[A-Z]"),
    Format("ZA", ("AA~99~AA~AA", "AAA~999~AA", "AA~999~999", "AAA999AA"), r"[A-Z]{2}\d\d[A-Z]{2}(?:GP|NW|MP|EC|NC|L|ZN)|[B-DF-HJ-NP-TV-Z]{3}\d{3}(?:GP|MP|EC|NC|FS|NW|L)|C[A-Z]\d{6}"),
    Format("AU", ("AAA~999", "999~AAA", "AAA~99A", "9AA~9AA", "AA~99~AA", "A~999~AAA", "AAA~9AA", "9AAA999", "999~AA9"), ""),
    Format("NZ", ("AAA~999",), ""),
    Format("IL", ("99-999-99", "999-99-999"), ""),
    Format("AE", ("A~99999", "A~9999", "AA~99999"), ""),
)  # fmt: skip


@cache
def compiled(pattern: str) -> re.Pattern[str]:
    """Return the compiled pattern."""
    return re.compile(pattern)


@dataclass(frozen=True, slots=True)
class Layout:
    """One way to write the plates of a format."""

    template: str
    format: Format


def _templates(layout: str) -> Iterator[str]:
    groups = layout.split("~")
    yield from dict.fromkeys(
        "".join(itertools.chain.from_iterable(itertools.zip_longest(groups, signs, fillvalue="")))
        for signs in itertools.product(("", " ", "-", "."), repeat=len(groups) - 1)
        if len({sign for sign in signs if sign}) < 3
    )


_KINDS = str.maketrans(
    {**dict.fromkeys(string.ascii_letters, "A"), **dict.fromkeys(string.digits, "9")}
)
_LETTER = re.compile(r"[^\W\d_]")
_PREFIX = 4


def shape_of(text: str) -> str:
    """Return the text with letters made A and digits made 9."""
    shape = text.translate(_KINDS)
    return shape if shape.isascii() else _LETTER.sub("A", shape)


def _index(shape: Callable[[str], str]) -> Shapes[tuple[Layout, ...]]:
    table: dict[str, list[Layout]] = {}
    for item in FORMATS:
        for template in dict.fromkeys(
            itertools.chain.from_iterable(_templates(layout) for layout in item.layouts)
        ):
            table.setdefault(shape(template), []).append(Layout(template, item))
    return Shapes({key: tuple(layouts) for key, layouts in table.items()}, _PREFIX)


INDEX = _index(shape_of)
MISREAD = _index(skeleton)
