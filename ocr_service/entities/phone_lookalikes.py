"""What is written in digits and signs like a telephone number but is something else."""

import itertools
import re

NOT_PHONE = re.compile(
    r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)"  # IPv4
    r"|(?:\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})|\d{4}[./-]\d{1,2}[./-]\d{1,2})(?:[ ].*)?"
    r"|(?:\d{1,3}[.,])?(?:\d{3}[.,])+\d{2,3}"  # amounts
    r"|\d+\.\d{5,}|(?:19|20)\d\d[ -](?:19|20)\d\d|\d(?:[ ]\d)+|\d{5}[ -]\d{4}|.*[-/.]\d"
    r"|\d{3}[ .-]\d{2}[ .-]\d{4}"
)
# what is something else even behind a label
NEVER = re.compile(
    r"\d+\.\d{5,}|(?:\d{1,2}[./]\d{1,2}[./](?:\d{4}|\d{2})|(?:19|20)\d\d-\d\d-\d\d)(?:[ ].*)?"
    r"|\d{1,3}(?:\.\d{1,3}){3}|\d{1,3}(?:,\d{3})+|(?:19|20)\d\d[ ]?-[ ]?(?:19|20)\d\d"
)
# figures that are only believed where a region of the request writes its numbers so
FIGURES = re.compile(r"\d+[.]\d+|\d{4}[ /-]\d{4}|\d{1,2}(?:[ ]\d{1,2}){2,3}")
# versions, years and lists inside of what may else be a number
VERSIONS = re.compile(
    r"\b\d\.\d(?:\.|\b)|^\d+(?:\.\d+){2}-\d+(?:\.\d+){2}$|^\d+(?:/\d+){3}"
    r"|^(?:19|20)\d\d[ ]?-[ ]?(?:19|20)\d\d\b|^\d{1,2}/\d{1,2}/\d\d(?:\d\d)?\b"
)
_ALIKE = re.compile(r"\d\d(?: \d\d)+|\d{3}(?: \d{3})+|\d{4}(?: \d{4})+")
DAY = re.compile(r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")
_GROUP = re.compile(r"\d+")


def in_row(plain: str, view: str, start: int, end: int) -> bool:
    """Tell whether groups of two to four digits are a part of a longer row of such groups."""
    if not _ALIKE.fullmatch(plain):
        return False
    size = len(plain.partition(" ")[0])
    return bool(
        re.search(rf"\b\w\d{{{size - 1}}} $", view[max(0, start - size - 2) : start])
        or re.match(rf" \d{{{size}}}\b", view[end : end + size + 2])
    )


def is_list(plain: str) -> bool:
    """Tell whether groups of digits only grow: counted, drawn in a lottery, times."""
    groups = _GROUP.findall(plain)
    values = list(map(int, groups))
    if len(values) < 4 or any(later <= one for one, later in itertools.pairwise(values)):
        return False
    return len(set(map(len, groups))) == 1 or values[-1] - values[0] == len(values) - 1
