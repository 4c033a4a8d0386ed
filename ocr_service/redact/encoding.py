"""Pixels to a file of the same kind as the one submitted, with nothing in it but pixels."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from io import BytesIO
from typing import Any

from PIL import Image as Pillow
from PIL.TiffImagePlugin import AppendingTiffWriter

from ocr_service.images import formats
from ocr_service.redact import frames, pdf
from ocr_service.redact.painting import Pixels

_QUALITY = 95  # of JPEG, where a file has no lossless form
_CODESTREAM = b"\xff\x4f\xff\x51"  # JPEG 2000 without the box that else holds it


def encode(pages: Iterable[Pixels], mime_type: str, count: int, original: bytes, dpi: int) -> bytes:
    """Return a file.

    Args:
        pages: (height, width) grey or (height, width, 3) RGB; each is taken when the one before it
            is compressed.
        mime_type: The kind of file, one of `images.MIME_TYPES`.
        count: How many pages there are, at least 1, and 1 for kinds that hold one.
        original: The file it replaces; only its first bytes are looked at, for the variant.
        dpi: Pixels per inch of PDF pages.
    """
    images = (Pillow.fromarray(page) for page in pages)
    if mime_type == formats.PDF.mime_type:
        return pdf.write(images, dpi, _QUALITY)
    if mime_type == formats.PNG.mime_type:
        return _png(images, count)
    if mime_type == formats.JPEG_2000.mime_type:
        return _save(next(images), "JPEG2000", no_jp2=original.startswith(_CODESTREAM))
    return _WRITERS[mime_type](images)


def _save(image: Pillow.Image, format_: str, **options: Any) -> bytes:
    with BytesIO() as file:
        image.save(file, format_, **options)
        return file.getvalue()


def _jpeg(images: Iterator[Pillow.Image]) -> bytes:
    return _save(next(images), "JPEG", quality=_QUALITY, subsampling=0)


def _bmp(images: Iterator[Pillow.Image]) -> bytes:
    return _save(next(images), "BMP")


def _pnm(images: Iterator[Pillow.Image]) -> bytes:
    return _save(next(images), "PPM")


def _png(images: Iterator[Pillow.Image], count: int) -> bytes:
    """Frames share one colour type, so that several are stored as RGB, grey ones too."""
    if count > 1:
        images = (image.convert("RGB") for image in images)
    return frames.join_png([_save(image, "PNG") for image in images])


def _gif(images: Iterator[Pillow.Image]) -> bytes:
    return frames.join_gif([_save(_with_palette(image), "GIF") for image in images])


def _with_palette(image: Pillow.Image) -> Pillow.Image:
    """Colours are not mixed from dots, so that a box stays of one colour."""
    return image if image.mode == "L" else image.quantize(256, dither=Pillow.Dither.NONE)


def _webp(images: Iterator[Pillow.Image]) -> bytes:
    size = (0, 0)
    pictures = []
    for image in images:
        size = image.size
        pictures.append(_save(image, "WEBP", lossless=True, method=0, quality=50))
    return frames.join_webp(pictures, *size)


def _tiff(images: Iterator[Pillow.Image]) -> bytes:
    with BytesIO() as file:
        with AppendingTiffWriter(file) as writer:
            for image in images:
                image.save(writer, "TIFF", compression="tiff_adobe_deflate")
                writer.newFrame()
        return file.getvalue()


_WRITERS: Mapping[str, Callable[[Iterator[Pillow.Image]], bytes]] = {
    formats.JPEG.mime_type: _jpeg,
    formats.GIF.mime_type: _gif,
    formats.WEBP.mime_type: _webp,
    formats.BMP.mime_type: _bmp,
    formats.TIFF.mime_type: _tiff,
    formats.PNM.mime_type: _pnm,
}
