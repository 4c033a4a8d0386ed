"""Tesseract through tesserocr, in this process."""

import os

# Tesseract's own threads make it 5 to 20 times slower; read when the library loads.
os.environ["OMP_THREAD_LIMIT"] = "1"

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from ocr_service.deadline import Deadline
from ocr_service.engines import Engine, layout, tessdata
from ocr_service.engines import languages as names
from ocr_service.engines.layout import Found
from ocr_service.engines.settings import EngineSettings
from ocr_service.errors import Internal
from ocr_service.options import Preparation, Segmentation
from ocr_service.results import Block

# Tesseract's page segmentation modes. Its mode 8, a single word, takes the image's edges for the
# word's and adds marks: of 60 drawn words it read 8 to 53, by margin; mode 7 read 58.
MODES = {
    Segmentation.AUTO: 3,
    Segmentation.SINGLE_COLUMN: 4,
    Segmentation.SINGLE_BLOCK: 6,
    Segmentation.SINGLE_LINE: 7,
    Segmentation.SINGLE_WORD: 7,
    Segmentation.SPARSE_TEXT: 11,
}
# Preprocessing inverts where it is needed; Tesseract would read every doubtful line twice.
VARIABLES = {"tessedit_do_invert": "0"}
_MOST_LOADED = 4  # combinations of languages kept in memory, 15 to 30 MB each


def engine(_settings: EngineSettings) -> Engine:
    """Make an engine on tesserocr, or on its stand-in where tesserocr does not import."""
    try:
        return Tesserocr()
    except ImportError:
        from ocr_service.engines.tesseract_program import TesseractProgram

        return TesseractProgram()


class Tesserocr:
    """Keeps Tesseract loaded between pages, for the languages used last."""

    name = "tesseract"
    preparation = Preparation.PRINT
    any_way_up = False

    def __init__(self) -> None:
        """Load the library, and no language yet.

        Raises:
            ImportError: There is no tesserocr.
            EngineNotInstalled: There is no language data.
        """
        import tesserocr

        tesserocr.set_leptonica_log_level(tesserocr.LeptLogLevel.NONE)
        self._library: Any = tesserocr
        self._data = f"{tessdata.folder()}/"
        self._loaded: OrderedDict[str, Any] = OrderedDict()
        self.version = str(tesserocr.tesseract_version().split()[1])

    def languages(self) -> tuple[str, ...]:
        """See `Engine`."""
        return names.tags(tessdata.installed())

    def warm_up(self, languages: tuple[str, ...]) -> None:
        """See `Engine`."""
        self._api(languages)

    def recognize(
        self,
        pixels: npt.NDArray[np.uint8],
        languages: tuple[str, ...],
        segmentation: Segmentation,
        deadline: Deadline,
    ) -> tuple[Block, ...]:
        """See `Engine`."""
        deadline.check()
        api = self._api(languages)
        height, width = pixels.shape[:2]
        depth = 1 if pixels.ndim == 2 else 3
        api.SetPageSegMode(MODES[segmentation])
        try:
            api.SetImageBytes(pixels.tobytes(), width, height, depth, width * depth)
            done = api.Recognize(max(1, int(deadline.remaining() * 1000)))
            deadline.check()
            if not done:
                raise Internal("Tesseract could not read the page.")
            return layout.blocks(self._words(api.GetIterator()))
        finally:
            api.Clear()  # nothing of this page may reach the next one
            api.ClearAdaptiveClassifier()

    def _api(self, languages: tuple[str, ...]) -> Any:
        codes = names.codes(languages, self.languages())
        if codes in self._loaded:
            self._loaded.move_to_end(codes)
            return self._loaded[codes]
        api = self._library.PyTessBaseAPI(path=self._data, lang=codes)
        for variable, value in VARIABLES.items():
            api.SetVariable(variable, value)
        self._loaded[codes] = api
        if len(self._loaded) > _MOST_LOADED:
            _, oldest = self._loaded.popitem(last=False)
            oldest.End()
        return api

    def _words(self, cursor: Any) -> Iterator[Found]:
        level = self._library.RIL
        downward = self._library.WritingDirection.TOP_TO_BOTTOM
        block = line = 0
        for item in self._library.iterate_level(cursor, level.WORD) if cursor else ():
            block += item.IsAtBeginningOf(level.BLOCK)
            line += item.IsAtBeginningOf(level.TEXTLINE)
            box = item.BoundingBox(level.WORD)
            if item.Empty(level.WORD) or box is None:
                continue
            yield Found(
                block,
                line,
                item.GetUTF8Text(level.WORD),
                item.Confidence(level.WORD),
                box,
                downward=item.Orientation()[1] == downward,
            )
