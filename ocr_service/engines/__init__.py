"""Engines: one interface, loaded by name, so that a missing one costs only those who ask for it.

An engine object is used by one job at a time; it is never shared between threads.
"""

from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Protocol, cast, runtime_checkable

import numpy as np
import numpy.typing as npt

from ocr_service.deadline import Deadline
from ocr_service.engines.settings import DEFAULTS, EngineSettings
from ocr_service.errors import EngineNotInstalled
from ocr_service.options import Preparation, Segmentation
from ocr_service.results import Block


@runtime_checkable
class Engine(Protocol):
    """Reads text from pixels."""

    @property
    def name(self) -> str:
        """As in ``options.engine``, such as ``tesseract``."""
        ...

    @property
    def version(self) -> str:
        """Of the library that does the work, for people and for cache keys."""
        ...

    @property
    def preparation(self) -> Preparation:
        """What it wants done to a page."""
        ...

    @property
    def any_way_up(self) -> bool:
        """True if it reads lines that lie on their side or upside down, and says so."""
        ...

    def languages(self) -> tuple[str, ...]:
        """BCP-47 tags of what can be read now, sorted."""
        ...

    def warm_up(self, languages: tuple[str, ...]) -> None:
        """Load what reading these languages needs, so that the first page does not wait for it.

        Raises:
            LanguageNotInstalled: There is no data for a language.
        """
        ...

    def recognize(
        self,
        pixels: npt.NDArray[np.uint8],
        languages: tuple[str, ...],
        segmentation: Segmentation,
        deadline: Deadline,
    ) -> tuple[Block, ...]:
        """Read a page.

        Args:
            pixels: (H, W) grey or (H, W, 3) RGB.
            languages: BCP-47 tags, most likely first, at least one.
            segmentation: How to cut the page into lines.
            deadline: When to give up.

        Returns:
            Blocks in reading order, in the frame of the given pixels; none if there is no text.

        Raises:
            LanguageNotInstalled: There is no data for a language.
            DeadlineExceeded: The time ran out.
        """
        ...


@dataclass(frozen=True, slots=True)
class Kind:
    """How an engine is got.

    Attributes:
        module: Has a function ``engine(settings)`` that makes one.
        needs: Libraries, any one of which will do.
        install: What to do when it is missing.
    """

    module: str
    needs: tuple[str, ...]
    install: str


KINDS: dict[str, Kind] = {
    "tesseract": Kind(
        "ocr_service.engines.tesseract",
        ("tesserocr", "pytesseract"),
        "Install the package tesserocr and the language data of Tesseract.",
    ),
    "rapidocr": Kind(
        "ocr_service.engines.rapidocr",
        ("rapidocr",),
        "Install the packages rapidocr and onnxruntime.",
    ),
    "easyocr": Kind(
        "ocr_service.engines.easyocr",
        ("easyocr",),
        "Install it: `make easyocr`, or `pip install 'ocr-service[easyocr]'`.",
    ),
}


def load(name: str, settings: EngineSettings = DEFAULTS) -> Engine:
    """Make an engine.

    Args:
        name: A key of `KINDS`.
        settings: What the operator chose.

    Raises:
        EngineNotInstalled: There is none of that name here, or a library or its data is missing.
    """
    kind = KINDS.get(name)
    if kind is None:
        raise EngineNotInstalled(
            f"There is no such engine here. Choose one of: {', '.join(available())}.",
            field="options.engine",
        )
    try:
        return cast("Engine", import_module(kind.module).engine(settings))
    except ImportError as exc:
        raise EngineNotInstalled(
            f"The engine {name} is not installed on this server. {kind.install}",
            field="options.engine",
        ) from exc


def available() -> tuple[str, ...]:
    """Names of the engines whose libraries are here; nothing heavy is imported to find out."""
    return tuple(name for name, kind in KINDS.items() if any(map(find_spec, kind.needs)))
