# ruff: noqa: E501, RUF001  # a row for each case; the characters themselves are meant
"""What holds for every text and every type."""

import importlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocr_service.entities import ALL_TYPES, Entity, EntityType, find, mask
from ocr_service.pb.ocr.v1 import entity_pb2

SAMPLE = (
    "Tel: +90 532 123 45 67, TC Kimlik 75120788930\nKart No 4111 1111 1111 1111 SKT 12/2027\n"
    "Plaka 34 ABC 123, 25.12.2018\nx@example.com https://a.com/b example.org\n"
    "5f4dcc3b5aa765d61d8327deb882cf99\nuser_1:Secret12\n"
)
PIECES = ["1", "12", "1234", ".", "-", "/", ":", " ", "\n", "@", "a", "http://", "www.", "+", "(", ")",
          "com", "$", "\\", "[.]", "|", "O", "\t", "ı", "0", "<", "Tel ", "TC ", "é"]  # fmt: skip
KINDS = sorted(ALL_TYPES)


def _sound(text: str, items: tuple[Entity, ...]) -> None:
    end = 0
    for item in items:
        assert end <= item.start < item.end <= len(text)
        assert item.text == text[item.start : item.end]
        assert len(item.masked) == len(item.text)
        assert 0 <= item.confidence <= 1
        for fix in item.corrections:
            assert 0 <= fix.offset <= len(item.text)
            assert item.text.startswith(fix.recognized, fix.offset)
        end = item.end


def test_finds_every_type() -> None:
    items = find(SAMPLE)
    _sound(SAMPLE, items)
    assert {item.type for item in items} == ALL_TYPES


@given(st.text(max_size=300))
def test_never_fails_on_any_text(text: str) -> None:
    _sound(text, find(text))


@given(st.lists(st.sampled_from(PIECES), max_size=80).map("".join))
def test_never_fails_on_what_looks_like_something(text: str) -> None:
    _sound(text, find(text, regions=("TR", "US")))


@settings(max_examples=25)
@given(st.lists(st.sampled_from(PIECES), min_size=1, max_size=4).map("".join))
def test_a_repeated_pattern_ends(piece: str) -> None:
    text = piece * (
        20_000 // len(piece)
    )  # backtracking that explodes would meet the suite's timeout
    _sound(text, find(text))


@given(st.text(alphabet="0123456789 OlISB-./", max_size=60))
def test_the_same_text_gives_the_same_findings(text: str) -> None:
    assert find(text) == find(text)


@given(st.integers(0, len(SAMPLE)))
def test_a_mask_keeps_length_and_hides_the_value(cut: int) -> None:
    text = SAMPLE[:cut]
    items = find(text)
    masked = mask(text, items)
    assert len(masked) == len(text)
    for item in items:
        assert item.text not in masked


@pytest.mark.parametrize("kind", KINDS)
def test_types_are_selected_after_overlaps_are_settled(kind: EntityType) -> None:
    everything = find(SAMPLE)
    assert find(SAMPLE, types={kind}) == tuple(item for item in everything if item.type is kind)


def test_unsure_words_lower_the_confidence() -> None:
    (sure,) = find("2024-03-15", confidences=lambda _start, _end: 1.0)
    (unsure,) = find("2024-03-15", confidences=lambda _start, _end: 0.2)
    assert unsure.confidence < sure.confidence
    assert find("2024-03-15", min_confidence=0.9, confidences=lambda _start, _end: 0.2) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_every_type_has_a_module_of_the_same_shape(kind: EntityType) -> None:
    module = importlib.import_module(f"ocr_service.entities.{kind.lower()}")
    assert module.TYPE is kind
    assert all(callable(getattr(module, name)) for name in ("find", "judge", "mask"))
    assert Path(__file__).with_name(f"test_{kind.lower()}.py").exists()


def test_the_types_are_those_of_the_wire() -> None:
    names = {name.removeprefix("ENTITY_TYPE_") for name in list(entity_pb2.EntityType.keys())}
    assert names - {"UNSPECIFIED"} == {kind.value for kind in ALL_TYPES}
