"""Writes a PDF file of page images and nothing else.

Pillow's writer holds all pages at once; here a page is compressed before the next is drawn.
ISO 32000-1.
"""

import zlib
from collections.abc import Iterable
from io import BytesIO

from PIL import Image as Pillow

_POINTS_PER_INCH = 72
_SHORTER = 0.01  # pixels: renderers round sizes up, and no rounding here may add one
_CATALOG, _TREE = 1, 2
_SPACES = {"L": "/DeviceGray", "RGB": "/DeviceRGB"}


def write(pages: Iterable[Pillow.Image], dpi: int, quality: int) -> bytes:
    """Return a PDF file.

    Args:
        pages: Of mode L or RGB.
        dpi: Pixels of a page per inch of the paper.
        quality: Of those pages that JPEG stores in fewer bytes than lossless compression does.
    """
    objects: dict[int, bytes] = {}
    kids: list[str] = []
    for page in pages:
        picture, content, leaf = range(len(kids) * 3 + 3, len(kids) * 3 + 6)
        width, height = ((side - _SHORTER) * _POINTS_PER_INCH / dpi for side in page.size)
        objects[picture] = _picture(page, quality)
        objects[content] = _stream("", f"{width:.4f} 0 0 {height:.4f} 0 0 cm /I Do".encode())
        objects[leaf] = (
            f"<< /Type /Page /Parent {_TREE} 0 R /MediaBox [0 0 {width:.4f} {height:.4f}] "
            f"/Resources << /XObject << /I {picture} 0 R >> >> /Contents {content} 0 R >>"
        ).encode()
        kids.append(f"{leaf} 0 R")
    objects[_CATALOG] = f"<< /Type /Catalog /Pages {_TREE} 0 R >>".encode()
    objects[_TREE] = f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(kids)}] >>".encode()
    return _file(objects)


def _picture(page: Pillow.Image, quality: int) -> bytes:
    """The page as text compresses best without loss, or as photographs compress best with."""
    with BytesIO() as file:
        page.save(file, "JPEG", quality=quality, subsampling=0)
        data, method = file.getvalue(), "/DCTDecode"
    lossless = zlib.compress(page.tobytes())
    if len(lossless) <= len(data):
        data, method = lossless, "/FlateDecode"
    return _stream(
        f"/Type /XObject /Subtype /Image /Width {page.width} /Height {page.height} "
        f"/ColorSpace {_SPACES[page.mode]} /BitsPerComponent 8 /Filter {method}",
        data,
    )


def _stream(entries: str, data: bytes) -> bytes:
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def _file(objects: dict[int, bytes]) -> bytes:
    file = BytesIO()
    file.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")  # the high bytes tell that it is not text
    offsets = []
    for number in sorted(objects):
        offsets.append(file.tell())
        file.write(b"%d 0 obj\n%b\nendobj\n" % (number, objects[number]))
    table = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1))
    file.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    file.write(trailer % (len(objects) + 1, _CATALOG, table))
    return file.getvalue()
