"""Dates with signs or words for year, month and day, and with Roman months: 13.X.1981.

After the formats of CLDR for Chinese, Japanese, Korean and Vietnamese; the years of an emperor or
of the Republic are counted from the first (JIS X 0301, Taiwan's Minguo calendar).
"""

import re
from collections.abc import Iterator

from ocr_service.entities.entity import DateDetails, Validation
from ocr_service.entities.pattern import Finding, Source

_ERAS = {
    "明治": 1868,
    "大正": 1912,
    "昭和": 1926,
    "平成": 1989,
    "令和": 2019,
    "民國": 1912,
    "民国": 1912,
}
_MONTH_DAY = r"[ ]?(?P<m>\d{1,2})[ ]?[月월][ ]?(?P<d>\d{1,2})[ ]?[日号號일]"
_ROMAN = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X", "XI", "XII")
_FORMS = (
    re.compile(rf"(?<!\d)(?P<y>\d{{4}})[ ]?[年년]{_MONTH_DAY}"),
    re.compile(rf"(?P<era>{'|'.join(_ERAS)})[ ]?(?P<y>\d{{1,3}}|元)[ ]?年{_MONTH_DAY}"),
    re.compile(
        r"(?<!\d)(?P<d>\d{1,2})[ ]tháng[ ](?P<m>\d{1,2})(?:[ ]năm[ ]|,[ ])(?P<y>\d{4})(?!\d)",
        re.IGNORECASE,
    ),
    re.compile(
        rf"(?<![\w./-])(?P<d>\d{{1,2}})(?P<s>[.]?[ ]|[./-])(?P<m>{'|'.join(_ROMAN)})(?P=s)"
        r"(?P<y>\d{4})(?![\w/-]|[.]\w)"
    ),
)


def written(source: Source) -> Iterator[tuple[re.Match[str], int, int, int]]:
    """Yield year, month and day as they are written, and where; they may not exist."""
    for form in _FORMS:
        for match in source.near_digits(form):
            year = 1 if match["y"] == "元" else int(match["y"])
            first = _ERAS.get(match["era"], 1) if "era" in form.groupindex else 1
            month = _ROMAN.index(match["m"]) + 1 if match["m"] in _ROMAN else int(match["m"])
            yield match, first - 1 + year, month, int(match["d"])


def finding(match: re.Match[str], iso: str) -> Finding:
    """The finding for a date that exists."""
    return Finding(
        match.start(), match.end(), iso, 0.95, Validation.VALID,
        details=DateDetails(ambiguous=False),
    )  # fmt: skip
