"""The real EasyOCR reads, with weights that `tests.data.easyocr_weights` makes."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import grpc
import numpy as np
import psutil
import pytest
from typing_extensions import override

from ocr_service import engines
from ocr_service.deadline import Deadline
from ocr_service.engines import Engine
from ocr_service.engines.settings import EngineSettings
from ocr_service.errors import (
    Cancelled,
    DeadlineExceeded,
    LanguageNotInstalled,
)
from ocr_service.options import Segmentation
from ocr_service.pb.ocr.v1 import entity_pb2, layout_pb2, ocr_service_pb2, recognize_pb2
from tests import drawn
from tests.data import make
from tests.engine_reading import read, texts_of, words_of
from tests.servers import Server, running_server
from tests.test_recognize import recognize
from tests.test_wire_errors import failure

pytestmark = [
    pytest.mark.skipif(find_spec("easyocr") is None, reason="no EasyOCR here; see make easyocr"),
    pytest.mark.timeout(900),  # the first test waits for the weights
    pytest.mark.filterwarnings("ignore:.*pin_memory", "ignore:torch.ao.quantization is deprecated"),
]

NETWORK = "drawn"
PAGE = drawn.page(drawn.SENTENCES[1:4], margin=31)


@pytest.fixture(scope="module")
def flags(easyocr_weights: Path) -> tuple[str, ...]:
    read_anew = ("--workers=1", "--cache-bytes=0")
    return (f"--easyocr-models={easyocr_weights}", f"--easyocr-network={NETWORK}", *read_anew)


@pytest.fixture(scope="module")
def reading(flags: tuple[str, ...], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server whose default engine is EasyOCR."""
    with running_server(tmp_path_factory.mktemp("easyocr"), "--engine=easyocr", *flags) as server:
        yield server


@pytest.fixture(scope="module")
def engine(easyocr_weights: Path) -> Engine:
    return engines.load("easyocr", EngineSettings(easyocr_weights, easyocr_network=NETWORK))


def libraries_of(server: Server) -> set[str]:
    """File names of what the server's processes have mapped."""
    processes = psutil.Process(server.process.pid).children(recursive=True)
    return {Path(part.path).name for each in processes for part in each.memory_maps()}


def test_a_page_is_read_through_the_service(reading: Server) -> None:
    reply = recognize(reading, make.encode(PAGE.image, "PNG"))
    assert reply.engine == recognize_pb2.ENGINE_EASYOCR
    assert reply.text.split() == PAGE.text
    found = [w for b in reply.pages[0].blocks for line in b.lines for w in line.words]
    for word, (_, corners) in zip(found, PAGE.words, strict=True):
        assert reply.text[word.start : word.end] == word.text
        assert 0.5 < word.confidence <= 1
        assert near(word.bounding_poly, corners)


def near(poly: layout_pb2.BoundingPoly, corners: drawn.Corners) -> bool:
    """Edges within two fifths of the print's size, and as high as a line, which words share."""
    left, top = poly.vertices[0].x, poly.vertices[0].y
    right, bottom = poly.vertices[2].x, poly.vertices[2].y
    across = max(abs(left - corners[0][0]), abs(right - corners[2][0]))
    return across < 13 and top <= corners[0][1] < corners[2][1] <= bottom <= top + 48


def test_findings_are_located(reading: Server) -> None:
    page = drawn.page(("mail ann@example.com or", "pay 4111 1111 1111 1111 now"), margin=31)
    reply = recognize(reading, make.encode(page.image, "PNG"))
    found = {item.type: item for item in reply.entities}
    mail = found[entity_pb2.ENTITY_TYPE_EMAIL]
    card = found[entity_pb2.ENTITY_TYPE_CREDIT_CARD_NUMBER]
    assert (mail.value, card.value) == ("ann@example.com", "4111111111111111")
    places = dict(page.words)
    first = card.regions[0].bounding_poly.vertices
    assert near(mail.regions[0].bounding_poly, places["ann@example.com"])
    assert abs(first[0].x - places["4111"][0][0]) < 13


def test_capabilities_name_what_the_weights_read(reading: Server) -> None:
    request = ocr_service_pb2.GetCapabilitiesRequest()
    reply = reading.stub.GetCapabilities(request, metadata=reading.metadata)
    (found,) = (item for item in reply.engines if item.engine == recognize_pb2.ENGINE_EASYOCR)
    assert found.version == "1.7.2"
    assert list(found.languages) == ["en", "tr"]


def test_a_language_that_is_not_here_is_refused(reading: Server) -> None:
    content = make.encode(PAGE.image, "PNG")
    refused = failure(lambda: recognize(reading, content, languages=["de"]))
    assert (refused.reason, refused.field) == ("LANGUAGE_NOT_INSTALLED", "options.languages")
    assert "en, tr" in refused.message


def test_a_deadline_frees_the_worker(reading: Server) -> None:
    long = drawn.page(drawn.SENTENCES * 5)
    request = recognize_pb2.RecognizeRequest(content=make.encode(long.image, "PNG"))
    with pytest.raises(grpc.RpcError) as refused:
        reading.stub.Recognize(request, metadata=reading.metadata, timeout=1.0)
    assert cast("grpc.Call", refused.value).code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert recognize(reading, make.encode(PAGE.image, "PNG")).text.split() == PAGE.text


def test_it_is_quiet(reading: Server) -> None:
    assert recognize(reading, make.encode(PAGE.image, "PNG")).text
    assert [line for line in reading.output if not line.startswith("{")] == []


def test_torch_is_loaded_by_those_who_use_it_only(
    reading: Server, flags: tuple[str, ...], tmp_path: Path
) -> None:
    content = make.encode(PAGE.image, "PNG")
    assert "libtorch_cpu.so" in libraries_of(reading)
    with running_server(tmp_path, "--engine=tesseract", *flags) as server:
        assert recognize(server, content).engine == recognize_pb2.ENGINE_TESSERACT
        request = ocr_service_pb2.GetCapabilitiesRequest()
        named = server.stub.GetCapabilities(request, metadata=server.metadata).engines
        assert recognize_pb2.ENGINE_EASYOCR in [item.engine for item in named]
        assert "libtorch_cpu.so" not in libraries_of(server)
        again = recognize(server, content, engine=recognize_pb2.ENGINE_EASYOCR)
        assert again.text.split() == PAGE.text


def test_without_weights_it_is_not_offered(server: Server) -> None:
    request = ocr_service_pb2.GetCapabilitiesRequest()
    named = server.stub.GetCapabilities(request, metadata=server.metadata).engines
    assert recognize_pb2.ENGINE_EASYOCR not in [item.engine for item in named]
    content, easyocr = make.encode(PAGE.image, "PNG"), recognize_pb2.ENGINE_EASYOCR
    refused = failure(lambda: recognize(server, content, engine=easyocr))
    assert (refused.reason, refused.field) == ("ENGINE_NOT_INSTALLED", "options.engine")
    assert "easyocr_models" in refused.message


def test_a_server_without_its_weights_does_not_start(tmp_path: Path) -> None:
    stopped = subprocess.run(
        [sys.executable, "-m", "ocr_service", "serve", "--engine=easyocr", "--listen=127.0.0.1:0"],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"OCR_DATA_DIR": str(tmp_path)},
    )
    assert stopped.returncode == 2
    assert "easyocr_models" in stopped.stderr


def test_words_lie_within_their_line(engine: Engine) -> None:
    for line in (line for block in read(engine, PAGE.pixels) for line in block.lines):
        edges = [
            x for word in line.words for x in (word.poly.vertices[0][0], word.poly.vertices[1][0])
        ]
        assert edges == sorted(edges)
        assert edges[0] == line.poly.vertices[0][0]
        assert edges[-1] == pytest.approx(line.poly.vertices[1][0])


def test_colour_reads_as_grey_does(engine: Engine) -> None:
    assert read(engine, np.dstack([PAGE.pixels] * 3)) == read(engine, PAGE.pixels)


def test_slanted_lines_are_read_with_their_slant(engine: Engine) -> None:
    page = drawn.page(("Seven travellers waited",), margin=60).turned(12)
    words = words_of(read(engine, page.pixels))
    assert [word.text for word in words] == page.text
    for word, (_, corners) in zip(words, page.words, strict=True):
        found = np.array(word.poly.vertices)
        assert found.mean(axis=0) == pytest.approx(np.array(corners).mean(axis=0), abs=13)
        across, down = found[1] - found[0]
        assert np.degrees(np.arctan2(down, across)) == pytest.approx(12, abs=3)


@pytest.mark.parametrize("segmentation", [Segmentation.SINGLE_LINE, Segmentation.SINGLE_WORD])
def test_a_single_line_needs_no_detector(engine: Engine, segmentation: Segmentation) -> None:
    page = drawn.page(("umbrella",), margin=5, pitch=1.2)
    (word,) = words_of(read(engine, page.pixels, segmentation=segmentation))
    height, width = page.pixels.shape
    assert word.text == "umbrella"
    assert word.poly.vertices[2] == (width, height)


@pytest.mark.parametrize("segmentation", list(Segmentation))
@pytest.mark.parametrize(
    "pixels",
    [
        pytest.param(np.full((100, 200), 255, np.uint8), id="white"),
        pytest.param(np.zeros((100, 200), np.uint8), id="black"),
        pytest.param(np.full((1, 1), 255, np.uint8), id="a pixel"),
        pytest.param(np.full((2, 500, 3), 255, np.uint8), id="a line of pixels"),
        pytest.param(np.full((5, 16_000), 255, np.uint8), id="a long line of pixels"),
    ],
)
def test_a_page_without_text_has_no_blocks(
    engine: Engine, pixels: drawn.Pixels, segmentation: Segmentation
) -> None:
    assert read(engine, pixels, segmentation=segmentation) == ()


def test_turkish(engine: Engine) -> None:
    page = drawn.page(("Gözlük sözlük günlük defter",), margin=31)
    assert texts_of(read(engine, page.pixels, ("tr-TR", "en"))) == page.text


@pytest.mark.parametrize("tags", [("xx",), ("en", "ru"), ("",), ()])
def test_a_missing_language_names_the_installed_ones(engine: Engine, tags: tuple[str, ...]) -> None:
    for ask in (lambda: read(engine, PAGE.pixels, tags), lambda: engine.warm_up(tags)):
        with pytest.raises(LanguageNotInstalled, match="en, tr"):
            ask()


def test_the_deadline_ends_the_work_before_lines_are_read(engine: Engine) -> None:
    engine.warm_up(("en",))
    page = drawn.page(drawn.SENTENCES)
    with pytest.raises(DeadlineExceeded):
        engine.recognize(page.pixels, ("en",), Segmentation.AUTO, Deadline.after(0.2))


class WithoutMemory:
    """Fails as Torch does where it gets no memory."""

    def detect(self, *_: object, **__: object) -> None:
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")


def test_a_lack_of_memory_is_told_as_one(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "_reader", lambda _languages: WithoutMemory())
    with pytest.raises(MemoryError):
        read(engine, PAGE.pixels)


class SetAt(threading.Event):
    """Set from the n-th look at it on."""

    def __init__(self, look: int) -> None:
        super().__init__()
        self.left = look

    @override
    def is_set(self) -> bool:
        self.left -= 1
        return self.left <= 0


def test_it_stops_between_lines(engine: Engine) -> None:
    pixels, far = PAGE.pixels, Deadline.after(60).expires
    looks = SetAt(100)
    engine.recognize(pixels, ("en",), Segmentation.AUTO, Deadline(far, looks))
    needed = 100 - looks.left
    assert needed >= len(drawn.SENTENCES[1:4]) + 2
    with pytest.raises(Cancelled):
        engine.recognize(pixels, ("en",), Segmentation.AUTO, Deadline(far, SetAt(needed)))


def test_no_page_leaves_a_trace_in_the_next(engine: Engine) -> None:
    first = read(engine, PAGE.pixels)
    for tags in (("tr",), ("en", "tr")):
        read(engine, drawn.page(("Zebra Quartz 9981",), margin=31).pixels, tags)
        assert read(engine, PAGE.pixels) == first


def test_without_the_library_it_says_how_to_install_it() -> None:
    code = (
        "import sys; sys.modules['easyocr'] = None\n"
        "from ocr_service import engines\n"
        "assert 'easyocr' not in engines.available()\n"
        "engines.load('easyocr')"
    )
    stopped = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert "EngineNotInstalled" in stopped.stderr
    assert "make easyocr" in stopped.stderr
