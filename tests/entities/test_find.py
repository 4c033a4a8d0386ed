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


MANY = {
    EntityType.CREDIT_CARD_NUMBER: ["4111 1111 1111 1111", "5500 0000 0000 0004", "340000000000009"],
    EntityType.PHONE_NUMBER: ["0532 345 67 89", "(415) 555-2671", "+44 20 7946 0958"],
    EntityType.DATE: ["25.12.2018", "2024-03-15", "07/04/1999", "3 March 2021", "31.01.24"],
    EntityType.EMAIL: ["ann@example.com", "bob.lee@example.org"],
    EntityType.DOMAIN: ["shop.example.com", "example.org"],
    EntityType.HASH: ["5f4dcc3b5aa765d61d8327deb882cf99"],
    EntityType.PLATE: ["34 ABC 123", "06 AB 789"],
}  # fmt: skip


@pytest.mark.parametrize("delimiter", [", ", "; ", "\t", " | ", ",", ";", "|"])
@pytest.mark.parametrize("kind", MANY)
def test_a_list_on_one_line_is_found_however_long(kind: EntityType, delimiter: str) -> None:
    values = MANY[kind] * 100
    assert [item.text for item in find(delimiter.join(values), types={kind})] == values


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
@given(st.permutations([*MANY, None]), st.integers(0, 4))
def test_a_table_without_spaces_is_found_whole(
    delimiter: str, order: list[EntityType | None], which: int
) -> None:
    columns = [MANY[kind][which % len(MANY[kind])] if kind else "12.50" for kind in order]
    found = find("\n".join([delimiter.join(columns)] * 3))
    assert [(item.type, item.text) for item in found] == [
        (kind, value) for kind, value in zip(order, columns, strict=True) if kind
    ] * 3


NAMES = {
    EntityType.CREDIT_CARD_NUMBER: "card_number", EntityType.PHONE_NUMBER: "phone", EntityType.DATE: "birth_date",
    EntityType.EMAIL: "email", EntityType.DOMAIN: "host", EntityType.HASH: "md5", EntityType.PLATE: "plate",
}  # fmt: skip


@pytest.mark.parametrize(
    ("field", "between"),
    [
        pytest.param('"{name}":"{value}"', ",", id="json"),
        pytest.param("<{name}>{value}</{name}>", "", id="xml"),
        pytest.param("<td>{value}</td>", "", id="html"),
        pytest.param("'{value}'", ",", id="sql"),
        pytest.param('{name}="{value}"', " ", id="logfmt"),
        pytest.param("{name}={value}", "\n", id="ini"),
        pytest.param("{name}={value}", "&", id="query"),
        pytest.param("{name}: {value}", "\n", id="yaml"),
        pytest.param("({value})", " ", id="brackets"),
        pytest.param("[{value}]", "", id="log"),
        pytest.param("{value}", " & ", id="tex"),
        pytest.param("- {value}", "\r\n", id="list"),
    ],
)
@given(st.permutations(list(MANY)), st.integers(0, 4))
def test_values_are_found_as_programs_write_them(
    field: str, between: str, order: list[EntityType], which: int
) -> None:
    values = [MANY[kind][which % len(MANY[kind])] for kind in order]
    fields = [
        field.format(name=NAMES[kind], value=value)
        for kind, value in zip(order, values, strict=True)
    ]
    assert [(item.type, item.text) for item in find(between.join(fields))] == [
        *zip(order, values, strict=True)
    ]


@pytest.mark.parametrize(
    ("text", "kind", "expected"),
    [
        ("http://news.example.com/article/0,,9065-2473189,00.html", EntityType.URL, None),
        ("see http://example.com/a,b,c,d,2018 for more", EntityType.URL, "http://example.com/a,b,c,d,2018"),
        ("4111111111111111|12|2027|123", EntityType.CREDIT_CARD_NUMBER, "4111111111111111"),
        ("ann@example.com|Secret12\n" * 4, EntityType.COMBOLIST, "ann@example.com|Secret12"),
    ],
)  # fmt: skip
def test_what_only_looks_like_a_row_stays_whole(
    text: str, kind: EntityType, expected: str | None
) -> None:
    values = [item.text for item in find(text, types={kind})]
    assert (values[0] if values else "") == (text if expected is None else expected)


@pytest.mark.parametrize("delimiter", [",", ";", "|", "\t"])
@given(st.permutations(["phone", "invoice", "tc kimlik", "name", "city"]), st.integers(1, 4))
def test_the_first_line_names_the_columns(delimiter: str, names: list[str], rows: int) -> None:
    """Bare digits are what their column says, in every row, and not what the next one says."""
    numbers = {"phone": "05325554433", "invoice": "05325554431", "tc kimlik": "10000000146"}
    row = [numbers.get(name, "x") for name in names]
    found = find("\n".join(delimiter.join(cells) for cells in [names, *[row] * rows]))
    named = [name for name in names if name in {"phone", "tc kimlik"}]
    assert [item.text for item in found] == [numbers[name] for name in named] * rows


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
