import struct
import tracemalloc
import warnings

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.Image import Transpose

from ocr_service.errors import PixelsExceeded
from ocr_service.images import MIME_TYPES, Limits, Source, decode, probe
from tests.data import make
from tests.data.samples import BILEVEL, GREY, KINDS, RGB
from tests.decoding import LIMITS, read


def pixels(image: Pillow.Image) -> NDArray[np.uint8]:
    return np.asarray(image, dtype=np.uint8)


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
