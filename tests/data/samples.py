"""Files of every kind that the service reads, made when they are imported."""

import numpy as np
from PIL import Image as Pillow

from tests.data import make

RGB = make.gradient()
GREY = make.gradient(mode="L")
WORDS = make.text_image(["Total"], size=24, mode="L", ink=0, paper=255)
BILEVEL = WORDS.convert("1")


# What a file of each kind must come out as. Tolerance is the largest mean difference.
KINDS: list[tuple[str, bytes, str, Pillow.Image, float]] = [
    ("jpeg", make.encode(RGB, "JPEG", quality=95), "image/jpeg", RGB, 4),
    ("jpeg grey", make.encode(GREY, "JPEG", quality=95), "image/jpeg", GREY, 4),
    ("jpeg progressive", make.encode(RGB, "JPEG", progressive=True), "image/jpeg", RGB, 6),
    ("jpeg cmyk", make.encode(RGB.convert("CMYK"), "JPEG", quality=95), "image/jpeg", RGB, 4),
    ("png", make.encode(RGB, "PNG"), "image/png", RGB, 0),
    ("png grey", make.encode(GREY, "PNG"), "image/png", GREY, 0),
    ("png 1-bit", make.encode(BILEVEL, "PNG"), "image/png", BILEVEL.convert("L"), 0),
    ("png palette", make.encode(RGB.quantize(200), "PNG"), "image/png", RGB, 5),
    ("png grey palette", make.encode(GREY.convert("P"), "PNG"), "image/png", GREY, 0),
    ("png opaque alpha", make.encode(RGB.convert("RGBA"), "PNG"), "image/png", RGB, 0),
    ("png opaque grey alpha", make.encode(GREY.convert("LA"), "PNG"), "image/png", GREY, 0),
    ("gif", make.encode(GREY, "GIF"), "image/gif", GREY, 0),
    ("webp", make.encode(RGB, "WEBP", lossless=True), "image/webp", RGB, 0),
    ("webp lossy", make.encode(RGB, "WEBP", quality=95), "image/webp", RGB, 5),
    ("bmp", make.encode(RGB, "BMP"), "image/bmp", RGB, 0),
    ("bmp 1-bit", make.encode(BILEVEL, "BMP"), "image/bmp", BILEVEL.convert("L"), 0),
    ("tiff", make.encode(RGB, "TIFF"), "image/tiff", RGB, 0),
    ("tiff lzw", make.encode(RGB, "TIFF", compression="tiff_lzw"), "image/tiff", RGB, 0),
    ("tiff cmyk", make.encode(RGB.convert("CMYK"), "TIFF"), "image/tiff", RGB, 1),
    (
        "tiff g4",
        make.encode(BILEVEL, "TIFF", compression="group4"),
        "image/tiff",
        BILEVEL.convert("L"),
        0,
    ),
    ("bigtiff", make.encode(RGB, "TIFF", big_tiff=True), "image/tiff", RGB, 0),
    ("pbm", make.encode(BILEVEL, "PPM"), "image/x-portable-anymap", BILEVEL.convert("L"), 0),
    ("pgm", make.encode(GREY, "PPM"), "image/x-portable-anymap", GREY, 0),
    ("ppm", make.encode(RGB, "PPM"), "image/x-portable-anymap", RGB, 0),
    (
        "plain pgm",
        b"P2\n# by hand\n2 1 15\n0 15\n",
        "image/x-portable-anymap",
        Pillow.fromarray(np.array([[0, 255]], np.uint8)),
        0,
    ),
    ("jp2", make.encode(RGB, "JPEG2000"), "image/jp2", RGB, 0),
    ("j2k", make.encode(GREY, "JPEG2000", no_jp2=True), "image/jp2", GREY, 0),
]
SAMPLES = {
    **{name: content for name, content, *_ in KINDS},
    "gif animated": make.encode_pages([RGB, GREY.convert("RGB")], "GIF"),
    "webp animated": make.encode_pages([RGB, RGB.rotate(180)], "WEBP"),
    "apng": make.encode_pages([RGB, RGB.rotate(180)], "PNG"),
    "tiff pages": make.encode_pages([RGB, GREY], "TIFF"),
    "jpeg turned": make.encode(RGB, "JPEG", exif=make.with_orientation(6)),
    "pdf": make.pdf([make.PdfPage("Total"), make.PdfPage(annotation="Widget")]),
}
