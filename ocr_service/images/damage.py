"""Translates what decoders raise, in one place."""

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from ocr_service.errors import ContentUndecodable, OcrError, PixelsExceeded


@contextmanager
def translated() -> Iterator[None]:
    """Turn whatever a decoder raises on bad bytes into the caller's error.

    Decoders document no closed set: fuzzed files have brought out OSError, SyntaxError, ValueError,
    TypeError, KeyError, IndexError, EOFError, OverflowError, struct.error, zlib.error.
    A lack of memory is the process's affair, not the file's.

    Raises:
        PixelsExceeded: Pillow's own bound was hit.
        ContentUndecodable: Anything else.
    """
    try:
        yield
    except (OcrError, MemoryError):
        raise
    except Image.DecompressionBombError as exc:
        raise PixelsExceeded(
            "The page has too many pixels. Send it smaller.", field="content"
        ) from exc
    except Exception as exc:
        raise ContentUndecodable(
            "The file is damaged, cut off or of an unusual kind. Send it again, whole, or convert "
            "it first.",
            field="content",
        ) from exc
