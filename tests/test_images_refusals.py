import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
from ocr_service.images import MIME_TYPES, Limits, decode, probe
from tests.data import make
from tests.data.samples import RGB, SAMPLES
from tests.decoding import LIMITS, read


def png_header(width: int, height: int) -> bytes:
    """Return all of a 1-bit PNG but its data."""
    header = struct.pack(">2I5B", width, height, 1, 0, 0, 0, 0)
    chunks = [
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", b""))
    ]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def many_gif_frames(count: int, width: int = 1, height: int = 1) -> bytes:
    dispose = b"!\xf9\x04\x08\0\0\0\0"  # for which decoders make room beforehand
    frame = dispose + b"," + struct.pack("<4H", 0, 0, width, height) + b"\0\x02\x02L\x01\0"
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
CRUMBS = b"\xff\xd8" + b"\xff\xfe\0\2" * 60_000
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
    ("header of crumbs", lambda: CRUMBS + JPEG[2:], LIMITS, ContentUndecodable),
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
    ("a GIF frame", lambda: many_gif_frames(1, 16_000, 16_000), LIMITS, PixelsExceeded),
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


@settings(max_examples=300)
@given(st.sampled_from(SIGNATURES), st.binary(max_size=400))
def test_any_bytes_give_pages_or_a_refusal(signature: bytes, rest: bytes) -> None:
    pages_or_refusal(signature + rest)


@settings(max_examples=600)
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
