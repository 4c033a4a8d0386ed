"""AUTO: which engine reads, and when another looks again."""

import numpy as np
import pytest
from PIL import Image

from ocr_service import pipeline
from ocr_service.deadline import Deadline
from ocr_service.engines import Engine
from ocr_service.engines.roster import AUTO, Roster
from ocr_service.errors import LanguageNotInstalled
from ocr_service.images import Limits
from ocr_service.options import Options
from ocr_service.pb.ocr.v1 import recognize_pb2
from ocr_service.results import Document
from tests import drawn
from tests.data import make
from tests.fakes.mumbling import Mumbling
from tests.servers import Server
from tests.test_recognize import recognize

PAGE = drawn.page(drawn.SENTENCES[:2])
EMPTY = drawn.page((" ",))


@pytest.fixture(scope="module")
def tesseract() -> Engine:
    return Roster().choose("tesseract", ("en",))[0]


def run(*engines: Engine, pages: tuple[drawn.Drawn, ...] = (PAGE,)) -> Document:
    content = make.encode_pages([page.image for page in pages], "TIFF")
    options = Options(engine=AUTO)
    return pipeline.run(content, "", options, Limits(), Deadline.after(60), engines)


def reasons(document: Document) -> list[list[str]]:
    return [[warning.reason for warning in page.warnings] for page in document.pages]


def test_the_better_engine_that_reads_the_languages_goes_first() -> None:
    names = {
        tags: [engine.name for engine in Roster().choose(AUTO, tags)]
        for tags in (("en",), ("tr", "en-GB"), ("de",))
    }
    assert names == {
        ("en",): ["rapidocr", "tesseract"],
        ("tr", "en-GB"): ["rapidocr", "tesseract"],
        ("de",): ["rapidocr"],  # no data of Tesseract's
    }


def test_a_language_that_no_engine_reads_names_those_of_all() -> None:
    with pytest.raises(LanguageNotInstalled, match=r"de, .*en.*zh-Hant") as refused:
        Roster().choose(AUTO, ("en", "tlh"))
    assert refused.value.field == "options.languages"


def test_a_page_read_with_doubt_is_read_by_the_next_engine(tesseract: Engine) -> None:
    document = run(Mumbling(), tesseract)
    assert document.engine == "tesseract"
    assert document.text.split() == PAGE.text
    assert reasons(document) == [["ENGINE_ESCALATED"]]


def test_a_page_read_well_is_not_read_again(tesseract: Engine) -> None:
    document = run(tesseract, Mumbling())
    assert document.engine == "tesseract"
    assert reasons(document) == [[]]


def test_pages_of_two_engines_are_autos(tesseract: Engine) -> None:
    document = run(Mumbling(), tesseract, pages=(PAGE, EMPTY))
    assert document.engine == AUTO
    assert reasons(document) == [["ENGINE_ESCALATED"], []]


def test_the_reply_names_the_engine_that_read(server: Server) -> None:
    content = make.encode(PAGE.image, "PNG")
    auto = recognize(server, content, engine=recognize_pb2.ENGINE_AUTO)
    named = recognize(server, content, engine=recognize_pb2.ENGINE_TESSERACT)
    assert auto.engine == recognize_pb2.ENGINE_RAPIDOCR
    assert named.engine == recognize_pb2.ENGINE_TESSERACT
    assert auto.text.split() == named.text.split() == PAGE.text


def test_noise_is_no_text(server: Server) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (300, 400), dtype=np.uint8)
    assert recognize(server, make.encode(Image.fromarray(noise), "PNG")).text.strip() == ""
