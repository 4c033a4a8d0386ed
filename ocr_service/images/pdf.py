"""PDF pages, rendered by PDFium."""

import math
import threading
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing, contextmanager, suppress

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ocr_service.errors import ContentUndecodable, OptionInvalid, PixelsExceeded
from ocr_service.images.damage import translated
from ocr_service.images.limits import Limits
from ocr_service.images.page import Image

MIN_DPI = 72
MAX_DPI = 600
POINTS_PER_INCH = 72

_PDFIUM = threading.Lock()  # PDFium is not thread-safe, not even across documents


def check_dpi(dpi: int) -> None:
    """Return if pages may be rendered at that resolution.

    Raises:
        OptionInvalid: They may not.
    """
    if not MIN_DPI <= dpi <= MAX_DPI:
        raise OptionInvalid(
            f"Ask for a resolution from {MIN_DPI} to {MAX_DPI} dpi.", field="options.dpi"
        )


def count_pages(content: bytes, limits: Limits) -> int:
    """Return the number of pages.

    Raises:
        ContentUndecodable: The document is damaged or encrypted, or has no pages.
        PagesExceeded: It has too many.
    """
    with _open(content) as document:
        count = len(document)
    limits.check_pages(count)
    return count


def render(content: bytes, numbers: Sequence[int], dpi: int, limits: Limits) -> Generator[Image]:
    """Yield these pages as a viewer shows them: turned, cropped, with forms and annotations.

    Raises:
        ContentUndecodable, PixelsExceeded: For the page that is reached.
    """
    with _open(content) as document:
        for number in numbers:
            with translated(), _PDFIUM:
                points = document.get_page_size(number - 1)
                _check_size(points, dpi, limits)
                pixels = _draw(document, number - 1, dpi / POINTS_PER_INCH)
            height, width = pixels.shape[:2]
            yield Image(number, pixels, (_dpi(width, points[0]), _dpi(height, points[1])))


@contextmanager
def _open(content: bytes) -> Iterator[pypdfium2.PdfDocument]:
    with translated(), _PDFIUM:
        document = _load(content)
    try:
        yield document
    finally:
        with _PDFIUM:
            document.close()


def _load(content: bytes) -> pypdfium2.PdfDocument:
    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as exc:
        if exc.err_code != pdfium.FPDF_ERR_PASSWORD:
            raise
        raise ContentUndecodable(
            "The document needs a password. Send it unprotected.", field="content"
        ) from exc
    with suppress(pypdfium2.PdfiumError):  # a broken form hides no page
        document.init_forms()
    return document


def _check_size(points: tuple[float, float], dpi: int, limits: Limits) -> None:
    width, height = _size(points, dpi)
    if min(points) <= 0 or limits.allow_size(width, height):
        limits.check_size(width, height)
        return
    fitting = next(
        (low for low in range(dpi, MIN_DPI - 1, -1) if limits.allow_size(*_size(points, low))), 0
    )
    raise PixelsExceeded(
        f"The page would have {width} x {height} pixels at {dpi} dpi; {limits.max_pixels:,} in all "
        f"and {limits.max_side:,} on a side are allowed. "
        + (f"Ask for {fitting} dpi or less." if fitting else "Send it smaller or in parts."),
        field="options.dpi" if fitting else "content",
    )


def _size(points: tuple[float, float], dpi: int) -> tuple[int, int]:
    """Return the pixels of a page, rounded up as the renderer does."""
    scale = dpi / POINTS_PER_INCH
    return math.ceil(points[0] * scale), math.ceil(points[1] * scale)


def _dpi(pixels: int, points: float) -> float:
    """Return the exact resolution of a page, which the renderer stretches to whole pixels."""
    return pixels * POINTS_PER_INCH / points


def _draw(document: pypdfium2.PdfDocument, index: int, scale: float) -> NDArray[np.uint8]:
    with (
        closing(document[index]) as page,
        closing(page.render(scale=scale, rev_byteorder=True)) as bitmap,
    ):
        drawn: NDArray[np.uint8] = bitmap.to_numpy()
        if _is_grey(drawn):
            drawn = drawn[..., 0]
        return drawn[..., :3].copy() if drawn.ndim == 3 else drawn.copy()


def _is_grey(drawn: NDArray[np.uint8]) -> bool:
    red, green, blue = drawn[..., 0], drawn[..., 1], drawn[..., 2]
    return np.array_equal(red, green) and np.array_equal(green, blue)
