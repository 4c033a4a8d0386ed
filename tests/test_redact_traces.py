"""Redacted documents hold pixels and nothing else of the original."""

import io

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from ocr_service import engines
from ocr_service.engines import Engine
from tests.data import make
from tests.redacting import COLOUR, OTHER, PAGE, SECRETS, png, run, sheets, values_in


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engines.load("tesseract")


PLANTED = "planted-in-the-notes"


def notes() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010E] = PLANTED
    exif[0x8298] = PLANTED
    return exif


def text_chunks() -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_text("Comment", PLANTED)
    info.add_itxt("XML:com.adobe.xmp", PLANTED)
    return info


def profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def hidden_by_alpha() -> Image.Image:
    """A page whose transparent part holds text in its colour channels."""
    page = PAGE.image.convert("RGBA")
    page.putalpha(Image.new("L", page.size, 0))
    page.paste(OTHER.image.crop((0, 0, 600, 90)).convert("RGBA"), (0, 0))
    return page


EXTRAS: dict[str, bytes] = {
    "jpeg": make.encode(COLOUR, "JPEG", exif=notes(), comment=PLANTED, icc_profile=profile()),
    "png": make.encode(COLOUR, "PNG", exif=notes(), pnginfo=text_chunks(), icc_profile=profile()),
    "webp": make.encode(COLOUR, "WEBP", exif=notes(), xmp=PLANTED.encode()),
    "tiff": make.encode(COLOUR, "TIFF", description=PLANTED, software=PLANTED),
    "gif": make.encode(PAGE.image, "GIF", comment=PLANTED.encode()),
    "gif frames": make.encode_pages(
        sheets(PAGE.image, OTHER.image), "GIF", comment=PLANTED.encode(), duration=500, loop=7
    ),
    "jp2": make.encode(COLOUR, "JPEG2000", comment=PLANTED),
    "ppm": make.encode(COLOUR, "PPM").replace(b"P6\n", f"P6\n# {PLANTED}\n".encode(), 1),
    "pdf": make.pdf([make.PdfPage(f"Mail {SECRETS[0]}", box=(500, 80))]) + PLANTED.encode(),
    "after the end": make.encode(COLOUR, "JPEG") + PLANTED.encode(),
    "no findings": make.encode(OTHER.image, "PNG", pnginfo=text_chunks()),
}


@pytest.mark.parametrize("content", EXTRAS.values(), ids=EXTRAS)
def test_nothing_but_pixels_stays(engine: Engine, content: bytes) -> None:
    assert PLANTED.encode() in content
    redacted = run(engine, content).content
    for word in (PLANTED, *SECRETS, "harbour.master"):
        assert word.encode() not in redacted
        assert word.encode("utf-16-le") not in redacted
    if redacted.startswith(b"%PDF"):
        for trace in (b"BT", b"Font", b"/Info", b"/Metadata", b"/ID"):
            assert trace not in redacted
        return
    with Image.open(io.BytesIO(redacted)) as image:
        assert not {"exif", "xmp", "icc_profile"} & set(map(str, image.info))
        assert not any(PLANTED in str(value) for value in image.info.values())
        assert set(image.getexif()) <= set(getattr(image, "tag_v2", ()))
        assert not getattr(image, "text", {})
        assert image.mode in {"L", "P", "RGB"}


def test_what_transparency_hides_is_not_written(engine: Engine) -> None:
    redacted = run(engine, png(hidden_by_alpha())).content
    with Image.open(io.BytesIO(redacted)) as image:
        assert not image.has_transparency_data
        assert values_in(engine, png(image.convert("L"))) == set()
        below = np.asarray(image.convert("L"))[100:]
    assert below.min() == below.max()
