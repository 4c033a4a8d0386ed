# ruff: noqa: RUF001, E501  # a row for each format; letters as they are written there
"""Month names of English, Turkish, German, French, Spanish, Italian, Portuguese and Dutch.

The wide and abbreviated forms of the Unicode CLDR, compared as context words are: without case,
accents and the differences that engines do not see, so "Septernber" and "0ctober" are read.
"""

from functools import lru_cache

from ocr_service.entities.context import fold

_NAMES = (
    "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari ocak oca",
    "february feb febr februar feber février févr fév febrero febbraio fevereiro fev februari şubat şub",
    "march mar märz mär mrz mars marzo março maart mrt mart",
    "april apr avril avr abril abr aprile nisan nis",
    "may mai mayo maggio mag maio mei mayıs may",
    "june jun juni juin junio giugno giu junho haziran haz",
    "july jul juli juillet juil julio luglio lug julho temmuz tem",
    "august aug août aou aout agosto ago augustus ağustos ağu",
    "september sep sept septembre septiembre settembre set setembro eylül eyl setiembre",
    "october oct oktober okt octobre octubre ottobre ott outubro out ekim eki",
    "november nov novembre noviembre novembro kasım kas",
    "december dec dezember dez décembre déc diciembre dic dicembre dezembro aralık ara",
)  # fmt: skip
ENGLISH = frozenset(
    map(
        fold,
        [
            "january",
            "february",
            "march",
            "april",
            "may",
            "june",
            "july",
            "august",
            "september",
            "october",
            "november",
            "december",
            "jan",
            "feb",
            "mar",
            "apr",
            "jun",
            "jul",
            "aug",
            "sep",
            "sept",
            "oct",
            "nov",
            "dec",
        ],
    )
)
"""Names that stand before their day."""
_MONTHS = {
    fold(name): number for number, names in enumerate(_NAMES, start=1) for name in names.split()
}


@lru_cache(maxsize=2048)
def month_of(word: str) -> int:
    """Return the month that a word names, 1 to 12, or 0."""
    return _MONTHS.get(fold(word), 0)
