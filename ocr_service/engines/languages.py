"""BCP-47 tags and the names that Tesseract gives its language data."""

from collections.abc import Iterable

from ocr_service.errors import LanguageNotInstalled

# Tesseract: ISO 639-2/T with additions, https://tesseract-ocr.github.io/tessdoc/Data-Files-in-different-versions.html
_BY_TAG = {
    "af": "afr",
    "am": "amh",
    "ar": "ara",
    "as": "asm",
    "az": "aze",
    "az-Cyrl": "aze_cyrl",
    "be": "bel",
    "bg": "bul",
    "bn": "ben",
    "bo": "bod",
    "br": "bre",
    "bs": "bos",
    "ca": "cat",
    "ceb": "ceb",
    "chr": "chr",
    "co": "cos",
    "cs": "ces",
    "cy": "cym",
    "da": "dan",
    "de": "deu",
    "dv": "div",
    "dz": "dzo",
    "el": "ell",
    "en": "eng",
    "eo": "epo",
    "es": "spa",
    "et": "est",
    "eu": "eus",
    "fa": "fas",
    "fi": "fin",
    "fil": "fil",
    "fo": "fao",
    "fr": "fra",
    "fy": "fry",
    "ga": "gle",
    "gd": "gla",
    "gl": "glg",
    "grc": "grc",
    "gu": "guj",
    "he": "heb",
    "hi": "hin",
    "hr": "hrv",
    "ht": "hat",
    "hu": "hun",
    "hy": "hye",
    "id": "ind",
    "is": "isl",
    "it": "ita",
    "iu": "iku",
    "ja": "jpn",
    "jv": "jav",
    "ka": "kat",
    "kk": "kaz",
    "km": "khm",
    "kmr": "kmr",
    "kn": "kan",
    "ko": "kor",
    "ky": "kir",
    "la": "lat",
    "lb": "ltz",
    "lo": "lao",
    "lt": "lit",
    "lv": "lav",
    "mi": "mri",
    "mk": "mkd",
    "ml": "mal",
    "mn": "mon",
    "mr": "mar",
    "ms": "msa",
    "mt": "mlt",
    "my": "mya",
    "ne": "nep",
    "nl": "nld",
    "no": "nor",
    "oc": "oci",
    "or": "ori",
    "pa": "pan",
    "pl": "pol",
    "ps": "pus",
    "pt": "por",
    "qu": "que",
    "ro": "ron",
    "ru": "rus",
    "sa": "san",
    "sd": "snd",
    "si": "sin",
    "sk": "slk",
    "sl": "slv",
    "sq": "sqi",
    "sr": "srp",
    "sr-Latn": "srp_latn",
    "su": "sun",
    "sv": "swe",
    "sw": "swa",
    "syr": "syr",
    "ta": "tam",
    "te": "tel",
    "tg": "tgk",
    "th": "tha",
    "ti": "tir",
    "to": "ton",
    "tr": "tur",
    "tt": "tat",
    "ug": "uig",
    "uk": "ukr",
    "ur": "urd",
    "uz": "uzb",
    "uz-Cyrl": "uzb_cyrl",
    "vi": "vie",
    "yi": "yid",
    "yo": "yor",
    "zh-Hans": "chi_sim",
    "zh-Hant": "chi_tra",
}
_BY_CODE = {code: tag for tag, code in _BY_TAG.items()}
_OTHER_NAMES = {
    "nb": "no",
    "nn": "no",
    "tl": "fil",
    "zh": "zh-Hans",
    "zh-CN": "zh-Hans",
    "zh-TW": "zh-Hant",
}
_NOT_LANGUAGES = {"osd", "equ"}  # data for orientation and for formulas


def tags(codes: Iterable[str]) -> tuple[str, ...]:
    """Return the BCP-47 tags of Tesseract's data files, sorted; what is no language is left out.

    >>> tags(["tur", "osd", "eng"])
    ('en', 'tr')
    """
    known = (code for code in codes if code not in _NOT_LANGUAGES and "/" not in code)
    return tuple(sorted(_BY_CODE.get(code, code) for code in known))


def codes(wanted: tuple[str, ...], installed: tuple[str, ...]) -> str:
    """Return what Tesseract is to be told: names joined by plus signs.

    Raises:
        LanguageNotInstalled: See `resolve`.

    >>> codes(("tr", "en-GB"), ("en", "tr"))
    'tur+eng'
    """
    return "+".join(_BY_TAG.get(tag, tag) for tag in resolve(wanted, installed))


def resolve(wanted: tuple[str, ...], installed: tuple[str, ...]) -> tuple[str, ...]:
    """Return the installed tags that were asked for, in that order, doubles left out.

    A tag with a region finds the language without it: ``en-GB`` is read as ``en``.

    Args:
        wanted: BCP-47 tags, most likely first.
        installed: BCP-47 tags.

    Raises:
        LanguageNotInstalled: None was asked for, or one of them is not there.

    >>> resolve(("en-GB", "tr", "en"), ("en", "tr"))
    ('en', 'tr')
    """
    found = [best_fit(tag, installed) for tag in wanted]
    if not found or None in found:
        raise LanguageNotInstalled(
            f"No data for a language that was asked for. Installed: {', '.join(installed)}.",
            field="options.languages",
        )
    return tuple(dict.fromkeys(tag for tag in found if tag))


def best_fit(wanted: str, installed: Iterable[str]) -> str | None:
    """Return the installed tag that fits best: the same, else with subtags cut off, else None."""
    by_lower = {tag.lower(): tag for tag in installed}
    others = {name.lower(): tag.lower() for name, tag in _OTHER_NAMES.items()}
    parts = wanted.lower().replace("_", "-").split("-")
    for end in range(len(parts), 0, -1):
        name = "-".join(parts[:end])
        for candidate in (name, others.get(name, name)):
            if candidate in by_lower:
                return by_lower[candidate]
    return None
