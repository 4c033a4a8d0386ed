"""What a scheme of identity numbers is, and how schemes are looked up by shape."""

import importlib
import itertools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property, lru_cache

from ocr_service.entities.pattern import Shapes, skeleton


class Proof(Enum):
    """How much the format proves by itself; the value is the score of a lone candidate."""

    STRONG = 0.62  # two check digits, or a check digit and a date or letters at fixed places
    DATED = 0.38  # one check digit and a date
    CHECKED = 0.25  # one check digit: one number in ten passes by chance
    FORMAT = 0.05  # nothing to check


@dataclass(frozen=True, slots=True)
class Scheme:
    """One kind of identity number.

    Attributes:
        country: ISO 3166-1 alpha-2 code of the issuer.
        name: Short name.
        layouts: How it is written: 9 a digit, A a letter, X either, ~ a space, a dash or nothing,
            anything else itself. A leading ! marks a layout that nothing else is written in.
        check: A module of python-stdnum, or a function; None where the layout is all there is.
        proof: What the format proves.
        words: What the number is called, and its country, as context words.
        signs: Whether the check sees separators too, not only letters and digits.
    """

    country: str
    name: str
    layouts: tuple[str, ...]
    check: str | Callable[[str], bool] | None
    proof: Proof
    words: str = field(default="", repr=False)
    signs: bool = False

    @property
    def topic(self) -> str:
        """The context topic of the scheme's own words."""
        return f"ID:{self.country}"

    def passes(self, written: str) -> bool:
        """Tell whether a number in one of the layouts passes the check."""
        if self.check is None:
            return True
        if isinstance(self.check, str):
            return _stdnum(self.check, written)
        compact = written if self.signs else "".join(filter(str.isalnum, written))
        return self.check(compact.upper())


@lru_cache(maxsize=256)
def _module(name: str) -> Callable[[str], bool]:
    valid: Callable[[str], bool] = importlib.import_module(f"stdnum.{name}").is_valid
    return valid


@lru_cache(maxsize=4096)
def _stdnum(name: str, written: str) -> bool:
    upper = written.upper()
    compact = "".join(filter(str.isalnum, upper))
    try:
        valid = _module(name)
        return valid(upper) or (compact != upper and valid(compact))
    except (LookupError, ValueError):  # gaps in the tables of the library
        return False


@dataclass(frozen=True, eq=False)
class Layout:
    """One way to write the numbers of a scheme."""

    template: str
    telling: bool
    scheme: Scheme

    @cached_property
    def letters(self) -> tuple[int, int]:
        """How many letters it has at least and at most."""
        either = self.template.count("X")
        letters = sum(map(str.isalpha, self.template)) - either
        return letters, letters + either


def _expand(layout: str) -> Iterable[str]:
    if "~" not in layout:
        return (layout,)
    # separators are used alike within one number
    return tuple(layout.replace("~", sign) for sign in ("", " ", "-"))


_PREFIX = 7


def by_shape(schemes: Iterable[Scheme]) -> dict[str, tuple[Layout, ...]]:
    """Return layouts by their skeleton."""
    table: dict[str, list[Layout]] = {}
    for scheme, layout in itertools.chain.from_iterable(
        ((scheme, layout) for layout in scheme.layouts) for scheme in schemes
    ):
        telling = layout.startswith("!")
        for template in _expand(layout.removeprefix("!")):
            table.setdefault(skeleton(template), []).append(Layout(template, telling, scheme))
    return {shape: tuple(layouts) for shape, layouts in table.items()}


def index(layouts: dict[str, tuple[Layout, ...]]) -> Shapes[tuple[Layout, ...]]:
    """Return the layouts to be looked up in the skeleton of a text."""
    return Shapes(layouts, _PREFIX)
