"""What PP-OCRv6 can read, and which of its characters are told apart for whom.

Of the network's 18,708 characters most are Chinese. Those that no language of a request is written
in are left out: it takes a seventh off the time, and no Latin letter is taken for a Chinese one.
"""

import unicodedata
from collections.abc import Sequence

from ocr_service.engines.languages import resolve

# Languages of which every letter is among the network's characters (letters after CLDR's main
# exemplar sets). Of their letters beyond ASCII in drawn names of countries .91 (Latvian) to 1 came
# back. Greek lacks its accented letters, Vietnamese most of its own, Cyrillic and Arabic all.
_LATIN = (
    "af az br bs ca ceb co cs da de en es et eu fi fil fo fr fy ga gd gl hr ht hu id is it jv la"
    " lb lt lv mi ms nl no oc pl pt qu ro sk sl sq sr-Latn su sv sw tr"
)
_CHINESE = ("ja", "zh-Hans", "zh-Hant")
TAGS = tuple(sorted((*_LATIN.split(), *_CHINESE)))
"""BCP-47 tags, sorted."""

_PICTOGRAPHS = 0x2700  # from here on signs are ornaments, pictures and characters in circles
_CHINESE_NAMES = {"CJK", "FULLWIDTH", "HALFWIDTH", "HIRAGANA", "IDEOGRAPHIC", "KATAKANA"}


def scripts(languages: tuple[str, ...]) -> frozenset[str]:
    """Return the ISO 15924 codes of what the languages are written in: Latn, Hani or both.

    Latin is always among them, because it stands in Chinese and Japanese text too.

    Raises:
        LanguageNotInstalled: A language cannot be read.
    """
    chinese = any(tag in _CHINESE for tag in resolve(languages, TAGS))
    return frozenset({"Latn", "Hani"} if chinese else {"Latn"})


def kept(characters: Sequence[str], wanted: frozenset[str]) -> list[int]:
    """Return the places of the characters that text in these scripts may hold."""
    return [place for place, text in enumerate(characters) if _script(text) in {"", *wanted}]


def _script(text: str) -> str:
    """ISO 15924 code of a character's script; empty for what text in all scripts may hold."""
    if not text or not (name := unicodedata.name(text[0], "")):
        return ""
    first = name.split()[0].split("-")[0]
    if first in _CHINESE_NAMES:
        return "Hani"
    if first == "LATIN":
        return "Latn"
    return "other" if text[0].isalpha() or ord(text[0]) >= _PICTOGRAPHS else ""
