"""One contract, kept by RapidOCR and by both ways to Tesseract."""

import os
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from ocr_service import engines
from ocr_service.deadline import Deadline
from ocr_service.engines import Engine, languages, tessdata
from ocr_service.engines.rapidocr import RapidOcr
from ocr_service.engines.tesseract import Tesserocr
from ocr_service.engines.tesseract_program import TesseractProgram
from ocr_service.errors import DeadlineExceeded, EngineNotInstalled, LanguageNotInstalled
from ocr_service.options import Segmentation
from tests import drawn
from tests.engine_reading import read, texts_of

Make = Callable[[], Engine]


@pytest.fixture(scope="module", params=[Tesserocr, TesseractProgram, RapidOcr])
def engine(request: pytest.FixtureRequest) -> Engine:
    made: Engine = request.param()
    return made


def test_it_is_an_engine(engine: Engine) -> None:
    assert isinstance(engine, Engine)
    assert engine.name in engines.KINDS
    assert engine.version[0].isdigit()


def test_languages_are_tags_and_only_languages(engine: Engine) -> None:
    found = engine.languages()
    assert {"en", "tr"} <= set(found)
    assert "osd" not in found
    assert list(found) == sorted(found)


def test_words_lines_and_places(engine: Engine) -> None:
    page = drawn.page()
    blocks = read(engine, page.pixels)
    lines = [line.text for block in blocks for line in block.lines]
    assert lines == list(drawn.SENTENCES)
    found = [word for block in blocks for line in block.lines for word in line.words]
    for word, (text, corners) in zip(found, page.words, strict=True):
        assert word.text == text
        assert 0.5 < word.confidence <= 1
        assert np.array(word.poly.vertices) == pytest.approx(np.array(corners), abs=4)


def test_colour_reads_as_grey_does(engine: Engine) -> None:
    grey = drawn.page().pixels
    assert texts_of(read(engine, np.dstack([grey] * 3))) == texts_of(read(engine, grey))


@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(np.full((300, 400), 255, np.uint8), id="white"),
        pytest.param(np.zeros((300, 400), np.uint8), id="black"),
        pytest.param(np.full((1, 1), 255, np.uint8), id="a pixel"),
        pytest.param(np.full((2, 500, 3), 255, np.uint8), id="a line of pixels"),
    ],
)
def test_a_page_without_text_has_no_blocks(engine: Engine, pixels: drawn.Pixels) -> None:
    assert read(engine, pixels) == ()


SEGMENTATIONS = {
    Segmentation.AUTO: drawn.SENTENCES,
    Segmentation.SINGLE_COLUMN: drawn.SENTENCES,
    Segmentation.SINGLE_BLOCK: drawn.SENTENCES,
    Segmentation.SPARSE_TEXT: drawn.SENTENCES,
    Segmentation.SINGLE_LINE: drawn.SENTENCES[:1],
    Segmentation.SINGLE_WORD: ("umbrella",),
}


@pytest.mark.parametrize("segmentation", list(Segmentation))
def test_segmentation(engine: Engine, segmentation: Segmentation) -> None:
    lines = SEGMENTATIONS[segmentation]
    blocks = read(engine, drawn.page(lines, margin=20).pixels, segmentation=segmentation)
    assert sorted(texts_of(blocks)) == sorted(" ".join(lines).split())


@pytest.mark.parametrize(
    ("tags", "line"),
    [
        pytest.param(("tr",), "Bütün gün köyde üzüm topluyor", id="tr"),
        pytest.param(("tr", "en"), "Gözlük sözlük günlük defter", id="tr+en"),
        pytest.param(("en-GB",), "Colourful harbour lights", id="region"),
    ],
)
def test_languages(engine: Engine, tags: tuple[str, ...], line: str) -> None:
    assert texts_of(read(engine, drawn.page((line,)).pixels, tags)) == line.split()


@pytest.mark.parametrize("tags", [("xx",), ("en", "tlh"), ("osd",), ("",), ()])
def test_a_missing_language_names_the_installed_ones(engine: Engine, tags: tuple[str, ...]) -> None:
    for ask in (lambda: read(engine, drawn.page().pixels, tags), lambda: engine.warm_up(tags)):
        with pytest.raises(LanguageNotInstalled, match=r"en.*tr") as caught:
            ask()
        assert caught.value.field == "options.languages"


def test_no_page_leaves_a_trace_in_the_next(engine: Engine) -> None:
    hard = drawn.page(size=11).pixels
    noise = np.random.default_rng(3).integers(0, 256, (200, 300), dtype=np.uint8)
    engine.warm_up(("en",))
    first = read(engine, hard)
    for other in (drawn.page(("Zebra Quartz 9981",)).pixels, noise, 255 - hard):
        read(engine, other, ("tr",), Segmentation.SINGLE_LINE)
        read(engine, other, ("en",), Segmentation.SPARSE_TEXT)
        assert read(engine, hard) == first


def test_the_deadline_ends_the_work(engine: Engine) -> None:
    long = drawn.page(drawn.SENTENCES * 30, size=24).pixels
    with pytest.raises(DeadlineExceeded):
        engine.recognize(long, ("en",), Segmentation.SINGLE_BLOCK, Deadline.after(0.5))
    assert texts_of(read(engine, drawn.page(("Still alive",)).pixels)) == ["Still", "alive"]


def test_no_time_left(engine: Engine) -> None:
    with pytest.raises(DeadlineExceeded):
        engine.recognize(drawn.page().pixels, ("en",), Segmentation.AUTO, Deadline.after(0))


def test_no_temporary_files_stay(
    engine: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    read(engine, drawn.page().pixels)
    long = drawn.page(drawn.SENTENCES * 30, size=24).pixels
    with pytest.raises(DeadlineExceeded):
        engine.recognize(long, ("en",), Segmentation.AUTO, Deadline.after(0.5))
    assert list(tmp_path.iterdir()) == []


def test_text_that_runs_down_has_corners_in_its_reading_order() -> None:
    page = drawn.page().turned(90)
    blocks = read(Tesserocr(), page.pixels)
    found = {word.text: word for block in blocks for line in block.lines for word in line.words}
    for text, corners in page.words:
        if page.text.count(text) > 1:
            continue
        assert np.array(found[text].poly.vertices) == pytest.approx(np.array(corners), abs=5)


def test_few_combinations_of_languages_stay_loaded() -> None:
    engine = Tesserocr()
    for tags in (("en",), ("tr",), ("en", "tr"), ("tr", "en"), ("en",)):
        engine.warm_up(tags)
    assert texts_of(read(engine, drawn.page(("Ready again",)).pixels)) == ["Ready", "again"]


def test_loading_by_name() -> None:
    assert {"tesseract", "rapidocr"} <= set(engines.available())
    assert isinstance(engines.load("tesseract"), Tesserocr)
    assert os.environ["OMP_THREAD_LIMIT"] == "1"


def test_the_stand_in_answers_where_tesserocr_does_not_import(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "tesserocr", None)
    assert isinstance(engines.load("tesseract"), TesseractProgram)


@pytest.mark.parametrize(
    ("name", "missing", "says"),
    [
        pytest.param("abbyy", (), "tesseract", id="unknown"),
        pytest.param("tesseract", ("tesserocr", "pytesseract"), "Install", id="no library"),
    ],
)
def test_a_missing_engine_says_what_to_do(
    name: str, missing: tuple[str, ...], says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    modules = sys.modules
    monkeypatch.delitem(modules, "ocr_service.engines.tesseract_program", raising=False)
    for module in missing:
        monkeypatch.setitem(modules, module, None)
    with pytest.raises(EngineNotInstalled, match=says) as caught:
        engines.load(name)
    assert caught.value.field == "options.engine"


@pytest.fixture
def forget_folder() -> object:
    tessdata.folder.cache_clear()
    yield None
    tessdata.folder.cache_clear()


def test_tessdata_prefix_is_obeyed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forget_folder: object
) -> None:
    (tmp_path / "tessdata").mkdir()
    (tmp_path / "tessdata" / "deu.traineddata").touch()
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    assert Tesserocr().languages() == ("de",)


def test_no_data_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, forget_folder: object
) -> None:
    monkeypatch.setenv("TESSDATA_PREFIX", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EngineNotInstalled, match="TESSDATA_PREFIX"):
        engines.load("tesseract")


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (("en",), "eng"),
        (("EN",), "eng"),
        (("tr", "en"), "tur+eng"),
        (("en-US", "en-GB"), "eng"),
        (("zh-TW",), "chi_tra"),
        (("zh",), "chi_sim"),
        (("zh-Hans-CN",), "chi_sim"),
        (("nb-NO",), "nor"),
        (("mine",), "mine"),
    ],
)
def test_tags_to_tesseracts_names(wanted: tuple[str, ...], expected: str) -> None:
    installed = ("en", "mine", "no", "tr", "zh-Hans", "zh-Hant")
    assert languages.codes(wanted, installed) == expected


def test_every_name_has_one_tag() -> None:
    assert languages.tags(["eng", "tur", "osd", "script/Latin", "own"]) == ("en", "own", "tr")
