"""Bytes to upright pages.

The content decides what a file is, never its name or claimed type. Sizes and page counts are read
from headers before anything is decoded, and nothing is written to disk. Images are decoded by
Pillow, each by the one decoder its first bytes call for; PDF is rendered by PDFium.
"""

from collections.abc import Generator, Sequence

from ocr_service.errors import FormatUnsupported, PageOutOfRange
from ocr_service.images import pdf, raster
from ocr_service.images.formats import (
    GIF,
    MIME_TYPES,
    PDF,
    TIFF,
    WEBP,
    Format,
    check_hint,
    sniff,
)
from ocr_service.images.limits import Limits
from ocr_service.images.page import Image, Source

__all__ = ["MIME_TYPES", "Image", "Limits", "Source", "decode", "may_have_pages", "probe", "select"]


def may_have_pages(content: bytes) -> bool:
    """Whether a file is of a kind that may have several pages. Costs next to nothing."""
    try:
        return sniff(content) in (GIF, PDF, TIFF, WEBP)
    except FormatUnsupported:
        return False


def probe(content: bytes, mime_type: str, limits: Limits) -> Source:
    """Tell what a file is, from its headers alone.

    Args:
        content: The file.
        mime_type: What the caller believes it to be; empty if unknown.
        limits: What the file may not exceed. The size of PDF pages and of the pages of a
            TIFF file with several is left to `decode`, so that one of them spoils no other.

    Raises:
        ContentEmpty, ContentTooLarge, FormatUnsupported, MimeTypeMismatch, ContentUndecodable,
        PixelsExceeded, PagesExceeded: See each.
    """
    found = _recognise(content, mime_type, limits)
    if found is PDF:
        return Source(found.mime_type, pdf.count_pages(content, limits))
    return Source(found.mime_type, raster.open_image(content, found, limits).page_count)


def decode(
    content: bytes, mime_type: str, pages: Sequence[int], dpi: int, limits: Limits
) -> tuple[Source, Generator[Image]]:
    """Return what a file is and its pages, upright, decoded one by one as they are asked for.

    Args:
        content: The file.
        mime_type: What the caller believes it to be; empty if unknown.
        pages: Numbers of the pages wanted, from 1, in any order; empty means all.
        dpi: Resolution at which PDF pages are rendered, 72 to 600; other formats ignore it.
        limits: What the file may not exceed.

    Returns:
        The source, and its pages in ascending order without repetition. Close the generator to
        stop early. It raises ContentUndecodable or PixelsExceeded for the page at fault and ends.

    Raises:
        PageOutOfRange: A page is wanted that the file does not have.
        OptionInvalid: The resolution is out of range.
        ContentEmpty, ContentTooLarge, FormatUnsupported, MimeTypeMismatch, ContentUndecodable,
        PixelsExceeded, PagesExceeded: As `probe` does.
    """
    found = _recognise(content, mime_type, limits)
    if found is PDF:
        pdf.check_dpi(dpi)
        count = pdf.count_pages(content, limits)
        images = pdf.render(content, select(pages, count), dpi, limits)
    else:
        opened = raster.open_image(content, found, limits)
        count = opened.page_count
        images = raster.read(opened, select(pages, count), limits)
    return Source(found.mime_type, count), images


def _recognise(content: bytes, mime_type: str, limits: Limits) -> Format:
    limits.check_bytes(len(content))
    found = sniff(content)
    check_hint(mime_type, found)
    return found


def select(pages: Sequence[int], count: int) -> Sequence[int]:
    """Return the pages to read of a document that has `count`, in ascending order.

    Raises:
        PageOutOfRange: A page is wanted that the document does not have.
    """
    wanted = sorted(set(pages)) or range(1, count + 1)
    if wanted[0] < 1 or wanted[-1] > count:
        raise PageOutOfRange(
            f"The document has {count} page(s). Ask for pages from 1 to {count}, or for none to "
            "read all.",
            field="options.pages",
        )
    return wanted
