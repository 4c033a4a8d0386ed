"""PP-OCR's networks as RapidOCR ships them: they find lines of text, then read them.

Of RapidOCR the models are used, which are in its package, so that nothing is ever downloaded. What
runs them is our own, because the library pads every line to the longest of its batch, runs as many
threads as there are cores, and keeps the options of one call for the next.
"""

from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from ocr_service.deadline import Deadline
from ocr_service.engines import dotted_i, inference, overlooked, rapidocr_languages
from ocr_service.engines.inference import Network
from ocr_service.engines.languages import resolve
from ocr_service.engines.line_reading import LineReader
from ocr_service.engines.settings import EngineSettings
from ocr_service.engines.text_detection import Pixels, Quad, detect
from ocr_service.errors import EngineNotInstalled
from ocr_service.options import Preparation, Segmentation
from ocr_service.reading_order import arrange
from ocr_service.results import Block, Line

_DETECTION = "PP-OCRv6_det_small.onnx"
_READING = "PP-OCRv6_rec_small.onnx"
_LEAST_CONFIDENCE = 0.5  # below it a line is taken for a picture, as the library does
_LEAST_OF_A_LETTER = 0.9  # likewise for what the detector overlooked
# Pages come in any size: without a bound a worker that read 150 of different sizes took 1.6 GB,
# with it .85 GB. Pages of one size, one after the other, are as fast.
_KERNELS = 100
_WHOLE = {Segmentation.SINGLE_LINE, Segmentation.SINGLE_WORD}


def engine(_settings: EngineSettings) -> "RapidOcr":
    """Make an engine; it has no settings."""
    return RapidOcr()


class RapidOcr:
    """Keeps its networks between pages: one that finds lines, one for each set of scripts."""

    name = "rapidocr"
    preparation = Preparation.SCENE
    any_way_up = True

    def __init__(self) -> None:
        """Find the models, and load none yet.

        Raises:
            EngineNotInstalled: They are not in the package.
        """
        self._models = _folder()
        self._networks: dict[frozenset[str], tuple[Network, list[str]]] = {}
        self.version = f"{version('rapidocr')} (PP-OCRv6 small)"

    def languages(self) -> tuple[str, ...]:
        """See `Engine`."""
        return rapidocr_languages.TAGS

    def warm_up(self, languages: tuple[str, ...]) -> None:
        """See `Engine`."""
        self._reader(languages)

    def recognize(
        self,
        pixels: npt.NDArray[np.uint8],
        languages: tuple[str, ...],
        segmentation: Segmentation,
        deadline: Deadline,
    ) -> tuple[Block, ...]:
        """See `Engine`."""
        deadline.check()
        reader = self._reader(languages)
        colour = _blue_first(pixels)
        quads = detect(colour, self._detection)
        if not quads and segmentation in _WHOLE:
            quads = [_everything(colour)]
        wanted = [(quad, _LEAST_CONFIDENCE) for quad in quads]
        wanted += [(quad, _LEAST_OF_A_LETTER) for quad in overlooked.find(colour, quads)]
        lines: list[Line] = []
        for quad, least in wanted:
            deadline.check()
            line = reader.read(colour, quad)
            if line is not None and line.confidence >= least:
                lines.append(line)
        return arrange(lines)

    @cached_property
    def _detection(self) -> Network:
        return inference.load(self._models / _DETECTION, kernels=_KERNELS)

    @cached_property
    def _characters(self) -> list[str]:
        """What the reading network's classes stand for: none, all that it lists, a space."""
        listed = inference.metadata(self._models / _READING, "character").splitlines()
        return ["", *listed, " "]

    def _reader(self, languages: tuple[str, ...]) -> LineReader:
        network, characters = self._network(rapidocr_languages.scripts(languages))
        dotless = resolve(languages, self.languages())[0] in dotted_i.LANGUAGES
        return LineReader(network, characters, dotless)

    def _network(self, scripts: frozenset[str]) -> tuple[Network, list[str]]:
        """The reading network with the characters of these scripts, and what they are."""
        if scripts in self._networks:
            return self._networks[scripts]
        kept = rapidocr_languages.kept(self._characters, scripts)
        network = inference.load(self._models / _READING, np.array(kept, np.int64))
        self._networks[scripts] = network, [self._characters[index] for index in kept]
        return self._networks[scripts]


def _folder() -> Path:
    """Where the package keeps its models; finding out imports nothing."""
    spec = find_spec("rapidocr")
    for place in (spec and spec.submodule_search_locations) or ():
        folder = Path(place) / "models"
        if (folder / _DETECTION).is_file() and (folder / _READING).is_file():
            return folder
    raise EngineNotInstalled(
        "The engine rapidocr lacks its models. Install the package rapidocr, 3.10, from its wheel.",
        field="options.engine",
    )


def _blue_first(pixels: npt.NDArray[np.uint8]) -> Pixels:
    code = cv2.COLOR_GRAY2BGR if pixels.ndim == 2 else cv2.COLOR_RGB2BGR
    return np.asarray(cv2.cvtColor(pixels, code), np.uint8)


def _everything(pixels: Pixels) -> Quad:
    height, width = pixels.shape[:2]
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], np.float32)
