"""What a submitted file may not exceed."""

from dataclasses import dataclass

from PIL import Image

from ocr_service.errors import (
    ContentEmpty,
    ContentTooLarge,
    ContentUndecodable,
    PagesExceeded,
    PixelsExceeded,
)

# Pillow refuses twice its own bound whatever the limits here say, so these cannot go beyond it.
PILLOW_MAX_PIXELS = 2 * (Image.MAX_IMAGE_PIXELS or 0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds, each of them still allowed.

    Attributes:
        max_bytes: Bytes of a file.
        max_pixels: Pixels of a page, up to 178,956,970.
        max_side: Pixels of a page's longer side.
        max_pages: Pages of a document.

    Raises:
        ValueError: A bound is below 1, or `max_pixels` above what Pillow decodes.
    """

    max_bytes: int = 32 * 2**20
    max_pixels: int = 50_000_000
    max_side: int = 16_384
    max_pages: int = 500

    def __post_init__(self) -> None:
        if min(self.max_bytes, self.max_pixels, self.max_side, self.max_pages) < 1:
            raise ValueError("every limit must be at least 1")
        if self.max_pixels > PILLOW_MAX_PIXELS > 0:
            raise ValueError(f"max_pixels must be at most {PILLOW_MAX_PIXELS}")

    def check_bytes(self, size: int) -> None:
        """Return if a file of `size` bytes may be read.

        Raises:
            ContentEmpty, ContentTooLarge: It may not.
        """
        if not size:
            raise ContentEmpty("Send the bytes of an image or a document.", field="content")
        if size > self.max_bytes:
            raise ContentTooLarge(
                f"The file has {size:,} bytes; {self.max_bytes:,} are allowed. Send it compressed "
                "or in parts.",
                field="content",
            )

    def check_pages(self, count: int) -> None:
        """Return if a document of `count` pages may be read.

        Raises:
            ContentUndecodable: There are none.
            PagesExceeded: There are too many.
        """
        if count < 1:
            raise ContentUndecodable("The document has no pages. Send another.", field="content")
        if count > self.max_pages:
            raise PagesExceeded(
                f"The document has more than {self.max_pages:,} pages. Send it in parts.",
                field="content",
            )

    def allow_size(self, width: int, height: int) -> bool:
        """Tell whether a page of that many pixels may be decoded."""
        return max(width, height) <= self.max_side and width * height <= self.max_pixels

    def check_size(self, width: int, height: int) -> None:
        """Return if a page of that many pixels may be decoded.

        Raises:
            ContentUndecodable: It has no pixels.
            PixelsExceeded: It has too many.
        """
        if width < 1 or height < 1:
            raise ContentUndecodable("The image has no pixels. Send another.", field="content")
        if not self.allow_size(width, height):
            raise PixelsExceeded(
                f"The page has {width} x {height} pixels; {self.max_pixels:,} in all and "
                f"{self.max_side:,} on a side are allowed. Send it smaller.",
                field="content",
            )
