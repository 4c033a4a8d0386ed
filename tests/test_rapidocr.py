"""RapidOCR's models by both runtimes, lines that lie every way, and what is not loaded."""

import os
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import psutil
import pytest

from ocr_service.deadline import Deadline
from ocr_service.engines import inference, rapidocr, rapidocr_languages
from ocr_service.engines.inference import Network
from ocr_service.engines.rapidocr import RapidOcr
from ocr_service.errors import EngineNotInstalled
from ocr_service.options import Segmentation
from ocr_service.pb.ocr.v1 import recognize_pb2
from tests import drawn
from tests.data import make
from tests.engine_reading import read, words_of
from tests.servers import running_server
from tests.test_recognize import recognize

PAGE = drawn.page((drawn.SENTENCES[3], *drawn.SENTENCES[5:]))  # no word twice


@pytest.fixture(scope="module")
def engine() -> RapidOcr:
    return RapidOcr()


def test_both_runtimes_read_alike(engine: RapidOcr, monkeypatch: pytest.MonkeyPatch) -> None:
    other = RapidOcr()
    monkeypatch.setattr(inference, "find_spec", lambda _name: None)
    found = words_of(read(other, PAGE.pixels))
    monkeypatch.undo()
    for one, two in zip(found, words_of(read(engine, PAGE.pixels)), strict=True):
        assert one.text == two.text
        assert one.confidence == pytest.approx(two.confidence, abs=0.1)
        assert np.array(one.poly.vertices) == pytest.approx(np.array(two.poly.vertices), abs=3)


@pytest.mark.parametrize("degrees", [0, 7, -12, 90, 180, 270])
def test_words_stand_where_they_are_drawn(engine: RapidOcr, degrees: int) -> None:
    page = PAGE.turned(degrees)
    found = {word.text: word for word in words_of(read(engine, page.pixels))}
    assert sorted(found) == sorted(PAGE.text)
    for text, corners in page.words:
        assert np.array(found[text].poly.vertices) == pytest.approx(np.array(corners), abs=6)


@pytest.mark.parametrize("size", [14, 20, 60, 150])
def test_print_of_any_size(engine: RapidOcr, size: int) -> None:
    page = drawn.page(("Return tomorrow 4711", "Amount 12.50"), size=size)
    assert [word.text for word in words_of(read(engine, page.pixels))] == page.text


@pytest.mark.parametrize(
    ("tags", "line"),
    [
        (("tr",), "Sınır kapı İnönü gibi Irmak dili"),  # noqa: RUF001
        (("tr", "en"), "Bay İzmirli Irmak yakın"),  # noqa: RUF001
        (("en",), "Iris invited six girls"),
    ],
)
def test_turkish_has_four_letters_i(engine: RapidOcr, tags: tuple[str, ...], line: str) -> None:
    page = drawn.page((line,))
    blocks = engine.recognize(page.pixels, tags, Segmentation.AUTO, Deadline.after(60))
    assert [line.text for block in blocks for line in block.lines] == [line]


def test_no_letter_of_another_script_is_told_apart() -> None:
    characters = ["", "a", "Ğ", "9", "€", "Ω", "中", "あ", "Ａ", "☺", "✂", "Я", " "]  # noqa: RUF001
    latin = rapidocr_languages.kept(characters, rapidocr_languages.scripts(("tr",)))
    both = rapidocr_languages.kept(characters, rapidocr_languages.scripts(("en", "ja")))
    assert [characters[place] for place in latin] == ["", "a", "Ğ", "9", "€", "☺", " "]
    assert [characters[place] for place in both] == [
        *("", "a", "Ğ", "9", "€", "中", "あ", "Ａ", "☺", " ")  # noqa: RUF001
    ]


def test_missing_models_say_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rapidocr, "find_spec", lambda _name: None)
    with pytest.raises(EngineNotInstalled, match="rapidocr"):
        RapidOcr()


def test_a_server_with_tesseract_alone_loads_no_other_runtime(tmp_path: Path) -> None:
    with running_server(tmp_path, "--engine=tesseract") as server:
        content = make.encode(make.text_image(["Only Tesseract here"]), "PNG")
        assert recognize(server, content).engine == recognize_pb2.ENGINE_TESSERACT
        workers = psutil.Process(server.process.pid).children(recursive=True)
        mapped = {Path(part.path).name for each in workers for part in each.memory_maps()}
    assert any("tesseract" in name for name in mapped)
    assert not [name for name in mapped if "openvino" in name or "onnxruntime" in name]


def test_openvino_is_loaded_without_what_reports_to_its_maker(tmp_path: Path) -> None:
    """It would keep a number for this user below the home folder, and send it."""
    load = "from ocr_service.engines.rapidocr import RapidOcr; RapidOcr().warm_up(('en',))"
    environ = {"PATH": os.defpath, "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", load], env=environ, check=True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("runtime", [inference.openvino, inference.onnxruntime])
def test_a_network_that_has_no_memory_says_so(runtime: Callable[[Path], Network]) -> None:
    """OpenVINO's `infer` then leaves what it found on the page before."""
    if find_spec(runtime.__name__) is None:
        pytest.skip(f"no {runtime.__name__} here")
    module = f"{inference.__name__}.{runtime.__name__}"
    subprocess.run([sys.executable, "-c", STARVED, module, str(rapidocr._folder())], check=True)


STARVED = """
import resource, sys
from pathlib import Path
from pkgutil import resolve_name
import numpy as np
from ocr_service.engines import inference, rapidocr

network = inference._whole(resolve_name(sys.argv[1])(Path(sys.argv[2]) / rapidocr._DETECTION))
blank, page = (np.zeros((1, 3, side, side), np.float32) for side in (64, 960))
network(blank)
status = Path("/proc/self/status").read_text()
used = int(status.partition("VmData:")[2].split()[0]) << 10
resource.setrlimit(resource.RLIMIT_DATA, (used + (30 << 20), -1))
try:
    network(page)
except MemoryError:
    sys.exit(0)
sys.exit("it answered")
"""
