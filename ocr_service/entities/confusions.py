# ruff: noqa: RUF001  # the characters themselves are meant
"""Characters that engines confuse, and repairs that something else must confirm.

The classes follow the shapes of the glyphs. A repair is only proposed here; the caller keeps it
when a check digit, a list or a format agrees.
"""

from collections.abc import Iterator

from ocr_service.entities.entity import Correction

_TO_DIGIT = {
    **dict.fromkeys("OoQD", "0"),
    **dict.fromkeys("Il|i!", "1"),
    **dict.fromkeys("Zz", "2"),
    **dict.fromkeys("Ss", "5"),
    **dict.fromkeys("Gb", "6"),
    "B": "8",
    **dict.fromkeys("gq", "9"),
}
_TO_LETTER = {"0": "O", "1": "I", "2": "Z", "5": "S", "6": "G", "8": "B", "|": "I", "!": "I"}

DIGIT_LIKE = "0-9OoQDIl|iZzSsGbBgq"
"""Inside of a character class: digits and what digits are misread as."""

AS_DIGIT = str.maketrans(_TO_DIGIT)
AS_LETTER = str.maketrans(_TO_LETTER)

# Same length, so that offsets stay: full-width forms, other digits, and the many dashes and spaces.
_FULL_WIDTH = {code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)}
_DIGITS = {
    first + value: str(value)
    for first in (0x0660, 0x06F0, 0x0966)  # Arabic-Indic, Persian, Devanagari
    for value in range(10)
}
_TYPOGRAPHY = {
    **dict.fromkeys(map(ord, "‐‑‒–—―−﹣"), "-"),
    **dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000"), " "),
    **dict.fromkeys(map(ord, "。｡．"), "."),
    ord("\r"): "\n",
    ord("\f"): "\n",
}
_VIEW = {**_FULL_WIDTH, **_DIGITS, **_TYPOGRAPHY}


def normalized(text: str) -> str:
    """Return the text with full-width forms, foreign digits, dashes and spaces made plain ASCII.

    The result has the same length, so every offset stays true.
    """
    return (
        text if text.isascii() and "\r" not in text and "\f" not in text else text.translate(_VIEW)
    )


def differences(recognized: str, corrected: str) -> tuple[Correction, ...]:
    """List the places where two texts of equal length differ, one correction for each character."""
    if recognized == corrected:
        return ()
    return tuple(
        Correction(offset, was, now)
        for offset, (was, now) in enumerate(zip(recognized, corrected, strict=True))
        if was != now
    )


def full_width(text: str) -> tuple[Correction, ...]:
    """List the full-width forms in a text with their plain forms."""
    if text.isascii():
        return ()
    return tuple(
        Correction(offset, char, _FULL_WIDTH[ord(char)])
        for offset, char in enumerate(text)
        if ord(char) in _FULL_WIDTH
    )


def digit_share(text: str) -> float:
    """Return the share of real digits among the letters and digits, 0 to 1."""
    digits = sum(map(str.isdigit, text))
    return digits / (digits + sum(map(str.isalpha, text)) or 1)


def readings(word: str, known: frozenset[str]) -> Iterator[str]:
    """Yield what a misread lower-case word may have been, if that is a known word.

    One confusion of each kind is undone at a time, all at once last: "corn" may have been "com",
    "c0m" may have been "com".
    """
    plain = word.translate(_AS_WORD)
    for reading in (plain, word.replace("rn", "m"), plain.replace("rn", "m")):
        for variant in (reading, reading.replace("l", "i"), reading.replace("i", "l")):
            if variant != word and variant in known:
                yield variant


_AS_WORD = str.maketrans(
    {"0": "o", "1": "l", "|": "l", "!": "l", "5": "s", "8": "b", "6": "g", "2": "z"}
)
