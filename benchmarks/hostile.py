# ruff: noqa: E501, RUF001  # a row for each family; the characters themselves are meant
"""Texts made to cost the finders time: families of them, each of any length, from a seed.

A family is a recipe, not a text: what varies in it (digits, letters, labels) is drawn from a
generator with a fixed seed, so that two runs see the same text and no cache of equal strings helps
where real input would not be equal. `mixtures` draws families that nobody wrote down.
"""

import hashlib
import itertools
import random
import string
from collections.abc import Callable, Iterator

from ocr_service.entities.id_schemes import SCHEMES
from ocr_service.entities.id_schemes.arithmetic import icao, luhn

SEED = 3

_LABELS = (
    "Tel: ", "GSM ", "Fax. ", "TC Kimlik No: ", "SSN ", "BSN ", "NIF ", "PESEL ", "Steuer-ID ", "CPF ",
    "Kart No: ", "Visa ", "Plaka ", "Kennzeichen ", "MD5 ", "Date: ", "Invoice no ", "Ref ", "ID ", "N.I.F. ",
)  # fmt: skip
_CONFUSED = "OoQDIl|iZzSsGbBgq0123456789"
_MONTHS = ("may", "März", "octobre", "Ağustos", "set", "dez", "juillet", "Mayıs", "mar", "ocak")
_PIECES = (
    "1", "12", "1234", "0", "00", "+", "+90", "(", ")", ".", ",", "-", "/", ":", ";", "|", " ", "  ", "\n", "\t",
    "@", "a", "l", "O", "B8", "rn", "http://", "www.", ".com", "co.uk", "$", "$2b$12$", "\\", "[.]", "(at)",
    "Tel ", "TC Kimlik ", "Kart No ", "Plaka ", "SSN: ", "may ", "<<", "P<TUR", "deadbeef", "34 ABC ", "é",
    "ı", "１２", "٣٤", "電話", "x", "#", "%", "=", "_", "'", "·",
)  # fmt: skip
_CHARACTERS = "AaZb10.@:/-_()+,;|$%#=&?<>[]{}'\"~*! \n\tüß年月０é|OlS5"

_Pieces = Iterator[str]
Recipe = Callable[[random.Random], _Pieces]


def _digits(chance: random.Random, count: int) -> str:
    return "".join(chance.choices(string.digits, k=count))


def _repeat(piece: str) -> Recipe:
    return lambda _: itertools.repeat(piece)


def _each(make: Callable[[random.Random], str]) -> Recipe:
    return lambda chance: iter(lambda: make(chance), None)


def _filled(chance: random.Random, template: str) -> str:
    """Return a template of an identity number with its digits and letters drawn."""
    return "".join(
        chance.choice(string.digits)
        if char == "9"
        else chance.choice(string.ascii_uppercase)
        if char in "AX"
        else char
        for char in template.lstrip("!").replace("~", " ")
    )


def _card(chance: random.Random) -> str:
    front = "4" + _digits(chance, 14)
    return next(front + last for last in string.digits if luhn(front + last))


def _passport(chance: random.Random) -> str:
    number = "U" + _digits(chance, 8)
    return f"{number}{icao(number)}TUR8001014F3001011{'<' * 14}02\n"


def _credentials(chance: random.Random) -> str:
    return f"user{_digits(chance, 5)}@example{_digits(chance, 2)}.com:Pass{_digits(chance, 4)}!\n"


def _labelled(chance: random.Random) -> str:
    return f"{chance.choice(_LABELS)}{_digits(chance, chance.choice((7, 8, 9, 10, 11, 13, 16)))} "


def _scheme(chance: random.Random) -> str:
    scheme = chance.choice(SCHEMES)
    name = scheme.words.partition(",")[0].rstrip("*") or scheme.name
    return f"{name} {_filled(chance, chance.choice(scheme.layouts))} "


RECIPES: dict[str, Recipe] = {
    # one piece over and over
    "digits": _repeat("1"),
    "dots": _repeat("a."),
    "ats": _repeat("a@"),
    "dots and ats": _repeat("a.b@c."),
    "dashes": _repeat("1-"),
    "spaced digits": _repeat("1 "),
    "groups of four": _repeat("1234 "),
    "groups of three": _repeat("123 "),
    "letters": _repeat("a"),
    "a word without end": _repeat("A1"),
    "slashes": _repeat("http://"),
    "brackets": _repeat("("),
    "pluses": _repeat("+1"),
    "hexadecimal": _repeat("deadbeef01"),
    "colons": _repeat("a:b:"),
    "newlines": _repeat("\n"),
    "dates": _repeat("1/1/1/"),
    "www": _repeat("www."),
    "lines of digits": _repeat("12 34\n"),
    "labelled lines": _repeat("Tel 12\n34 "),
    "parted hosts": _repeat("http://a. b ."),
    "initials": _repeat("N.I.F. "),
    "one telephone number": _repeat("Tel: 5551234567 "),
    "one identity number": _repeat("TC Kimlik No: 10000000146 "),
    "misread digits": _repeat("O1lI|SBZ"),
    "full-width": _repeat("１２３４ ＡＢ "),
    "Arabic digits": _repeat("٠١٢٣٤٥٦٧٨٩ "),
    "crypt marks": _repeat("$2b$12$"),
    "machine-readable zone": _repeat("P<TURA<<B<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<\n"),
    "alternating signs": _repeat("12-34.56/78 90,"),
    # drawn anew each time
    "many digits": _each(lambda c: _digits(c, 1000)),
    "groups drawn": _each(lambda c: _digits(c, c.randint(1, 5)) + c.choice(" -./\n")),
    "labelled numbers": _each(_labelled),
    "telephone numbers": _each(lambda c: f"Tel: 0532{_digits(c, 7)} "),
    "international numbers": _each(lambda c: f"+90532{_digits(c, 7)} "),
    "grouped numbers": _each(
        lambda c: f"(0212) {_digits(c, 3)} {_digits(c, 2)} {_digits(c, 2)}, "
    ),
    "identity numbers of one country": _each(lambda c: f"TC Kimlik No: {_digits(c, 11)} "),
    "nine digits": _each(lambda c: f"ID {_digits(c, 9)} "),
    "identity numbers of every country": _each(_scheme),
    "cards": _each(lambda c: _card(c) + ", "),
    "cards in groups": _each(lambda c: " ".join(map("".join, zip(*[iter(_card(c))] * 4, strict=True))) + "\n"),
    "plates": _each(lambda c: f"34 AB{c.choice(string.ascii_uppercase)} {_digits(c, 3)}\n"),
    "labelled plates": _each(lambda c: f"Plaka AB-{c.choice(string.ascii_uppercase)} {_digits(c, 4)} "),
    "written dates": _each(lambda c: f"{c.randint(1, 28)}.{c.randint(1, 12)}.{c.randint(1950, 2049)} "),
    "months": _each(lambda c: f"{c.choice(_MONTHS)} {c.randint(1, 31)} "),
    "emails": _each(lambda c: f"user{_digits(c, 4)}@example{_digits(c, 3)}.com "),
    "hosts": _each(lambda c: f"host{_digits(c, 4)}.example{_digits(c, 3)}.com "),
    "addresses": _each(lambda c: f"https://h{_digits(c, 4)}.example.com/{_digits(c, 4)} "),
    "userinfo": _each(lambda c: f"http://u{_digits(c, 3)}@example.com:Pa{_digits(c, 3)}s@h.com/x "),
    "digests": _each(lambda c: hashlib.md5(c.randbytes(4), usedforsecurity=False).hexdigest() + "\n"),
    "digests of every length": _each(
        lambda c: c.randbytes(c.choice((16, 20, 28, 32, 48, 64)) // c.choice((1, 2))).hex() + " "
    ),
    "digests in pieces": _each(lambda c: c.randbytes(8).hex() + " " + c.randbytes(8).hex() + "\n"),
    "password hashes": _each(lambda c: f"$1$salt${c.randbytes(11).hex()} "),
    "credentials": _each(_credentials),
    "users": _each(lambda c: f"user{_digits(c, 3)}:Pass{_digits(c, 3)}\n"),
    "three fields": _each(lambda c: f"a{_digits(c, 2)}.com:user{_digits(c, 3)}:Pw{_digits(c, 3)}\n"),
    "passports": _each(_passport),
    "misread runs": _each(lambda c: "".join(c.choices(_CONFUSED, k=c.randint(5, 20))) + " "),
    "labelled misread runs": _each(
        lambda c: c.choice(_LABELS) + "".join(c.choices(_CONFUSED, k=c.randint(7, 16))) + " "
    ),
    "misread dates": _each(lambda c: "/".join("".join(c.choices(_CONFUSED, k=2)) for _ in "dmy") + " "),
    "misread hosts": _each(lambda c: f"a{_digits(c, 3)}.c0rn/{c.choice(_CONFUSED)} "),
    "short lines": _each(lambda c: _digits(c, c.randint(1, 12)) + "\n"),
    "letters and digits": _each(lambda c: "".join(c.choices("AB12", k=c.randint(5, 12))) + " "),
}  # fmt: skip
"""Recipes by name."""


def mixtures(count: int, seed: int = SEED) -> dict[str, Recipe]:
    """Return recipes of a few pieces each, drawn with their order, and varied half of the time."""
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    found: dict[str, Recipe] = {}
    for _ in range(count):
        pieces = chance.choices(_PIECES, k=chance.randint(2, 6))
        kinds = chance.choices(("as it is", "digits"), k=len(pieces))

        def make(c: random.Random, pieces: list[str] = pieces, kinds: list[str] = kinds) -> str:
            return "".join(
                piece + (_digits(c, c.randint(1, 12)) if kind == "digits" else "")
                for piece, kind in zip(pieces, kinds, strict=True)
            )

        found[repr("".join(pieces))] = _each(make)
    return found


def units(count: int, seed: int = SEED) -> Iterator[str]:
    """Draw short strings, to be repeated: what a finder does not part grows without end."""
    chance = random.Random(seed)  # noqa: S311  # not for secrets
    for _ in range(count):
        length = chance.randint(1, 7)
        yield "".join(chance.choices(_CHARACTERS, k=length)) + chance.choice(("", "", *_PIECES))


def text(recipe: Recipe, size: int) -> str:
    """Return the text of a recipe.

    Args:
        recipe: What the text is made of.
        size: Length in code points.
    """
    made: list[str] = []
    length = 0
    for piece in recipe(random.Random(SEED)):  # noqa: S311  # not for secrets
        made.append(piece)
        length += len(piece)
        if length >= size:
            break
    return "".join(made)[:size]
