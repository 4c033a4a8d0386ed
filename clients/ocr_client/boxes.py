"""Draws what was recognised over the pages."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from ocr_client.errors import BadInput
from ocr_service.pb.ocr.v1.entity_pb2 import EntityType

if TYPE_CHECKING:
    from pathlib import Path

    from PIL import ImageDraw
    from PIL.Image import Image

    from ocr_service.pb.ocr.v1.layout_pb2 import BoundingPoly, Page
    from ocr_service.pb.ocr.v1.recognize_pb2 import RecognizeResponse

_WORD, _FINDING = (40, 110, 220), (220, 30, 30)


def draw(content: bytes, reply: RecognizeResponse, out: Path) -> list[Path]:
    """Write each page with its words in blue and its findings in red; return the files.

    The first page goes to ``out.png``, the others to ``out-2.png``, ``out-3.png`` and so on, by
    their place in the reply.

    Raises:
        BadInput: The page cannot be shown, a library for it is missing, or a file cannot be
            written.
    """
    written = []
    for place, page in enumerate(reply.pages, start=1):
        image = _picture(content, page)
        _draw_page(image, page, reply)
        path = out if place == 1 else out.with_stem(f"{out.stem}-{place}")
        try:
            image.save(path)
        except ValueError as exc:
            raise BadInput("Give --boxes a file name that ends in .png.") from exc
        except OSError as exc:
            raise BadInput(f"The boxes cannot be written: {exc.strerror}.") from exc
        written.append(path)
    return written


def _draw_page(image: Image, page: Page, reply: RecognizeResponse) -> None:
    from PIL import ImageDraw  # only this option needs it

    pen = ImageDraw.Draw(image)
    thick = max(1, round(max(image.size) / 600))
    for block in page.blocks:
        for line in block.lines:
            for part in line.words or [line]:
                _outline(pen, part.bounding_poly, _WORD, thick)
    for entity in reply.entities:
        for region in entity.regions:
            if region.page_number == page.number:
                corner = _outline(pen, region.bounding_poly, _FINDING, 2 * thick)
                label = EntityType.Name(entity.type).removeprefix("ENTITY_TYPE_")
                pen.text(corner, label, fill=_FINDING, anchor="ld", font_size=10 * thick)


def _picture(content: bytes, page: Page) -> Image:
    """Return the page as the service saw it: upright by its EXIF orientation, of the same size."""
    try:
        from PIL import Image, ImageOps, ImageSequence
    except ImportError as exc:
        raise BadInput("Boxes need Pillow: `pip install pillow`.") from exc
    if content[:1024].lstrip().startswith(b"%PDF-"):
        return _pdf_page(content, page)
    try:
        with Image.open(io.BytesIO(content)) as file:
            frames = ImageSequence.Iterator(file)
            image = ImageOps.exif_transpose(frames[page.number - 1]).convert("RGB")
    except (OSError, ValueError, IndexError, Image.DecompressionBombError) as exc:
        raise BadInput("Pillow cannot show this file, so boxes cannot be drawn over it.") from exc
    return image.resize((page.width, page.height)) if page.width and page.height else image


def _pdf_page(content: bytes, page: Page) -> Image:
    try:
        import pypdfium2
    except ImportError as exc:
        raise BadInput(
            "Boxes need an image, or pypdfium2 for a PDF: `pip install pypdfium2`."
        ) from exc
    try:
        with pypdfium2.PdfDocument(content) as document:
            sheet = document[page.number - 1]
            image: Image = sheet.render(scale=page.width / sheet.get_width()).to_pil()
    except (pypdfium2.PdfiumError, IndexError) as exc:
        raise BadInput("pypdfium2 cannot show this file, so boxes cannot be drawn.") from exc
    return image.convert("RGB").resize((page.width, page.height))


def _outline(
    pen: ImageDraw.ImageDraw, poly: BoundingPoly, color: tuple[int, int, int], width: int
) -> tuple[float, float]:
    """Draw the four sides; return the first corner."""
    corners = [(vertex.x, vertex.y) for vertex in poly.vertices]
    if corners:
        pen.line([*corners, corners[0]], fill=color, width=width, joint="curve")
    return corners[0] if corners else (0.0, 0.0)
