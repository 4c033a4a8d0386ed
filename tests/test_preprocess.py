"""Preparing pages: the way back is exact, and measures of a page are right."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service import preprocess
from ocr_service.options import Preprocessing
from ocr_service.preprocess import ink, measure, steps
from ocr_service.preprocess.view import View
from ocr_service.results import Block, BoundingPoly, Line, Point, Word
from tests import drawn

Step = Callable[[View], View]

STEPS = st.one_of(
    st.sampled_from([90, 180, 270]).map(lambda turn: lambda view: steps.turn(view, turn)),
    st.floats(-15, 15).map(lambda angle: lambda view: steps.rotate(view, angle)),
    st.floats(0.3, 3).map(lambda factor: lambda view: steps.rescale(view, factor)),
    st.integers(0, 9).map(lambda margin: lambda view: steps.pad(view, margin)),
    st.sampled_from([steps.invert, steps.blur, steps.equalize, ink.clahe, ink.erase_rules]),
    st.tuples(st.integers(0, 5), st.integers(0, 5)).map(
        lambda corner: lambda view: view.crop(*corner, view.width, view.height)
    ),
)


@given(
    width=st.integers(20, 90),
    height=st.integers(20, 90),
    chain=st.lists(STEPS, max_size=4),
    point=st.tuples(st.floats(0, 20), st.floats(0, 20)),
)
def test_a_point_mapped_there_and_back_is_itself(
    width: int, height: int, chain: list[Step], point: Point
) -> None:
    view = View.of(np.full((height, width), 200, np.uint8))
    for step in chain:
        view = step(view)
    assert view.point_to_page(view.point_from_page(point)) == pytest.approx(point, abs=1e-6)
    assert view.pixels.dtype == np.uint8
    assert view.pixels.flags.c_contiguous


@pytest.mark.parametrize("turned", [0, 90, 180, 270])
def test_a_turn_moves_pixels_where_the_mapping_says(turned: int) -> None:
    pixels = np.arange(12, dtype=np.uint8).reshape(3, 4)
    view = steps.turn(View.of(pixels), turned)
    for y in range(view.height):
        for x in range(view.width):
            there = view.point_to_page((x + 0.5, y + 0.5))
            assert view.pixels[y, x] == pixels[int(there[1]), int(there[0])]


@pytest.mark.parametrize(
    "step",
    [
        pytest.param(lambda view: steps.rescale(view, 3.0), id="enlarge"),
        pytest.param(lambda view: steps.rescale(view, 0.5), id="shrink"),
        pytest.param(lambda view: steps.rotate(view, 9.0), id="clockwise"),
        pytest.param(lambda view: steps.rotate(view, -15.0), id="counter-clockwise"),
        pytest.param(lambda view: steps.pad(view, 7), id="pad"),
        pytest.param(lambda view: view.crop(20, 30, 120, 150), id="crop"),
    ],
)
def test_a_dot_is_where_the_mapping_says(step: Step) -> None:
    pixels = np.full((200, 160), 255, np.uint8)
    pixels[80:92, 60:72] = 0
    view = step(View.of(pixels))
    ink_y, ink_x = np.nonzero(view.pixels < 128)
    centre = (float(ink_x.mean()) + 0.5, float(ink_y.mean()) + 0.5)
    assert view.point_to_page(centre) == pytest.approx((66, 86), abs=0.2)


def test_boxes_are_clipped_into_the_page() -> None:
    view = steps.pad(View.of(np.full((50, 100), 255, np.uint8)), 10)
    box = BoundingPoly.box(0, 0, 120, 70)
    (block,) = view.blocks_to_page((Block((Line((Word("x", box, 1.0),), box),), box),))
    everything = BoundingPoly.box(0, 0, 100, 50)
    assert block.poly == block.lines[0].poly == block.lines[0].words[0].poly == everything


@pytest.mark.parametrize("size", [12, 20, 34, 60])
def test_print_gets_the_height_that_reads_best(size: int) -> None:
    view = preprocess.apply(drawn.page(size=size).pixels, Preprocessing.AUTO)
    height = measure.letters(view.pixels).print_height
    assert height == pytest.approx(ink.PRINT_HEIGHT, rel=0.3)


@pytest.mark.parametrize("angle", [-15, -8, -3, -1, 0, 2, 5, 11, 15])
def test_skew_is_measured(angle: int) -> None:
    letters = measure.letters(drawn.page().turned(angle).pixels)
    assert measure.skew_degrees(letters) == pytest.approx(angle, abs=0.4)


@pytest.mark.parametrize("light", [False, True])
def test_light_print_on_a_dark_page_is_told(light: bool) -> None:
    page = drawn.page().inverted() if light else drawn.page()
    found = measure.letters(page.pixels)
    assert measure.is_light_on_dark(page.pixels, found) is light


def test_a_dark_table_under_a_light_receipt_is_no_dark_page() -> None:
    receipt = drawn.page(size=20).pixels
    photo = np.full((receipt.shape[0] * 2, receipt.shape[1] * 2), 30, np.uint8)
    photo[50 : 50 + receipt.shape[0], 50 : 50 + receipt.shape[1]] = receipt
    assert not measure.is_light_on_dark(photo, measure.letters(photo))


COLUMN = tuple(sentence[:32] for sentence in drawn.SENTENCES * 4)


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        pytest.param(drawn.page(COLUMN).pixels, False, id="one"),
        pytest.param(np.hstack([drawn.page(COLUMN).pixels] * 2), True, id="two"),
        pytest.param(np.hstack([drawn.page(COLUMN).pixels] * 3), True, id="three"),
        pytest.param(
            np.hstack([drawn.page(COLUMN).pixels, drawn.page(("9.00",) * 32).pixels]),
            False,
            id="prices",
        ),
    ],
)
def test_columns_of_prose_are_told_from_rows(pixels: drawn.Pixels, expected: bool) -> None:
    assert preprocess.apply(pixels, Preprocessing.AUTO).columns is expected


def test_rules_are_erased_and_letters_stay() -> None:
    plain = drawn.page(size=32)
    ruled = plain.pixels.copy()
    ruled[30:33, :] = 0
    ruled[:, 20:22] = 0
    cleaned = ink.erase_rules(View.of(ruled)).pixels
    assert cleaned[30:33].min() > 200
    assert cleaned[:, 20:22].min() > 200
    assert np.array_equal(cleaned[50:, 50:], plain.pixels[50:, 50:])


def test_light_print_on_a_dark_band_is_inverted() -> None:
    page = drawn.page(drawn.SENTENCES * 2, size=20)
    banded = page.pixels.copy()
    banded[200:300] = 255 - banded[200:300]
    restored = ink.invert_dark_bands(View.of(banded)).pixels
    assert np.array_equal(restored[210:290, 20:-20], page.pixels[210:290, 20:-20])
    assert np.array_equal(restored[:180], page.pixels[:180])


@pytest.mark.parametrize("how", list(Preprocessing))
@pytest.mark.parametrize("turned", [0, 90, 180, 270])
@pytest.mark.parametrize("shape", [(1, 1), (1, 400), (300, 2), (40, 50, 3)])
def test_any_page_can_be_prepared(shape: tuple[int, ...], turned: int, how: Preprocessing) -> None:
    pixels = np.random.default_rng(7).integers(0, 256, shape, dtype=np.uint8)
    pixels.flags.writeable = False
    view = preprocess.apply(pixels, how, turned)
    assert view.pixels.size > 0
    assert (view.page_width, view.page_height) == (shape[1], shape[0])


def test_none_leaves_the_page_alone() -> None:
    pixels = drawn.page().pixels
    assert preprocess.apply(pixels, Preprocessing.NONE).pixels is pixels
