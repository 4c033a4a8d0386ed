"""Reads one page: prepare, recognise, judge, and look again where the first look read badly."""

import time
from dataclasses import dataclass, field

from ocr_service import preprocess
from ocr_service.deadline import Deadline
from ocr_service.engines import Engine
from ocr_service.options import Options, Preprocessing, Segmentation
from ocr_service.preprocess import Pixels, View, densest_strip
from ocr_service.results import Block, Word

DOUBTFUL = 0.65  # mean confidence below which another way up is tried
_PLAUSIBLE = 0.5  # confidence above which a word counts as read
_CLEARLY = 1.3  # another way up must read that much better
_STRIP_LINES = 10  # lines of text on which ways up are compared


@dataclass(slots=True)
class Reading:
    """One page, read.

    Attributes:
        blocks: What was read, in pixels of the submitted page.
        turned: Degrees clockwise by which the page had to be turned.
        preprocess_seconds: Spent on preparing, all looks together.
        recognize_seconds: Spent in the engine, all looks together.
    """

    blocks: tuple[Block, ...] = ()
    turned: int = 0
    preprocess_seconds: float = 0.0
    recognize_seconds: float = 0.0


def read(pixels: Pixels, options: Options, deadline: Deadline, engine: Engine) -> Reading:
    """Read a page.

    Args:
        pixels: uint8, (H, W) grey or (H, W, 3) RGB, as submitted.
        options: How.
        deadline: Checked between steps.
        engine: Used by this job alone.

    Raises:
        LanguageNotInstalled, DeadlineExceeded, Cancelled: See each.
    """
    return _Reader(pixels, options, deadline, engine).read()


@dataclass(slots=True)
class _Reader:
    pixels: Pixels
    options: Options
    deadline: Deadline
    engine: Engine
    done: Reading = field(default_factory=Reading)

    def read(self) -> Reading:
        automatic = self.options.preprocessing is Preprocessing.AUTO
        sideways = automatic and preprocess.is_sideways(preprocess.look(self.pixels))
        first = 90 if sideways else 0
        view, blocks = self._look(first)
        if automatic and is_doubtful(blocks):
            turned = self._best_way_up(first, view)
            if turned != first:
                first = turned
                view, blocks = self._look(turned)
        self.done.blocks = view.blocks_to_page(blocks)
        self.done.turned = first
        return self.done

    def _look(self, turned: int) -> tuple[View, tuple[Block, ...]]:
        view = self._prepare(turned)
        return view, self._recognize(view)

    def _best_way_up(self, first: int, view: View) -> int:
        """Compare a few lines in all directions; the first one wins unless clearly beaten."""
        best, most = (
            first,
            _CLEARLY * read_letters(self._recognize(densest_strip(view, _STRIP_LINES))),
        )
        for turned in ((first + 180) % 360, (first + 90) % 360, (first + 270) % 360):
            strip = densest_strip(self._prepare(turned), _STRIP_LINES)
            letters = read_letters(self._recognize(strip))
            if letters > most:
                best, most = turned, letters
        return best

    def _prepare(self, turned: int) -> View:
        self.deadline.check()
        began = time.perf_counter()
        view = preprocess.apply(self.pixels, self.options.preprocessing, turned)
        self.done.preprocess_seconds += time.perf_counter() - began
        return view

    def _recognize(self, view: View) -> tuple[Block, ...]:
        self.deadline.check()
        began = time.perf_counter()
        segmentation = self.options.segmentation
        if segmentation is Segmentation.AUTO and self.options.preprocessing is Preprocessing.AUTO:
            segmentation = Segmentation.SINGLE_BLOCK
        blocks = self.engine.recognize(
            view.pixels, self.options.languages, segmentation, self.deadline
        )
        self.done.recognize_seconds += time.perf_counter() - began
        return blocks


def is_doubtful(blocks: tuple[Block, ...]) -> bool:
    """Tell whether so little was read with confidence that the page may lie the wrong way up."""
    words = _words(blocks)
    letters = sum(len(word.text) for word in words)
    sure = sum(len(word.text) * word.confidence for word in words)
    return sure < DOUBTFUL * letters or letters == 0


def read_letters(blocks: tuple[Block, ...]) -> float:
    """How many letters and digits were read, each counted by its word's confidence."""
    return sum(
        word.confidence * sum(map(str.isalnum, word.text))
        for word in _words(blocks)
        if word.confidence > _PLAUSIBLE
    )


def _words(blocks: tuple[Block, ...]) -> list[Word]:
    return [word for block in blocks for line in block.lines for word in line.words]
