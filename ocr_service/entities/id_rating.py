"""How sure each layout of an identity number is, by the words and the place around a candidate.

A rating does not depend on the number itself, so that a page of numbers behind the same label is
rated once.
"""

from dataclasses import dataclass
from functools import lru_cache

from ocr_service.entities import context
from ocr_service.entities.entity import EntityType
from ocr_service.entities.id_schemes import SCHEMES, Layout, Proof, Scheme
from ocr_service.entities.pattern import FLOOR
from ocr_service.entities.surroundings import Surroundings

_BEST = 0.99
_TOPICS = {scheme.topic: scheme.country for scheme in SCHEMES}


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of a place, apart from the number that stands there.

    Attributes:
        left: Topics before it, with their distance in words.
        right: Topics behind it, likewise.
        bare: Whether nothing else stands in the text.
        line: Whether it has its line for itself.
        bar_code: Whether a bar code's check digit fits.
        regions: ISO 3166-1 alpha-2 codes of the request.
    """

    left: tuple[tuple[str, int], ...]
    right: tuple[tuple[str, int], ...]
    bare: bool
    line: bool
    bar_code: bool
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rated:
    """A layout that would be believed at a place.

    Attributes:
        layout: The layout.
        score: How sure it is if the check passes, at most .99.
        named: Whether the scheme's own words stand near.
        repairs: How many misread characters are believed at most.
    """

    layout: Layout
    score: float
    named: bool
    repairs: int

    def may_have(self, letters: int) -> bool:
        """Tell whether a number with so many letters can be one after its repairs."""
        least, most = self.layout.letters
        return least - self.repairs * self.named <= letters <= most + self.repairs


@lru_cache(maxsize=4096)
def rated(layouts: tuple[Layout, ...], place: Place) -> tuple[Rated, ...]:
    """Return the layouts that reach the floor at a place, the surest first."""
    around = Surroundings(dict(place.left), dict(place.right))
    lonely = not (place.left or place.right or place.regions or place.bare)
    countries = {_TOPICS[topic] for topic in around.left if topic in _TOPICS}
    generic = around.strength(EntityType.ID_NUMBER)
    found = []
    for layout in layouts:
        scheme = layout.scheme
        if lonely and not (layout.telling or scheme.proof is Proof.STRONG):
            continue
        if countries and scheme.country not in countries:
            continue
        named = _named(around, scheme)
        score = min(_score(place, around, layout, named, generic), _BEST)
        if score >= FLOOR:
            sure = generic + named > 0 or place.bare
            found.append(Rated(layout, score, named > 0, _repairs(scheme, named, sure=sure)))
    return tuple(sorted(found, key=lambda one: -one.score))


def _repairs(scheme: Scheme, named: float, *, sure: bool) -> int:
    if scheme.proof is Proof.FORMAT or not (sure or scheme.proof is Proof.STRONG):
        return 0
    return 3 if scheme.proof is Proof.STRONG and named else 2


def _named(around: Surroundings, scheme: Scheme) -> float:
    distance = around.distance(f"{scheme.topic}:{scheme.name}")
    return 1.0 if distance <= 3 else 0.7 if distance < 20 else 0.0


def _score(
    place: Place, around: Surroundings, layout: Layout, named: float, generic: float
) -> float:
    scheme = layout.scheme
    country = 0.2 * (around.distance(scheme.topic) < 20)
    score = scheme.proof.value + max(0.5 * named, country + 0.3 * generic)
    score += 0.4 * layout.telling
    if place.bare:
        grouped = sum(not char.isalnum() for char in layout.template) > 1
        lone = 0.1 if scheme.proof is Proof.FORMAT and not layout.telling else 0.3
        score += 0.38 if grouped and scheme.proof is Proof.FORMAT else lone
    if scheme.country in place.regions:
        score += 0.12
        if scheme.proof is Proof.CHECKED and place.line:
            score += 0.1
    rival = around.rival(EntityType.ID_NUMBER)
    if layout.template.isdigit() and score < 0.7 and not place.bare and place.bar_code:
        score -= 0.3  # a bar code has the same length
    if rival is not None and around.left.get(scheme.topic, 99) > around.left[rival]:
        score -= 0.5 if scheme.proof is not Proof.STRONG or rival == context.OTHER else 0.25
    return score
