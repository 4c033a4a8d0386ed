"""BCP-47 tags and the codes that EasyOCR gives its languages."""

from collections.abc import Iterable

from ocr_service.engines.languages import best_fit
from ocr_service.errors import LanguageNotInstalled

# https://www.jaided.ai/easyocr/ lists the codes; those left out are the tag itself. Some are the
# codes of other languages: "ang" is Angika there, not Old English; "mah" Magahi, not Marshallese.
_TAGS = {
    "ang": "anp",
    "ava": "av",
    "ch_sim": "zh-Hans",
    "ch_tra": "zh-Hant",
    "che": "ce",
    "mah": "mag",
    "rs_cyrillic": "sr",
    "rs_latin": "sr-Latn",
    "tjk": "tg",
    "tl": "fil",
}


def tag(code: str) -> str:
    """Return the BCP-47 tag of a code of EasyOCR's.

    >>> tag("ch_sim")
    'zh-Hans'
    """
    return _TAGS.get(code, code)


def codes(wanted: tuple[str, ...], installed: Iterable[str]) -> frozenset[str]:
    """Return EasyOCR's codes of BCP-47 tags.

    Args:
        wanted: BCP-47 tags.
        installed: EasyOCR's codes of what can be read.

    Raises:
        LanguageNotInstalled: No tag is given, or one cannot be read.

    >>> sorted(codes(("tr", "zh-CN", "en-GB"), ("ch_sim", "en", "tr")))
    ['ch_sim', 'en', 'tr']
    """
    by_tag = {tag(code): code for code in installed}
    found = [best_fit(name, by_tag) for name in wanted]
    if not found or None in found:
        raise LanguageNotInstalled(
            "No weights for a language that was asked for."
            f" EasyOCR can read: {', '.join(sorted(by_tag))}.",
            field="options.languages",
        )
    return frozenset(by_tag[name] for name in found if name)
