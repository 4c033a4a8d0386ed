"""EasyOCR, with weights from a folder that the operator names."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from ocr_service import characters, reading_order
from ocr_service.deadline import Deadline
from ocr_service.engines import easyocr_languages as names
from ocr_service.engines.easyocr_readers import Readers
from ocr_service.engines.easyocr_weights import Weights
from ocr_service.engines.settings import EngineSettings
from ocr_service.options import Preparation, Segmentation
from ocr_service.results import Block, BoundingPoly, Line, Word

_SINGLE = (Segmentation.SINGLE_LINE, Segmentation.SINGLE_WORD)
# Longer side in pixels at which text is looked for; larger pages are scaled down. The library's own
# 2560 takes 4 GB for a page of A4 at 200 dpi.
_CANVAS = 1600
_LEAST_SIDE = 4  # pixels; less holds no text, and the library fails on what it scales to nothing
_LONGEST = 100  # heights of a line; longer is a rule, and reading it would take gigabytes
_GPU_PORTION = 16  # lines read at once on a GPU; on a processor it is faster to take each alone

Box = list[Any]
"""Left, right, top and bottom of an upright line, or the four corners of a slanted one."""


def engine(settings: EngineSettings) -> "EasyOcr":
    """Make an engine; EasyOCR and Torch are loaded with the first page."""
    return EasyOcr(settings)


class EasyOcr:
    """Finds lines with CRAFT and reads them with the network for their languages."""

    name = "easyocr"
    preparation = Preparation.SCENE
    any_way_up = False

    def __init__(self, settings: EngineSettings) -> None:
        """Check the weights.

        Raises:
            ImportError: There is no easyocr.
            EngineNotInstalled: There are no weights that can be used.
        """
        self._weights = Weights(settings)
        self._readers = Readers(self._weights, gpu=settings.easyocr_gpu)
        self._portion = _GPU_PORTION if settings.easyocr_gpu else 1
        self.version = version("easyocr")

    def languages(self) -> tuple[str, ...]:
        """See `Engine`."""
        return tuple(sorted(map(names.tag, self._weights.languages)))

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
        """See `Engine`.

        Raises OptionInvalid for languages that no network reads together, and MemoryError where a
        network could not be run: Torch has no error of its own for that, and it is all that can be
        missing.
        """
        deadline.check()
        reader = self._reader(languages)
        try:
            return self._read(reader, pixels, segmentation, deadline)
        except RuntimeError as exc:
            raise MemoryError("a network could not be run") from exc

    def _read(
        self,
        reader: Any,
        pixels: npt.NDArray[np.uint8],
        segmentation: Segmentation,
        deadline: Deadline,
    ) -> tuple[Block, ...]:
        height, width = pixels.shape[:2]
        if min(height, width) * min(1.0, _CANVAS / max(height, width)) < _LEAST_SIDE:
            return ()
        grey = pixels if pixels.ndim == 2 else cv2.cvtColor(pixels, cv2.COLOR_RGB2GRAY)
        upright: list[Box] = [[0, width, 0, height]]
        slanted: list[Box] = []
        if segmentation not in _SINGLE:
            deadline.check()
            colour = pixels if pixels.ndim == 3 else cv2.cvtColor(pixels, cv2.COLOR_GRAY2RGB)
            (upright,), (slanted,) = reader.detect(colour, canvas_size=_CANVAS, reformat=False)
        lines = []
        for portion in self._portions(upright, slanted, width, height):
            deadline.check()
            for corners, text, confidence in reader.recognize(
                grey, *portion, batch_size=self._portion, reformat=False
            ):
                if text.strip():
                    poly = _poly(corners, width, height)
                    lines.append(_line(text, poly, confidence, reader.model_lang == "arabic"))
        return reading_order.arrange(lines)

    def _reader(self, languages: tuple[str, ...]) -> Any:
        return self._readers.get(names.codes(languages, self._weights.languages))

    def _portions(
        self, upright: list[Box], slanted: list[Box], width: int, height: int
    ) -> Iterator[tuple[list[Box], list[Box]]]:
        """Boxes that can be lines, as few at once as costs nothing."""
        boxes = [box for box in upright if _is_line(*_upright_size(box, width, height))]
        for start in range(0, len(boxes), self._portion):
            yield boxes[start : start + self._portion], []
        boxes = [box for box in slanted if _is_line(*_slanted_size(box))]
        for start in range(0, len(boxes), self._portion):
            yield [], boxes[start : start + self._portion]


def _upright_size(box: Box, width: int, height: int) -> tuple[float, float]:
    left, right, top, bottom = box
    return min(right, width) - max(left, 0), min(bottom, height) - max(top, 0)


def _slanted_size(box: Box) -> tuple[float, float]:
    top_left, top_right, _, bottom_left = np.array(box, float)
    along, down = np.linalg.norm(top_right - top_left), np.linalg.norm(bottom_left - top_left)
    return float(along), float(down)


def _is_line(width: float, height: float) -> bool:
    short, long = sorted((width, height))
    return short >= _LEAST_SIDE and long <= _LONGEST * short


def _poly(corners: Any, width: int, height: int) -> BoundingPoly:
    """The library adds margins, which may reach beyond the page."""
    a, b, c, d = np.clip(np.array(corners, float), 0, (width, height)).tolist()
    return BoundingPoly((tuple(a), tuple(b), tuple(c), tuple(d)))


def _line(text: str, poly: BoundingPoly, confidence: float, leftward: bool) -> Line:
    """The words of a line, each with its part of the line's polygon and the line's confidence.

    EasyOCR's figure is the product of its characters' probabilities to the power of 2 / sqrt(n),
    which falls with the length of the line; what is given here is their geometric mean.
    """
    product = min(1.0, max(0.0, float(confidence)))
    mean = product ** (0.5 / len(text) ** 0.5)
    frame = _mirrored(poly) if leftward else poly
    words = []
    for found in re.finditer(r"\S+", text):
        place = characters.cut(frame, text, found.start(), found.end())
        words.append(Word(found.group(), _mirrored(place) if leftward else place, mean))
    return Line(tuple(words), poly)


def _mirrored(poly: BoundingPoly) -> BoundingPoly:
    top_left, top_right, bottom_right, bottom_left = poly.vertices
    return BoundingPoly((top_right, top_left, bottom_left, bottom_right))
