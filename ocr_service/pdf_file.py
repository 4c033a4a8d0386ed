"""Parts of PDF files, and how they become a file. ISO 32000-1.

Pillow's writer holds all pages of a document at once; with these a page is compressed before the
next is drawn.
"""

import zlib
from collections.abc import Mapping
from io import BytesIO

from PIL import Image as Pillow

POINTS_PER_INCH = 72
CATALOG, TREE = 1, 2  # numbers of the objects that every file has

_SPACES = {"L": "/DeviceGray", "RGB": "/DeviceRGB"}


def picture(image: Pillow.Image, quality: int, subsampling: int) -> bytes:
    """Return an image object: lossless, as text compresses best, or JPEG, as photographs do.

    Args:
        image: Of mode L or RGB.
        quality: Of the JPEG, 1 to 95.
        subsampling: Of its colours, as Pillow counts: 0 for none, 2 for one colour in 2 x 2 pixels.
    """
    with BytesIO() as file:
        image.save(file, "JPEG", quality=quality, subsampling=subsampling)
        data, method = file.getvalue(), "/DCTDecode"
    raw = image.tobytes()
    # The fastest compression tells photographs in a third of the time of the best.
    if len(zlib.compress(raw, level=1)) <= len(data):
        data, method = zlib.compress(raw), "/FlateDecode"
    return stream(
        data,
        f"/Type /XObject /Subtype /Image /Width {image.width} /Height {image.height} "
        f"/ColorSpace {_SPACES[image.mode]} /BitsPerComponent 8 /Filter {method}",
    )


def compressed(data: bytes, entries: str = "") -> bytes:
    """Return a stream object that holds the data in fewer bytes."""
    return stream(zlib.compress(data), f"{entries} /Filter /FlateDecode")


def stream(data: bytes, entries: str = "") -> bytes:
    """Return a stream object with these entries in its dictionary, besides its length."""
    return f"<< {entries} /Length {len(data)} >>\nstream\n".encode() + data + b"\nendstream"


def page(width: float, height: float, resources: str, content: int) -> bytes:
    """Return a page object.

    Args:
        width: Points.
        height: Points.
        resources: Entries of the dictionary of what the content names.
        content: The number of the object that draws the page.
    """
    return (
        f"<< /Type /Page /Parent {TREE} 0 R /MediaBox [0 0 {width:.4f} {height:.4f}] "
        f"/Resources << {resources} >> /Contents {content} 0 R >>"
    ).encode()


def join(objects: Mapping[int, bytes], pages: list[int]) -> bytes:
    """Return a file.

    Args:
        objects: By number, from 3 on without a gap.
        pages: The numbers of those that are pages, in order.
    """
    kids = " ".join(f"{number} 0 R" for number in pages)
    whole = {
        CATALOG: f"<< /Type /Catalog /Pages {TREE} 0 R >>".encode(),
        TREE: f"<< /Type /Pages /Count {len(pages)} /Kids [{kids}] >>".encode(),
        **objects,
    }
    file = BytesIO()
    file.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")  # the high bytes tell that it is not text
    offsets = []
    for number in sorted(whole):
        offsets.append(file.tell())
        file.write(b"%d 0 obj\n%b\nendobj\n" % (number, whole[number]))
    table = file.tell()
    file.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(whole) + 1))
    file.writelines(b"%010d 00000 n \n" % offset for offset in offsets)
    trailer = b"trailer\n<< /Size %d /Root %d 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    file.write(trailer % (len(whole) + 1, CATALOG, table))
    return file.getvalue()
