"""Documents read from bytes to results, with every word where it stands on the submitted page."""

import io
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ocr_service import engines, pipeline
from ocr_service.deadline import Deadline
from ocr_service.engines import Engine
from ocr_service.errors import DeadlineExceeded, LanguageNotInstalled
from ocr_service.images import Limits
from ocr_service.options import Options, Preprocessing, Segmentation
from ocr_service.results import Document, Word
from tests import drawn
from tests.drawn import Drawn


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engines.load("tesseract")


def png(*pages: Image.Image) -> bytes:
    buffer = io.BytesIO()
    if len(pages) == 1:
        pages[0].save(buffer, "PNG")
    else:
        pages[0].save(buffer, "TIFF", save_all=True, append_images=pages[1:])
    return buffer.getvalue()


DEFAULTS = Options()


def run(
    engine: Engine, content: bytes, options: Options = DEFAULTS, seconds: float = 100
) -> Document:
    return pipeline.run(content, "", options, Limits(), Deadline.after(seconds), [engine])


def assert_words_stand_where_drawn(found: list[Word], page: Drawn, tolerance: float) -> None:
    assert [word.text for word in found] == page.text
    for word, (_, corners) in zip(found, page.words, strict=True):
        expected = np.array(corners)
        vertices = np.array(word.poly.vertices)
        assert vertices == pytest.approx(expected, abs=2 * tolerance)
        assert vertices.mean(axis=0) == pytest.approx(expected.mean(axis=0), abs=tolerance)


CHANGES: dict[str, tuple[Callable[[Drawn], Drawn], int]] = {
    "as drawn": (lambda page: page, 0),
    "small": (lambda page: page.scaled(0.4), 0),
    "large": (lambda page: page.scaled(3.5), 0),
    "light on dark": (Drawn.inverted, 0),
    "turned right": (lambda page: page.turned(90), 270),
    "upside down": (lambda page: page.turned(180), 180),
    "turned left": (lambda page: page.turned(270), 90),
    "skewed 2": (lambda page: page.turned(2), 0),
    "skewed -5": (lambda page: page.turned(-5), 0),
    "skewed 10": (lambda page: page.turned(10), 0),
    "skewed -15": (lambda page: page.turned(-15), 0),
    "skewed 15": (lambda page: page.turned(15), 0),
    "skewed and upside down": (lambda page: page.turned(173), 180),
    "skewed and turned right": (lambda page: page.turned(94), 270),
    "skewed, small, light on dark": (lambda page: page.turned(4).scaled(0.5).inverted(), 0),
    "upside down, light on dark": (lambda page: page.turned(180).inverted(), 180),
}


@pytest.mark.parametrize(("change", "rotation"), CHANGES.values(), ids=CHANGES)
def test_words_stand_where_they_were_drawn(
    engine: Engine, change: Callable[[Drawn], Drawn], rotation: int
) -> None:
    page = change(drawn.page())
    (found,) = run(engine, png(page.image)).pages
    assert found.rotation_degrees == rotation
    assert (found.width, found.height) == page.image.size
    height = math.dist(page.words[0][1][3], page.words[0][1][0])
    assert_words_stand_where_drawn(list(found.words), page, tolerance=max(1.5, 0.12 * height))
    assert [warning.reason for warning in found.warnings] == ["PAGE_ROTATED"] * bool(rotation)


def test_a_dark_band_is_read_too(engine: Engine) -> None:
    page = drawn.page()
    pixels = page.pixels.copy()
    pixels[55:120] = 255 - pixels[55:120]
    document = run(engine, png(Image.fromarray(pixels)))
    assert document.text.split() == page.text


def test_columns_are_read_one_after_the_other(engine: Engine) -> None:
    left = drawn.page(drawn.SENTENCES * 2, size=24, margin=30)
    right = drawn.page(drawn.SENTENCES[::-1] * 2, size=24, margin=30)
    document = run(engine, png(Image.fromarray(np.hstack([left.pixels, right.pixels]))))
    assert document.text.split() == left.text + right.text


def test_rows_are_read_across(engine: Engine) -> None:
    items = drawn.page(("Milk", "Bread", "Umbrella", "Cheese"))
    prices = drawn.page(("4.20", "3.75", "21.00", "8.15"))
    document = run(engine, png(Image.fromarray(np.hstack([items.pixels, prices.pixels]))))
    rows = [line.split() for line in document.text.splitlines() if line]
    assert rows == [list(row) for row in zip(items.text, prices.text, strict=True)]


@pytest.mark.parametrize("how", list(Preprocessing))
def test_every_preprocessing_reads_a_clean_page(engine: Engine, how: Preprocessing) -> None:
    page = drawn.page()
    (found,) = run(engine, png(page.image), Options(preprocessing=how)).pages
    assert [word.text for word in found.words] == page.text


@pytest.mark.parametrize(
    ("segmentation", "line"),
    [(Segmentation.SINGLE_LINE, "Number 4471 harbour"), (Segmentation.SINGLE_WORD, "umbrella")],
)
def test_segmentation_reaches_the_engine(
    engine: Engine, segmentation: Segmentation, line: str
) -> None:
    document = run(
        engine, png(drawn.page((line,), margin=20).image), Options(segmentation=segmentation)
    )
    assert document.text == line


def test_several_pages(engine: Engine) -> None:
    pages = [drawn.page((line,)).image for line in drawn.SENTENCES[:3]]
    document = run(engine, png(*pages))
    assert document.text.split("\f") == list(drawn.SENTENCES[:3])
    assert (document.mime_type, document.page_count) == ("image/tiff", 3)
    assert document.engine == "tesseract"
    chosen = run(engine, png(*pages), Options(pages=(3, 1)))
    assert [page.number for page in chosen.pages] == [1, 3]
    assert chosen.page_count == 3


def test_time_is_told_by_stage(engine: Engine) -> None:
    times = run(engine, png(drawn.page().image)).times
    assert times.recognize > 0
    assert times.preprocess > 0
    assert times.decode > 0
    assert times.find_entities > 0


@pytest.mark.parametrize("level", [0, 128, 255])
def test_a_page_without_text_has_no_blocks(engine: Engine, level: int) -> None:
    document = run(engine, png(Image.new("L", (400, 300), level)))
    assert document.pages[0].blocks == ()
    assert document.pages[0].warnings == ()
    assert document.text == ""


def test_words_below_the_confidence_are_left_out(engine: Engine) -> None:
    content = png(drawn.page().image)
    every = run(engine, content)
    middle = sorted(word.confidence for word in every.pages[0].words)[20]
    some = run(engine, content, Options(min_confidence=middle))
    expected = [word for word in every.pages[0].words if word.confidence >= middle]
    assert list(some.pages[0].words) == expected
    assert run(engine, content, Options(min_confidence=1.0)).pages[0].blocks == ()


def test_a_page_that_reads_badly_says_so(engine: Engine) -> None:
    rng = np.random.default_rng(5)
    faint = drawn.page(size=12).pixels.astype(np.int16)
    noisy = np.clip(faint * 0.5 + rng.normal(60, 70, faint.shape), 0, 255).astype(np.uint8)
    (page,) = run(engine, png(Image.fromarray(noisy))).pages
    assert "LOW_CONFIDENCE" in [warning.reason for warning in page.warnings]


@pytest.mark.parametrize("preprocessing", list(Preprocessing))
def test_the_deadline_ends_the_work(engine: Engine, preprocessing: Preprocessing) -> None:
    content = png(drawn.page(drawn.SENTENCES * 30, size=24).image)
    with pytest.raises(DeadlineExceeded):
        run(engine, content, Options(preprocessing=preprocessing), seconds=0.5)


def test_a_missing_language_is_refused(engine: Engine) -> None:
    with pytest.raises(LanguageNotInstalled):
        run(engine, png(drawn.page().image), Options(languages=("xx",)))


def test_the_same_page_reads_the_same_whatever_came_before(engine: Engine) -> None:
    content = png(drawn.page(size=14).image)
    first = run(engine, content).pages
    run(engine, png(drawn.page().turned(90).image))
    run(engine, png(drawn.page(size=60).inverted().image))
    assert run(engine, content).pages == first


def test_real_files_of_odd_forms_read_in_full(engine: Engine, shared_data: Path) -> None:
    """One text, turned in its pixels, turned by tags, in black and white."""
    folder = shared_data / "formats"
    entries = json.loads((folder / "manifest.json").read_text())["files"]
    text = next(entry["text"] for entry in entries if entry["file"] == "pyt_test.bmp")
    same = [entry["file"] for entry in entries if entry["text"] == text]
    names = [name for name in same if any(part in name for part in ("rotated", "exif", "1bit"))]
    assert len(names) > 5
    for name in names:
        document = run(engine, (folder / name).read_bytes())
        assert document.pages[0].text.split() == text.split(), name
