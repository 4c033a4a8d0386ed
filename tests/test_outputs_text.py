"""Documents made of any text: scripts that no engine here reads, and what XML forbids."""

# ruff: noqa: RUF001 - letters that look like others are what is tested

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.errors import ContentTooLarge
from ocr_service.images import Image
from ocr_service.options import Options, OutputFormat
from ocr_service.outputs import Outputs
from ocr_service.results import Block, BoundingPoly, Document, Line, Page, Word
from tests import drawn, output_files
from tests.drawn import Corners

BLANK = np.full((1000, 2000), 255, np.uint8)


def laid_out(lines: list[str], *, backwards: bool = False) -> Page:
    """A page whose words stand side by side, from the right where asked."""
    laid = []
    for row, line in enumerate(lines):
        x, words = 20.0, []
        for text in line.split(" "):
            left, right = (
                (2000 - x - 20 * len(text), 2000 - x) if backwards else (x, x + 20 * len(text))
            )
            place = BoundingPoly.box(left, 20 + 60 * row, right, 60 + 60 * row)
            words.append(Word(text, place, 0.5))
            x += 20 * len(text) + 20
        laid.append(Line(tuple(words), BoundingPoly.box(0, 20 + 60 * row, 2000, 60 + 60 * row)))
    return Page(1, 2000, 1000, blocks=(Block(tuple(laid), BoundingPoly.box(0, 0, 2000, 1000)),))


def documents(page: Page) -> tuple[bytes, bytes, bytes]:
    wanted = Outputs(Options(outputs=tuple(OutputFormat)))
    wanted.add(Image(1, BLANK), page)
    hocr, alto, pdf = wanted.make(Document((page,), "image/png", 1, "tesseract"))
    return hocr.content, alto.content, pdf.content


SCRIPTS = {
    "turkish": (["İstanbul ığdır şöför", "ÇĞÖÜ âîû"], False),
    "greek and cyrillic": (["Ελληνικά κείμενα", "Кириллица ёж"], False),
    "east asian": (["中文 漢字 テスト 한국어", "東京 𠮷野家 😀"], False),
    "arabic": (["مرحبا بالعالم العربي", "السعر 250 ليرة"], True),
    "hebrew": (["שלום עולם 12.50"], True),
    "marks": (["a<b & \"c\" 'd' ]]> (x) \\ %", "end- of-", "-line €5 №7"], False),
}


@pytest.mark.parametrize(("lines", "backwards"), SCRIPTS.values(), ids=SCRIPTS)
def test_any_script_comes_back(lines: list[str], backwards: bool) -> None:
    hocr, alto, pdf = documents(laid_out(lines, backwards=backwards))
    words = " ".join(lines).split()
    assert [text for text, _ in output_files.hocr_pages(hocr)[0].words] == words
    assert [text for text, _ in output_files.alto_pages(alto)[0].words] == words
    assert output_files.pdf_text(pdf).split() == words


SHAPES = {
    "upright": ((10, 20), (110, 20), (110, 50), (10, 50)),
    "turned": ((110, 50), (10, 50), (10, 20), (110, 20)),
    "running up": ((20, 200), (20, 20), (60, 20), (60, 200)),
    "askew": ((10, 20), (110, 40), (104, 70), (4, 50)),
    "cut": ((25, 0), (128, 10), (128, 128), (9, 115)),
    "line": ((10, 20), (110, 20), (110, 20), (10, 20)),
    "point": ((10, 20),) * 4,
}


@pytest.mark.parametrize("corners", SHAPES.values(), ids=SHAPES)
def test_boxes_stay_around_polygons_of_any_shape(corners: Corners) -> None:
    poly = BoundingPoly(corners)
    line = Line((Word("word", poly, 0.5),), poly)
    _, _, pdf = documents(Page(1, 2000, 1000, blocks=(Block((line,), poly),)))
    (page,) = output_files.pdf_pages(pdf, [(2000, 1000)])
    ((text, box),) = page.words
    assert text == "word"
    assert box == pytest.approx(poly.bounds, abs=1.01)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_no_text_makes_a_document_invalid(words: list[str]) -> None:
    poly = BoundingPoly.box(10, 10, 90, 30)
    line = Line(tuple(Word(text, poly, 0.5) for text in words), poly)
    hocr, alto, pdf = documents(Page(1, 2000, 1000, blocks=(Block((line,), poly),)))
    assert len(output_files.hocr_pages(hocr)[0].words) == len(words)
    assert len(output_files.alto_pages(alto)[0].words) == len(words)
    output_files.pdf_pages(pdf, [(2000, 1000)])


def test_what_does_not_fit_into_a_reply_is_refused() -> None:
    image = Image(1, drawn.page().pixels)
    page = Page(1, image.width, image.height)
    wanted = Outputs(Options(outputs=(OutputFormat.SEARCHABLE_PDF,)))
    wanted.add(image, page)
    small = replace(wanted, limit=2 * len(wanted.images[0].picture))
    small.add(image, page)
    with pytest.raises(ContentTooLarge, match="fewer pages") as refused:
        small.add(image, page)
    assert refused.value.field == "options.outputs"
