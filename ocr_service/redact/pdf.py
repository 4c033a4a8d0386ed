"""Writes a PDF file of page images and nothing else."""

from collections.abc import Iterable

from PIL import Image as Pillow

from ocr_service import pdf_file
from ocr_service.pdf_file import POINTS_PER_INCH

_SHORTER = 0.01  # pixels: renderers round sizes up, and no rounding here may add one


def write(pages: Iterable[Pillow.Image], dpi: int, quality: int) -> bytes:
    """Return a PDF file.

    Args:
        pages: Of mode L or RGB.
        dpi: Pixels of a page per inch of the paper.
        quality: Of those pages that JPEG stores in fewer bytes than lossless compression does.
    """
    objects: dict[int, bytes] = {}
    leaves: list[int] = []
    for image in pages:
        picture, content, leaf = range(len(objects) + 3, len(objects) + 6)
        width, height = ((side - _SHORTER) * POINTS_PER_INCH / dpi for side in image.size)
        objects[picture] = pdf_file.picture(image, quality, subsampling=0)
        objects[content] = pdf_file.stream(f"{width:.4f} 0 0 {height:.4f} 0 0 cm /I Do".encode())
        objects[leaf] = pdf_file.page(width, height, f"/XObject << /I {picture} 0 R >>", content)
        leaves.append(leaf)
    return pdf_file.join(objects, leaves)
