"""Small images and documents, made at run time for tests.

`text_image` draws, `encode` and `encode_pages` turn pictures into files, `pdf` writes documents.
Run as a program it writes a few of them into a folder, to look at.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

from PIL import Image, ImageDraw, ImageFont

Color = int | str | tuple[int, ...]


def text_image(
    lines: Sequence[str],
    *,
    size: int = 32,
    ink: Color = "black",
    paper: Color = "white",
    mode: str = "RGB",
    margin: int = 20,
) -> Image.Image:
    """Draw lines of text in Pillow's own font, `size` pixels high, with `margin` pixels around."""
    font = ImageFont.load_default(size=size)
    width = max((font.getlength(line) for line in lines), default=0)
    pitch = round(size * 1.5)
    canvas = (round(width) + 2 * margin, pitch * len(lines) + 2 * margin)
    image = Image.new(mode, canvas, paper)
    draw = ImageDraw.Draw(image)
    for row, line in enumerate(lines):
        draw.text((margin, margin + row * pitch), line, font=font, fill=ink)
    return image


def gradient(width: int = 48, height: int = 32, mode: str = "RGB") -> Image.Image:
    """Draw a picture in which every corner differs: dark at the top left, light at the right."""
    across = Image.linear_gradient("L").rotate(90).resize((width, height))
    down = Image.linear_gradient("L").resize((width, height))
    if mode in {"RGB", "CMYK"}:
        return Image.merge("RGB", (across, down, across)).convert(mode)
    return Image.blend(across, down, 0.25).convert(mode)


def encode(image: Image.Image, format_: str, **options: Any) -> bytes:
    """Return the bytes of a file in a format that Pillow writes, such as "PNG"."""
    return encode_pages([image], format_, **options)


def encode_pages(images: Sequence[Image.Image], format_: str, **options: Any) -> bytes:
    """Return the bytes of a file of several pages or frames: "TIFF", "GIF", "WEBP", "PNG"."""
    file = BytesIO()
    first, *others = [image.copy() for image in images]  # saving leaves its settings on a picture
    if others:
        options |= {"save_all": True, "append_images": others}
    first.save(file, format_, **options)
    return file.getvalue()


def with_orientation(orientation: int) -> Image.Exif:
    """Return EXIF data that holds nothing but the orientation tag."""
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@dataclass(frozen=True)
class PdfPage:
    """A page; lengths are points, the origin is at the bottom left.

    Attributes:
        text: One line in Helvetica, 24 points high, 20 points in from the left and 20 up.
        box: Width and height.
        rotate: Degrees clockwise by which viewers turn it.
        crop: Left, bottom, right, top of what viewers show; None for all.
        drawing: More PDF operators.
        annotation: What to put over the lower left 40 x 40 points in black: "", "Square" for an
            annotation, "Widget" for a form field.
    """

    text: str = ""
    box: tuple[float, float] = (200, 100)
    rotate: int = 0
    crop: tuple[float, float, float, float] | None = None
    drawing: str = ""
    annotation: str = ""


def pdf(pages: Sequence[PdfPage], *, encrypted: bool = False) -> bytes:
    """Return a PDF file; an encrypted one opens with no password at all."""
    objects: list[str] = ["", "", "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"]
    kids, fields = [], []
    for page in pages:
        crop = page.crop or (0, 0, *page.box)
        annotations = ""
        if page.annotation:
            objects.append(_stream("0 0 0 rg 0 0 40 40 re f", "/Subtype /Form /BBox [0 0 40 40]"))
            objects.append(
                f"<< /Type /Annot /Subtype /{page.annotation} /FT /Tx /T (field) /F 4 "
                f"/Rect [0 0 40 40] /AP << /N {len(objects)} 0 R >> >>"
            )
            annotations = f"/Annots [{len(objects)} 0 R]"
            if page.annotation == "Widget":
                fields.append(f"{len(objects)} 0 R")
        text = page.text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        objects.append(_stream(f"{page.drawing} BT /F 24 Tf 20 20 Td ({text}) Tj ET"))
        objects.append(
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {page.box[0]} {page.box[1]}] "
            f"/CropBox [{' '.join(map(str, crop))}] /Rotate {page.rotate} {annotations} "
            f"/Resources << /Font << /F 3 0 R >> >> /Contents {len(objects)} 0 R >>"
        )
        kids.append(f"{len(objects)} 0 R")
    form = f"/AcroForm << /Fields [{' '.join(fields)}] >>" if fields else ""
    objects[0] = f"<< /Type /Catalog /Pages 2 0 R {form} >>"
    objects[1] = f"<< /Type /Pages /Count {len(pages)} /Kids [{' '.join(kids)}] >>"
    return _file(objects, encrypted=encrypted)


def _stream(content: str, entries: str = "") -> str:
    return f"<< {entries} /Length {len(content)} >>\nstream\n{content}\nendstream"


def _file(objects: Sequence[str], *, encrypted: bool) -> bytes:
    content = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += f"{number} 0 obj\n{body}\nendobj\n".encode("latin-1")
    table = "".join(f"{offset:010} 00000 n \n" for offset in offsets)
    code = "00" * 32
    lock = f"/Encrypt << /Filter /Standard /V 1 /R 2 /O <{code}> /U <{code}> /P -4 >>"
    return content + (
        f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
        f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /ID [<{code}> <{code}>] "
        f"{lock if encrypted else ''} >>\nstartxref\n{len(content)}\n%%EOF\n"
    ).encode("latin-1")


def main() -> None:
    """Write samples into the folder that the caller names."""
    parser = argparse.ArgumentParser(description="Write sample images into a folder.")
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    page = text_image(["Total 12.50", "Call +1 212 555 0100"])
    for format_ in ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "PPM"):
        (folder / f"text.{format_.lower()}").write_bytes(encode(page, format_))
    (folder / "text.pdf").write_bytes(pdf([PdfPage("Total 12.50"), PdfPage("Turned", rotate=90)]))


if __name__ == "__main__":
    main()
