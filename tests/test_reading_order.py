"""Reading order: as a person would read it aloud, whatever order and frame the lines come in."""

import random
from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.deadline import Deadline
from ocr_service.engines.tesseract import Tesserocr
from ocr_service.options import Segmentation
from ocr_service.reading_order import arrange
from ocr_service.results import BoundingPoly, Line, Point, Word
from tests import drawn, layouts
from tests.layouts import Sheet, moved, piece, skewed

Layout = Callable[[Sheet], None]
SEEDS = st.integers(0, 10_000)
LAYOUT = st.sampled_from(layouts.LAYOUTS)


def box(text: str, left: float, top: float, right: float, bottom: float) -> Line:
    poly = BoundingPoly.box(left, top, right, bottom)
    return Line(tuple(Word(word, poly, 0.9) for word in text.split()), poly)


def texts(lines: Sequence[Line]) -> list[str]:
    return [line.text for block in arrange(lines) for line in block.lines]


def words(lines: Sequence[Line]) -> list[Word]:
    return [word for line in lines for word in line.words]


def shuffled(rows: list[layouts.Row], seed: int) -> list[Line]:
    lines = [line for row in rows for line in row]
    random.Random(seed).shuffle(lines)  # noqa: S311  # not for secrets
    return lines


def expected(rows: list[layouts.Row]) -> list[str]:
    return [" ".join(line.text for line in row) for row in rows]


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("degrees", [0, -5, 2, 5])
@pytest.mark.parametrize("layout", layouts.LAYOUTS, ids=lambda layout: layout.__name__)
def test_layouts_are_read_as_a_person_reads_them(layout: Layout, degrees: float, seed: int) -> None:
    rows = layouts.rows_of(layout, seed)
    lines = [skewed(line, degrees) for line in shuffled(rows, seed)]
    assert texts(lines) == expected(rows)


@pytest.mark.parametrize("layout", layouts.LAYOUTS, ids=lambda layout: layout.__name__)
def test_a_line_that_comes_in_pieces_is_put_together(layout: Layout) -> None:
    rows = layouts.rows_of(layout, 4)
    lines = [part for line in shuffled(rows, 4) for part in layouts.split(line, 2)]
    assert texts(lines) == expected(rows)


@given(LAYOUT, SEEDS)
def test_each_word_comes_once(layout: Layout, seed: int) -> None:
    lines = shuffled(layouts.rows_of(layout, seed), seed)
    assert Counter(words([line for b in arrange(lines) for line in b.lines])) == Counter(
        words(lines)
    )


corner = st.tuples(st.integers(0, 300), st.integers(0, 300))
quads = st.tuples(corner, corner, corner, corner)
anything = st.lists(
    st.tuples(st.text("ab1 .ש語", min_size=1, max_size=9), quads), min_size=0, max_size=30
)


def line_of(text: str, corners: tuple[Point, Point, Point, Point]) -> Line:
    poly = BoundingPoly(corners)
    return Line(tuple(Word(word, poly, 0.5) for word in text.split() or ["."]), poly)


@given(anything, st.randoms(use_true_random=False))
def test_boxes_of_any_shape_are_ordered_whatever_order_they_come_in(
    found: list[tuple[str, tuple[Point, Point, Point, Point]]], source: random.Random
) -> None:
    lines = [line_of(text, corners) for text, corners in found]
    arranged = arrange(lines)
    assert Counter(words([line for b in arranged for line in b.lines])) == Counter(words(lines))
    source.shuffle(lines)
    assert arrange(lines) == arranged


@given(
    LAYOUT,
    SEEDS,
    st.floats(0.1, 10),
    st.tuples(st.floats(-3000, 3000), st.floats(-3000, 3000)),
    st.floats(-5, 5),
)
def test_place_size_and_tilt_of_the_page_change_nothing(
    layout: Layout, seed: int, scale: float, shift: Point, degrees: float
) -> None:
    lines = shuffled(layouts.rows_of(layout, seed), seed)
    placed = [
        moved(
            skewed(line, degrees),
            lambda p: (p[0] * scale + shift[0], p[1] * scale + shift[1]),
        )
        for line in lines
    ]
    assert texts(placed) == texts(lines)


ROWS: dict[str, tuple[list[Line], list[str]]] = {
    "nothing": ([], []),
    "one line": ([box("Hello there", 5, 5, 90, 20)], ["Hello there"]),
    "item and price": (
        [box("9.00", 300, 11, 340, 29), box("ITEM", 0, 10, 60, 30)],
        ["ITEM 9.00"],
    ),
    "a larger total on the same base line": (
        [box("TOTAL", 0, 20, 60, 40), box("99.00", 200, 4, 320, 42)],
        ["TOTAL 99.00"],
    ),
    "boxes that overlap are lines below one another": (
        [box("upper line", 0, 0, 100, 30), box("lower line", 4, 14, 104, 44)],
        ["upper line", "lower line"],
    ),
    "the nearer of two rows": (
        [
            box("first", 0, 0, 60, 20),
            box("second", 0, 22, 60, 42),
            box("1.00", 200, 5, 240, 25),
            box("2.00", 200, 27, 240, 47),
        ],
        ["first 1.00", "second 2.00"],
    ),
    "pieces of right-to-left script": (
        [box("שם משפחה", 300, 0, 400, 20), box("כהן", 0, 1, 50, 21)],
        ["שם משפחה כהן"],
    ),
    "stacked characters, columns from the right": (
        [box("日本語", 100, 0, 120, 60), box("縦書き", 70, 0, 90, 60)],
        ["日本語", "縦書き"],
    ),
}


@pytest.mark.parametrize(("lines", "rows"), ROWS.values(), ids=ROWS)
def test_rows(lines: list[Line], rows: list[str]) -> None:
    assert texts(lines) == rows
    assert texts(lines[::-1]) == rows


def test_a_joined_line_spans_its_pieces_and_a_single_one_stays_as_it_is() -> None:
    alone = box("alone", 3, 100, 50, 118)
    (first,), (second,) = (
        block.lines for block in arrange([box("b", 80, 12, 90, 33), alone, box("a", 0, 10, 9, 30)])
    )
    assert first.poly == BoundingPoly.box(0, 10, 90, 33)
    assert second is alone


def test_boxes_without_extent_are_kept() -> None:
    lines = [box("a", 0, 0, 0, 0), box("b", 0, 0, 0, 0), box("c", 5, 0, 5, 9), box("d", 0, 3, 9, 3)]
    assert sorted(word.text for word in words([x for b in arrange(lines) for x in b.lines])) == [
        *"abcd"
    ]


@pytest.mark.parametrize("turn", [1, 2, 3])
def test_text_that_runs_another_way_comes_last_in_a_block_of_its_own(turn: int) -> None:
    def turned(point: Point) -> Point:
        for _ in range(turn):
            point = (-point[1], point[0])
        return point

    rows = layouts.rows_of(layouts.one_column, 0)
    margin = moved(piece("FILE COPY 87672097", 40, 7, 15), turned)
    blocks = arrange([margin, *shuffled(rows, 0)])
    assert [line.text for block in blocks[:-1] for line in block.lines] == expected(rows)
    assert blocks[-1].lines == (margin,)


def test_paragraphs_are_blocks() -> None:
    lines = [box(f"line {y}", 0, y, 100, y + 20) for y in (0, 28, 56, 110, 138, 220)]
    assert [len(block.lines) for block in arrange(lines)] == [3, 2, 1]


def test_columns_of_a_right_to_left_script_begin_at_the_right() -> None:
    sentence = "הספינה יצאה מן הנמל"
    lines = [
        box(f"{sentence} {name}", left, y, left + 200, y + 20)
        for left, name in ((300, "ראשון"), (0, "שני"))
        for y in range(0, 280, 28)
    ]
    assert [text.split()[-1] for text in texts(lines)] == ["ראשון"] * 10 + ["שני"] * 10


@pytest.mark.parametrize("segmentation", [Segmentation.AUTO, Segmentation.SINGLE_BLOCK])
def test_three_columns_are_read_one_after_the_other_in_either_mode(
    segmentation: Segmentation,
) -> None:
    columns = [
        drawn.page(drawn.SENTENCES[turn:] + drawn.SENTENCES[:turn], size=24, margin=30)
        for turn in (0, 3, 5)
    ]
    pixels = np.hstack([column.pixels for column in columns])
    blocks = Tesserocr().recognize(pixels, ("en",), segmentation, Deadline.after(60))
    found = [word.text for block in blocks for line in block.lines for word in line.words]
    assert found == [word for column in columns for word in column.text]
