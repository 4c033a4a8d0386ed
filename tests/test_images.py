import gc
import json
import struct
import threading
import tracemalloc
import warnings
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.Image import Transpose

from ocr_service.errors import (
    BadInput,
    ContentEmpty,
    ContentTooLarge,
    ContentUndecodable,
    FormatUnsupported,
    MimeTypeMismatch,
    OptionInvalid,
    PageOutOfRange,
    PagesExceeded,
    PixelsExceeded,
)
from ocr_service.images import MIME_TYPES, Image, Limits, Source, decode, probe
from tests.data import make

LIMITS = Limits()
RGB = make.gradient()
GREY = make.gradient(mode="L")
WORDS = make.text_image(["Total"], size=24, mode="L", ink=0, paper=255)
BILEVEL = WORDS.convert("1")


def read(content: bytes, limits: Limits = LIMITS, *, pages: tuple[int, ...] = ()) -> list[Image]:
    return list(decode(content, "", pages, 100, limits)[1])


def pixels(image: Pillow.Image) -> NDArray[np.uint8]:
    return np.asarray(image, dtype=np.uint8)


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


@pytest.mark.parametrize(
    ("content", "mime_type", "expected", "tolerance"),
    [pytest.param(*row[1:], id=row[0]) for row in KINDS],
)
def test_every_kind_is_read(
    content: bytes, mime_type: str, expected: Pillow.Image, tolerance: float
) -> None:
    source, images = decode(content, "", (), 200, LIMITS)
    assert source == probe(content, "", LIMITS) == Source(mime_type, 1)
    (image,) = images
    want = pixels(expected)
    assert image.number == 1
    assert (image.width, image.height) == expected.size
    assert image.pixels.shape == want.shape
    assert image.pixels.dtype == np.uint8
    assert image.pixels.flags.c_contiguous
    assert np.abs(image.pixels.astype(int) - want).mean() <= tolerance


def test_the_kinds_are_all_that_is_claimed() -> None:
    assert {row[2] for row in KINDS} | {"application/pdf"} == set(MIME_TYPES)


STORED_AS = {  # what undoes the turn that the tag asks for
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_90,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_270,
}


@pytest.mark.parametrize("orientation", range(10))
@pytest.mark.parametrize(
    ("format_", "options"),
    [("JPEG", {"quality": 95}), ("PNG", {}), ("TIFF", {}), ("WEBP", {"lossless": True})],
)
def test_the_orientation_tag_is_obeyed(
    format_: str, options: dict[str, int], orientation: int
) -> None:
    turn = STORED_AS.get(orientation)
    stored = RGB if turn is None else RGB.transpose(turn)
    exif = make.with_orientation(orientation)
    (image,) = read(make.encode(stored, format_, exif=exif, **options))
    assert image.pixels.shape == pixels(RGB).shape
    assert np.abs(image.pixels.astype(int) - pixels(RGB)).mean() < 5


def test_each_tiff_page_obeys_its_own_tag() -> None:
    first, second = RGB.transpose(Transpose.ROTATE_90), GREY
    file = make.encode_pages([first, second], "TIFF", exif=make.with_orientation(6))
    shapes = [image.pixels.shape for image in read(file)]
    assert shapes[0] == pixels(RGB).shape
    assert len(shapes) == 2


def test_a_broken_orientation_tag_spoils_nothing() -> None:
    content = make.encode(RGB, "JPEG", exif=b"Exif\0\0MM\0*\xff\xff\xff\xff")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (image,) = read(content)
    assert image.pixels.shape == pixels(RGB).shape


def drawn(ink: tuple[int, ...], mode: str = "RGBA") -> Pillow.Image:
    paper = (*ink[:-1], 0)  # all pixels look alike without the alpha channel
    return make.text_image(["Total 12.50"], mode=mode, ink=ink, paper=paper)


def palette_with_transparency() -> bytes:
    image = make.text_image(["Total 12.50"], mode="P", ink=1, paper=0)
    image.putpalette([255, 255, 255, 255, 255, 250])
    return make.encode(image, "PNG", transparency=0)


@pytest.mark.parametrize(
    ("content", "background"),
    [
        pytest.param(make.encode(drawn((0, 0, 0, 255)), "PNG"), 255, id="black ink"),
        pytest.param(make.encode(drawn((255, 255, 255, 255)), "PNG"), 0, id="white ink"),
        pytest.param(make.encode(drawn((255, 255, 0, 255)), "PNG"), 0, id="yellow ink"),
        pytest.param(make.encode(drawn((200, 0, 0, 255)), "PNG"), 255, id="red ink"),
        pytest.param(make.encode(drawn((0, 255), "LA"), "PNG"), 255, id="grey with alpha, black"),
        pytest.param(make.encode(drawn((255, 255), "LA"), "PNG"), 0, id="grey with alpha, white"),
        pytest.param(palette_with_transparency(), 0, id="palette"),
        pytest.param(
            make.encode(drawn((255, 255, 255, 255)), "WEBP", lossless=True), 0, id="webp, white"
        ),
        pytest.param(
            make.encode(Pillow.new("RGBA", (40, 30), (9, 9, 9, 0)), "PNG"), 255, id="nothing drawn"
        ),
    ],
)
def test_ink_shows_on_a_transparent_page(content: bytes, background: int) -> None:
    (image,) = read(content)
    assert (image.pixels[:10] == background).all()
    ink = np.abs(image.pixels.astype(int) - background).max()
    assert ink > 100 or (image.pixels == background).all()
    assert (ink > 100) == (image.width > 40)


def test_a_light_card_with_dark_text_stands_on_white() -> None:
    page = Pillow.new("RGBA", (500, 300), (0, 0, 0, 0))
    page.paste(make.text_image(["Total 12.50", "Paid in cash"]), (40, 40))
    (image,) = read(make.encode(page, "PNG"))
    assert (image.pixels[:20] == 255).all()


def grey16(top: int, dtype: str = "<u2") -> Pillow.Image:
    return Pillow.fromarray(np.linspace(0, top, 64 * 32).reshape(32, 64).astype(dtype))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(make.encode(grey16(65535), "PNG"), id="png 16-bit"),
        pytest.param(make.encode(grey16(65535), "TIFF"), id="tiff 16-bit"),
        pytest.param(make.encode(grey16(65535, ">u2"), "TIFF"), id="tiff 16-bit big-endian"),
        pytest.param(make.encode(grey16(4095), "TIFF"), id="12 bits in 16"),
        pytest.param(make.encode(grey16(255), "TIFF"), id="8 bits in 16"),
        pytest.param(make.encode(grey16(65535, "<i4"), "TIFF"), id="32-bit"),
        pytest.param(make.encode(grey16(1, "<f4"), "TIFF"), id="float to 1"),
        pytest.param(make.encode(grey16(255, "<f4"), "TIFF"), id="float to 255"),
        pytest.param(make.encode(grey16(65535), "JPEG2000"), id="jp2 16-bit"),
        pytest.param(
            b"P5 64 32 65535\n" + np.asarray(grey16(65535)).astype(">u2").tobytes(), id="pgm 16-bit"
        ),
        pytest.param(
            make.encode(
                Pillow.fromarray(65535 - np.asarray(grey16(65535))), "TIFF", tiffinfo={262: 0}
            ),
            id="tiff 16-bit, white is zero",
        ),
    ],
)
def test_deep_grey_is_scaled_not_clipped(content: bytes) -> None:
    (image,) = read(content)
    want = np.linspace(0, 255, 64 * 32).reshape(32, 64)
    assert image.pixels.shape == want.shape
    assert np.abs(image.pixels - want).max() <= 1.5


@pytest.mark.parametrize(
    "samples",
    [
        pytest.param(np.zeros((4, 4), "<f4"), id="flat"),
        pytest.param(np.full((4, 4), np.nan, "<f4"), id="not a number"),
        pytest.param(np.array([[np.inf, -np.inf, 1e38, 0]], "<f4"), id="infinite"),
        pytest.param(np.array([[-5, 5]], "<i4"), id="negative"),
        pytest.param(np.array([[-(2**31), 2**31 - 1]], "<i4"), id="widest"),
    ],
)
def test_odd_samples_give_a_picture(samples: NDArray[np.float32]) -> None:
    (image,) = read(make.encode(Pillow.fromarray(samples), "TIFF"))
    assert image.pixels.shape == samples.shape
    assert image.pixels[0, 0] <= 1


def test_lab_is_read_as_its_lightness() -> None:
    (image,) = read(make.encode(Pillow.new("LAB", (6, 4), (200, 0, 0)), "TIFF"))
    assert image.pixels.shape == (4, 6)
    assert (image.pixels == 200).all()


FRAMES = [RGB, RGB.rotate(180), RGB.transpose(Transpose.FLIP_LEFT_RIGHT)]


@pytest.mark.parametrize(
    ("format_", "options", "tolerance"),
    [("GIF", {}, 25), ("WEBP", {"lossless": True}, 0), ("PNG", {}, 0), ("TIFF", {}, 0)],
)
@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        pytest.param((), [1, 2, 3], id="all"),
        pytest.param((3,), [3], id="last"),
        pytest.param((3, 1, 3), [1, 3], id="sorted once"),
    ],
)
def test_frames_are_pages(
    format_: str,
    options: dict[str, bool],
    tolerance: float,
    wanted: tuple[int, ...],
    numbers: list[int],
) -> None:
    content = make.encode_pages(FRAMES, format_, **options)
    source, images = decode(content, "", wanted, 200, LIMITS)
    found = list(images)
    assert source.page_count == 3
    assert [image.number for image in found] == numbers
    for image in found:
        want = pixels(FRAMES[image.number - 1]).astype(int)
        assert np.abs(image.pixels - want).mean() <= tolerance


def test_tiff_pages_keep_their_own_size_and_mode() -> None:
    content = make.encode_pages([BILEVEL, RGB, RGB.resize((10, 20)).convert("CMYK")], "TIFF")
    want = [pixels(BILEVEL).shape, pixels(RGB).shape, (20, 10, 3)]
    assert [image.pixels.shape for image in read(content)] == want


def test_a_tiff_page_too_large_leaves_the_pages_before_it_alone() -> None:
    content = make.encode_pages([RGB, RGB.resize((200, 20)), GREY], "TIFF")
    limits = Limits(max_side=100)
    assert probe(content, "", limits).page_count == 3
    _, images = decode(content, "", (), 200, limits)
    assert next(images).number == 1
    with pytest.raises(PixelsExceeded):
        next(images)
    assert [image.number for image in read(content, limits, pages=(1, 3))] == [1, 3]


def test_a_gif_frame_may_not_outgrow_the_limits() -> None:
    content = make.encode_pages([RGB, RGB.rotate(180)], "GIF")
    place = content.rindex(struct.pack("<4H", 0, 0, *RGB.size))
    wide = content[:place] + struct.pack("<4H", 900, 0, *RGB.size) + content[place + 8 :]
    _, images = decode(wide, "", (), 200, Limits(max_side=500))
    assert next(images).number == 1
    with pytest.raises(PixelsExceeded):
        next(images)


def test_a_telephones_multi_picture_file_is_its_first_picture() -> None:
    file = make.encode_pages([RGB, GREY.convert("RGB")], "MPO", quality=95)
    assert probe(file, "image/jpeg", LIMITS) == Source("image/jpeg", 1)
    (image,) = read(file)
    assert np.abs(image.pixels.astype(int) - pixels(RGB)).mean() < 5


def test_pages_are_decoded_one_by_one() -> None:
    page = Pillow.new("RGB", (1000, 1000), "white")
    content = make.encode_pages([page] * 20, "TIFF", compression="tiff_lzw")
    tracemalloc.start()
    try:
        assert sum(image.number for image in decode(content, "", (), 200, LIMITS)[1]) == 210
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 5 * 3_000_000


# --- PDF ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "dpi", "shape"),
    [
        pytest.param(make.PdfPage("Total"), 72, (100, 200), id="a point is a pixel at 72"),
        pytest.param(make.PdfPage("Total"), 300, (417, 834), id="rounded up"),
        pytest.param(make.PdfPage("Total", rotate=90), 72, (200, 100), id="turned"),
        pytest.param(make.PdfPage("Total", crop=(10, 10, 90, 60)), 72, (50, 80), id="cropped"),
        pytest.param(make.PdfPage(drawing="1 0 0 rg 0 0 9 9 re f"), 72, (100, 200, 3), id="colour"),
    ],
)
def test_pdf_pages_are_rendered_as_shown(
    page: make.PdfPage, dpi: int, shape: tuple[int, ...]
) -> None:
    source, images = decode(make.pdf([page]), "application/pdf", (), dpi, LIMITS)
    (image,) = images
    assert source == Source("application/pdf", 1)
    assert image.pixels.shape == shape
    assert image.pixels.flags.c_contiguous
    assert image.pixels.min() < 100
    assert image.pixels.max() == 255


@pytest.mark.parametrize("kind", ["Square", "Widget"])
def test_pdf_annotations_and_forms_are_drawn(kind: str) -> None:
    (image,) = read(make.pdf([make.PdfPage(annotation=kind)]))
    assert image.pixels[-10, 10] == 0
    assert image.pixels[10, 10] == 255


def test_pdf_colours_keep_their_order() -> None:
    (image,) = read(make.pdf([make.PdfPage(drawing="1 0 0 rg 0 0 200 100 re f")]))
    assert image.pixels[5, 5].tolist() == [255, 0, 0]


def test_pdf_pages_are_chosen_by_number() -> None:
    content = make.pdf([make.PdfPage(box=(100 + number, 50)) for number in range(5)])
    _, images = decode(content, "", (4, 2), 72, LIMITS)
    assert [(image.number, image.width) for image in images] == [(2, 101), (4, 103)]


def test_a_pdf_page_too_large_names_a_resolution_that_fits() -> None:
    content = make.pdf([make.PdfPage(box=(720, 720)), make.PdfPage()])
    limits = Limits(max_side=2000)
    _, images = decode(content, "", (), 300, limits)
    with pytest.raises(PixelsExceeded, match="Ask for 200 dpi or less") as caught:
        next(images)
    assert caught.value.field == "options.dpi"
    assert next(decode(content, "", (1,), 200, limits)[1]).width == 2000
    assert next(decode(content, "", (2,), 300, limits)[1]).number == 2
    with pytest.raises(PixelsExceeded, match="smaller"):
        next(decode(content, "", (1,), 200, Limits(max_pixels=100_000))[1])


def test_pdf_documents_are_closed_by_an_early_end() -> None:
    content = make.pdf([make.PdfPage("Total")] * 3)
    for _ in range(3):
        _, images = decode(content, "", (), 72, LIMITS)
        assert next(images).number == 1
        images.close()
        decode(content, "", (), 72, LIMITS)  # never begun
    gc.collect()
    assert len(read(content)) == 3


def test_threads_share_the_renderer() -> None:
    content = make.pdf([make.PdfPage("Total")] * 4)
    want = [image.pixels for image in read(content)]
    results: list[bool] = []

    def work() -> None:
        for _ in range(5):
            found = [image.pixels for image in read(content)]
            results.append(all(map(np.array_equal, found, want)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 20


# --- what is refused ------------------------------------------------------------------------


def png_header(width: int, height: int) -> bytes:
    """Return all of a 1-bit PNG but its data."""
    header = struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    chunks = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def many_gif_frames(count: int) -> bytes:
    frame = b"," + struct.pack("<4H", 0, 0, 1, 1) + b"\0" + b"\x02\x02L\x01\0"
    return (
        b"GIF89a"
        + struct.pack("<2H3B", 1, 1, 0x80, 0, 0)
        + b"\0\0\0\xff\xff\xff"
        + frame * count
        + b";"
    )


def many_tiff_directories(count: int) -> bytes:
    parts, offset = [b"II*\0\x08\0\0\0"], 8
    entries = [(256, 1), (257, 1), (258, 8), (262, 1), (273, 8), (278, 1), (279, 1)]
    for number in range(count):
        offset += 2 + 12 * len(entries) + 4
        body = b"".join(struct.pack("<2HII", tag, 4, 1, value) for tag, value in entries)
        following = 0 if number == count - 1 else offset
        parts.append(struct.pack("<H", len(entries)) + body + struct.pack("<I", following))
    return b"".join(parts)


JPEG = make.encode(RGB, "JPEG")
PNG = make.encode(RGB, "PNG")

REFUSED: list[tuple[str, Callable[[], bytes], Limits, type[BadInput]]] = [
    ("nothing", lambda: b"", LIMITS, ContentEmpty),
    ("too many bytes", lambda: b"x" * 11, Limits(max_bytes=10), ContentTooLarge),
    ("text", lambda: b"<html>no picture</html>", LIMITS, FormatUnsupported),
    ("icon", lambda: b"\0\0\1\0\1\0" + b"\0" * 40, LIMITS, FormatUnsupported),
    ("PostScript", lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", LIMITS, FormatUnsupported),
    ("half a JPEG", lambda: JPEG[: len(JPEG) // 2], LIMITS, ContentUndecodable),
    ("half a PNG", lambda: PNG[: len(PNG) // 2], LIMITS, ContentUndecodable),
    ("PNG signature", lambda: PNG[:8], LIMITS, ContentUndecodable),
    ("WebP signature", lambda: b"RIFF\0\0\0\0WEBPVP8 ", LIMITS, ContentUndecodable),
    ("TIFF of no pages", lambda: b"II*\0\0\0\0\0", LIMITS, ContentUndecodable),
    ("header of crumbs", lambda: JPEG[:2] + b"\xff\xfe\0\2" * 60_000 + JPEG[2:], LIMITS, ContentUndecodable),
    ("not really a PDF", lambda: b"%PDF-1.4 and no more", LIMITS, ContentUndecodable),
    ("PDF of no pages", lambda: make.pdf([]), LIMITS, ContentUndecodable),
    ("PDF with a password", lambda: make.pdf([], encrypted=True), LIMITS, ContentUndecodable),
    ("too many pixels", lambda: png_header(10_000, 10_000), LIMITS, PixelsExceeded),
    ("far too many pixels", lambda: png_header(30_000, 30_000), LIMITS, PixelsExceeded),
    ("too wide", lambda: png_header(16_385, 1), LIMITS, PixelsExceeded),
    ("a row too high", lambda: PNG, Limits(max_side=47), PixelsExceeded),
    ("a pixel too many", lambda: PNG, Limits(max_pixels=48 * 32 - 1), PixelsExceeded),
    ("GIF frames", lambda: many_gif_frames(501), LIMITS, PagesExceeded),
    ("GIF frames without end", lambda: many_gif_frames(1_000_000), LIMITS, PagesExceeded),
    ("TIFF pages without end", lambda: many_tiff_directories(200_000), LIMITS, PagesExceeded),
    ("WebP frames", lambda: SAMPLES["webp animated"], Limits(max_pages=1), PagesExceeded),
    ("APNG frames", lambda: SAMPLES["apng"], Limits(max_pages=1), PagesExceeded),
    ("PDF pages", lambda: SAMPLES["pdf"], Limits(max_pages=1), PagesExceeded),
]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "limits", "error"), [pytest.param(*row[1:], id=row[0]) for row in REFUSED]
)
def test_bad_files_are_refused(
    content: Callable[[], bytes], limits: Limits, error: type[BadInput]
) -> None:
    file = content()
    with pytest.raises(error) as caught:
        read(file, limits)
    assert type(caught.value) is error
    assert caught.value.field == "content"
    assert caught.value.message.endswith((".", "?"))


@pytest.mark.parametrize(
    "content",
    [
        pytest.param(row[1], id=row[0])
        for row in REFUSED
        if row[3] in {PixelsExceeded, PagesExceeded}
    ],
)
def test_limits_are_checked_before_decoding(content: Callable[[], bytes]) -> None:
    file = content()
    limits = Limits(max_pages=1, max_pixels=47 * 32, max_side=47)
    with pytest.raises((PixelsExceeded, PagesExceeded)):
        probe(file, "", limits)


def test_limits_themselves_are_allowed() -> None:
    assert read(PNG, Limits(max_bytes=len(PNG), max_pixels=48 * 32, max_side=48, max_pages=1))
    assert len(read(many_gif_frames(500), LIMITS, pages=(500,))) == 1
    assert probe(many_tiff_directories(500), "", LIMITS).page_count == 500


@pytest.mark.parametrize("values", [{"max_side": 0}, {"max_bytes": -1}, {"max_pixels": 10**9}])
def test_nonsensical_limits_are_refused(values: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="must be at"):
        Limits(**values)


@pytest.mark.parametrize("name", ["png", "tiff pages", "gif animated", "pdf"])
@pytest.mark.parametrize("wanted", [(0,), (-1, 1), (1, 4), (2**31 - 1,)])
def test_pages_that_do_not_exist_are_refused(name: str, wanted: tuple[int, ...]) -> None:
    with pytest.raises(PageOutOfRange) as caught:
        decode(SAMPLES[name], "", wanted, 100, LIMITS)
    assert caught.value.field == "options.pages"


@pytest.mark.parametrize("dpi", [-1, 0, 71, 601])
def test_odd_resolutions_are_refused_for_pdf(dpi: int) -> None:
    with pytest.raises(OptionInvalid):
        decode(SAMPLES["pdf"], "", (), dpi, LIMITS)
    assert list(decode(PNG, "", (), dpi, LIMITS)[1])


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("png", ""),
        ("png", "image/png"),
        ("png", " IMAGE/PNG ; charset=binary"),
        ("png", "application/octet-stream"),
        ("png", "image/*"),
        ("png", "png"),
        ("png", "image/heic"),
        ("png", "image/x-unheard-of"),
        ("jpeg", "image/jpg"),
        ("jpeg", "image/pjpeg"),
        ("bmp", "image/x-ms-bmp"),
        ("tiff", "image/tif"),
        ("pgm", "image/x-portable-graymap"),
        ("ppm", "image/x-portable-pixmap"),
        ("j2k", "image/jpx"),
        ("pdf", "application/x-pdf"),
        ("pdf", "application/x-www-form-urlencoded"),
    ],
)
def test_hints_that_fit_or_say_nothing_are_accepted(name: str, mime_type: str) -> None:
    assert probe(SAMPLES[name], mime_type, LIMITS).mime_type in MIME_TYPES


@pytest.mark.parametrize(
    ("name", "mime_type"),
    [
        ("png", "image/jpeg"),
        ("png", "image/jpg; q=1"),
        ("jpeg", "application/pdf"),
        ("pdf", "image/tiff"),
        ("pdf", "image/*"),
        ("png", "text/plain"),
        ("png", "application/json"),
    ],
)
def test_hints_that_contradict_the_bytes_are_refused(name: str, mime_type: str) -> None:
    with pytest.raises(MimeTypeMismatch) as caught:
        decode(SAMPLES[name], mime_type, (), 100, LIMITS)
    assert caught.value.field == "mime_type"


# --- whatever the bytes ---------------------------------------------------------------------

SMALL = Limits(max_bytes=10**6, max_pixels=10**6, max_side=4000, max_pages=20)
SIGNATURES = [b"", *sorted({content[:12] for content in SAMPLES.values()})]


def pages_or_refusal(content: bytes) -> None:
    try:
        for image in read(content, SMALL):
            assert image.pixels.dtype == np.uint8
            assert image.pixels.flags.c_contiguous
            assert image.pixels.ndim in {2, 3}
            assert 0 < image.width * image.height <= SMALL.max_pixels
    except BadInput as error:
        assert error.field  # noqa: PT017 - both ends are good ones


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(SIGNATURES), st.binary(max_size=400))
def test_any_bytes_give_pages_or_a_refusal(signature: bytes, rest: bytes) -> None:
    pages_or_refusal(signature + rest)


@settings(deadline=None, max_examples=600)
@given(
    st.sampled_from(sorted(SAMPLES)),
    st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=4)), max_size=6),
    st.floats(0, 1),
    st.booleans(),
)
def test_any_damage_gives_pages_or_a_refusal(
    name: str, damage: list[tuple[float, bytes]], end: float, header: bool
) -> None:
    content = bytearray(SAMPLES[name])
    reach = min(len(content), 120) if header else len(content)
    for place, replacement in damage:
        start = int(place * (reach - 1))
        content[start : start + len(replacement)] = replacement
    pages_or_refusal(bytes(content[: int(len(content) * max(end, 0.2))] if end < 0.5 else content))


def manifest(shared_data: Path, folder: str) -> list[tuple[dict[str, object], bytes]]:
    path = shared_data / folder
    rows = json.loads((path / "manifest.json").read_bytes())["files"]
    return [(row, (path / row["file"]).read_bytes()) for row in rows]


UPRIGHT = {  # width and height once the tag is obeyed
    "text_exif6.jpg": (640, 480),
    "text_exif3.jpg": (640, 480),
    "g4_orientation6.tif": (590, 88),
}


def test_good_files_of_the_shared_data_are_read(shared_data: Path) -> None:
    rows = manifest(shared_data, "formats")
    assert rows
    for row, content in rows:
        name = str(row["file"])
        source, images = decode(content, "", (), 100, LIMITS)
        sizes = [(image.width, image.height) for image in images]
        assert len(sizes) == source.page_count == row["pages"], name
        assert sizes[0] == UPRIGHT.get(name, sizes[0]), name


def test_bad_files_of_the_shared_data_are_refused_or_read(shared_data: Path) -> None:
    rows = manifest(shared_data, "broken")
    assert rows
    for row, content in rows:
        try:
            count = len(read(content))
        except BadInput as error:
            assert error.message, row["file"]  # noqa: PT017 - either end may be right
        else:
            assert row["expect"] != "error", row["file"]
            assert count, row["file"]
