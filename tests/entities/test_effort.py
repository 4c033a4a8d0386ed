"""What a text may cost is bounded by its length, whatever it is made of.

Time is not measured: the checks that finders make are counted, by the finders themselves and by
the caches before the two libraries.
"""

import importlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import hostile
from ocr_service.entities import ALL_TYPES, EntityType, context, find
from ocr_service.entities.effort import RATE, STORE
from ocr_service.entities.id_schemes import scheme
from ocr_service.entities.pattern import Source
from ocr_service.entities.phone_plans import parsed

SIZE = 30_000
ONE = 100
"""What a single candidate may cost at most."""
CHECKED = (EntityType.ID_NUMBER, EntityType.PHONE_NUMBER, EntityType.PLATE)
TRUE_CHECKS = 40
"""Checks that a true finding needs at most: the schemes that its shape may belong to."""


def _asked() -> int:
    """Return how often the libraries have been asked."""
    return parsed.cache_info().misses + scheme._stdnum.cache_info().misses


def _spent(text: str) -> int:
    """Return what the dearest finder spent; the bounds are asserted."""
    source = Source(text)
    before, found = _asked(), 0
    for kind in CHECKED:
        finder = importlib.import_module(f"ocr_service.entities.{kind.lower()}")
        found += sum(1 for _ in finder.find(source))
    spent = {kind: source.efforts[kind].spent for kind in CHECKED}
    allowance = STORE + RATE * len(text) // 1000
    assert max(spent.values()) <= allowance + ONE
    assert _asked() - before <= sum(spent.values()) + TRUE_CHECKS * found + ONE
    return max(spent.values())


@pytest.mark.parametrize("name", hostile.RECIPES)
def test_checks_that_come_to_nothing_are_bounded(name: str) -> None:
    _spent(hostile.text(hostile.RECIPES[name], SIZE))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_families_that_nobody_wrote_down_are_bounded_too(seed: int) -> None:
    (recipe,) = hostile.mixtures(1, seed).values()
    _spent(hostile.text(recipe, SIZE // 3))


def test_no_word_is_compared_beyond_the_length_of_labels(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    fold = context.fold

    def noted(word: str) -> str:
        compared.append(len(word))
        return fold(word)

    monkeypatch.setattr(context, "fold", noted)
    assert find(f"{'Z7' * SIZE}Tel: +90 532 555 01 23")[0].type is EntityType.PHONE_NUMBER
    assert 0 < max(compared) < 100


def test_the_bound_is_reached() -> None:
    assert _spent(_false()) >= STORE + RATE * 2 * SIZE // 1000


def _false() -> str:
    """Return labelled numbers that many schemes are asked for, mostly in vain."""
    return hostile.text(hostile.RECIPES["nine digits"], 3 * SIZE)


def test_a_long_list_of_true_numbers_is_read_to_its_end() -> None:
    rows = [f"Tel: 0532 {place:07}\n" for place in range(1_230_000, 1_235_000)]
    found = find("".join(rows), types={EntityType.PHONE_NUMBER}, regions=("TR",))
    assert len(found) == len(rows)


def test_what_stands_behind_false_numbers_is_found_after_other_text() -> None:
    text = f"{_false()}\n{'Nothing to see here. ' * 200}\nTC Kimlik No: 10000000146\n"
    (item,) = find(text, types={EntityType.ID_NUMBER})[-1:]
    assert item.value == "10000000146"


def test_the_families_hold_every_type() -> None:
    texts = [hostile.text(recipe, 2000) for recipe in hostile.RECIPES.values()]
    assert {item.type for text in texts for item in find(text)} == ALL_TYPES
