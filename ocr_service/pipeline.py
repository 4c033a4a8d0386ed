"""The story of a document, from bytes to results."""

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from ocr_service import images, locate, reading
from ocr_service.deadline import Deadline
from ocr_service.engines import Engine
from ocr_service.engines.roster import AUTO
from ocr_service.images import Image, Limits
from ocr_service.options import Options
from ocr_service.reading import Reading
from ocr_service.results import Block, Document, Line, Page, PageWarning, StageTimes

LOW_CONFIDENCE = 0.5


def run(
    content: bytes,
    mime_type: str,
    options: Options,
    limits: Limits,
    deadline: Deadline,
    engines: Sequence[Engine],
    on_page: Callable[[Image, Page], None] | None = None,
) -> Document:
    """Read a document.

    Args:
        content: The file.
        mime_type: What the caller believes it to be; empty if unknown.
        options: How to read it.
        limits: What it may not exceed.
        deadline: When to give up; checked between stages and inside the engine.
        engines: Those that may read, the first choice first, at least one; used by no other job
            meanwhile.
        on_page: Called with each page's pixels and what was read there.

    Returns:
        The pages that were asked for. A page without text is a page without blocks.

    Raises:
        BadInput: The content cannot be read, or an option does not fit it.
        LanguageNotInstalled: The engine lacks a language.
        DeadlineExceeded, Cancelled: It had to stop.
        OcrError: Whatever `on_page` raised.
    """
    clock = _Clock()
    source, decoded = images.decode(content, mime_type, options.pages, options.dpi, limits)
    pages = []
    readers = set()
    with closing(decoded):
        for image in decoded:
            clock.decoded()
            read = reading.read(image.pixels, options, deadline, engines)
            clock.read(read)
            readers.add(read.engine)
            page = _page(image, read, options.min_confidence)
            pages.append(replace(page, findings=locate.find(page, options.entities)))
            clock.found()
            if on_page:
                on_page(image, pages[-1])
                clock.restart()
            deadline.check()
    engine = readers.pop() if len(readers) == 1 else AUTO
    return Document(tuple(pages), source.mime_type, source.page_count, engine, clock.times)


def _page(image: Image, read: Reading, min_confidence: float) -> Page:
    page = Page(image.number, image.width, image.height, read.turned, read.blocks)
    blocks = tuple(kept for block in read.blocks if (kept := _confident(block, min_confidence)))
    return replace(page, blocks=blocks, warnings=_warnings(page, read))


def _confident(block: Block, least: float) -> Block | None:
    """The block without words, and lines left empty, of less confidence; None if nothing stays."""
    lines = []
    for line in block.lines:
        words = tuple(word for word in line.words if word.confidence >= least)
        if words:
            lines.append(Line(words, line.poly))
    return Block(tuple(lines), block.poly) if lines else None


def _warnings(page: Page, read: Reading) -> tuple[PageWarning, ...]:
    found = []
    if read.doubted:
        found.append(
            PageWarning(
                "ENGINE_ESCALATED",
                f"The engine {read.doubted} read little of the page with confidence; "
                f"{read.engine} read it better.",
            )
        )
    if page.rotation_degrees:
        found.append(
            PageWarning(
                "PAGE_ROTATED",
                f"The text stands upright after a clockwise turn by {page.rotation_degrees}"
                " degrees; its polygons follow the page as submitted.",
            )
        )
    if page.blocks and page.confidence < LOW_CONFIDENCE:
        found.append(
            PageWarning(
                "LOW_CONFIDENCE",
                "The page was hard to read. Send a sharper or larger image, name its languages,"
                " or try another engine.",
            )
        )
    return tuple(found)


@dataclass(slots=True)
class _Clock:
    """Sums up where the time of all pages went."""

    times: StageTimes = field(default_factory=StageTimes)
    mark: float = field(default_factory=time.perf_counter)

    def decoded(self) -> None:
        """A page was decoded since the last mark."""
        now = time.perf_counter()
        self.times = replace(self.times, decode=self.times.decode + now - self.mark)

    def read(self, read: Reading) -> None:
        """A page was read; what comes next is searching it."""
        self.times = replace(
            self.times,
            preprocess=self.times.preprocess + read.preprocess_seconds,
            recognize=self.times.recognize + read.recognize_seconds,
        )
        self.mark = time.perf_counter()

    def restart(self) -> None:
        """What was done since the last mark belongs to no stage."""
        self.mark = time.perf_counter()

    def found(self) -> None:
        """A page was searched; what comes next is decoding."""
        now = time.perf_counter()
        self.times = replace(self.times, find_entities=self.times.find_entities + now - self.mark)
        self.mark = now
