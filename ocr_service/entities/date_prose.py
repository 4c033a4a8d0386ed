# the characters themselves are meant
"""Numbers and month names that stand side by side by chance: "may 5 people", "3 set"."""

import re

from ocr_service.entities.context import fold
from ocr_service.entities.month_names import ENGLISH
from ocr_service.entities.pattern import Source, words

_VERBS = frozenset({"may", "march", "mar"})
# a word behind "May 12" that is no function word: what there are twelve of
_NOUN = re.compile(
    r" (?!(?:and|or|to|at|in|on|by|for|from|with|of|after|before|until|till|through|as|but|when"
    r"|that|which|who|will|would|was|were|is|are|be|been|had|has|have|did|does|can|could|should|may|must"
    r"|we|i|he|she|they|it|you|the|this|there|an?|our|my|his|her|their|its|your|if|so|then|than"
    r"|because|while|where|during|about|into|over|under|near|via|per|also|not|no)\b)[a-z]{2,}"
)
_PROSE = frozenset({"may", "mar", "dec"})

# months that are common words of other languages
_WORDS = frozenset(
    map(
        fold,
        words(
            """
            set out ago mag gen ara tem eki ott lug sub sty lut kwi cze lip sie wrz gru ian noi
            gener mac maj
            """
        ),
    )
)


def is_prose(source: Source, match: re.Match[str], name: str, start: int) -> bool:
    """Tell whether a number and a month name stand side by side by chance."""
    view = source.view
    day_first = start == match.start("d")
    slash = match["y"] and "/" in view[match.end("d") : match.start("y")]
    if slash and not day_first and "/" not in view[start + len(name) : match.start("d")]:
        return True  # "DEC 11/70"
    if day_first and "," in view[match.end("d") : match.start("n")]:
        return True  # "Version 2, June 1991"
    glued = start > 0 and view[start - 1].isalpha()
    if glued and not (match["y"] and match["d"].isdigit()):
        return True  # "op12 maart 2016" lost a space, "b2 may" did not
    return not match["y"] and not _stands_without_year(source, match, name, start)


def _stands_without_year(source: Source, match: re.Match[str], name: str, start: int) -> bool:
    """Tell whether a day and a month name alone are a date: "may 5" and "3 set" may be prose."""
    view = source.view
    day_first = start == match.start("d")
    end = start + len(name)
    between = view[match.end("d") : match.start("n")] if day_first else view[end : match.start("d")]
    if not match["d"].isdigit() or not between or between.strip() in {"-", "/", ",", ".-"}:
        return False
    if re.match(r"\w|[-.,:/]\d|%|-[^\W\d]", view[match.end() : match.end() + 2]):
        return False
    if fold(name) in _WORDS or not (day_first or fold(name) in ENGLISH):
        return False  # in CLDR only English writes the month first
    if not day_first and fold(name) in _VERBS and _NOUN.match(view, match.end()):
        return False
    if name[:1].isupper():
        return True
    return day_first and name not in _PROSE
