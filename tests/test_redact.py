"""Documents with their findings covered: gone from the pixels, and nothing else of them left."""

import io
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFont, PngImagePlugin

from ocr_service import engines, images, pipeline, redact
from ocr_service.deadline import Deadline
from ocr_service.engines import Engine
from ocr_service.entities.entity import EntityType
from ocr_service.errors import DeadlineExceeded, OptionInvalid
from ocr_service.images import Limits
from ocr_service.options import EntityOptions, Options
from ocr_service.redact import Redacted, Style
from ocr_service.results import Finding
from tests import drawn
from tests.data import make
from tests.drawn import Pixels

SECRETS = ("harbour.master@example.com", "4111 1111 1111 1111", "24.12.2021")
LINES = (
    "The harbour lights were bright that evening",
    f"Mail {SECRETS[0]} tomorrow",
    f"Card {SECRETS[1]} paid",
    f"Date {SECRETS[2]} evening",
    "Seven travellers waited near the station",
)
TYPES = {EntityType.EMAIL, EntityType.CREDIT_CARD_NUMBER, EntityType.DATE}
DEFAULTS = Options(entities=EntityOptions(types=frozenset(TYPES)))
PAGE = drawn.page(LINES, size=28, margin=40)
OTHER = drawn.page(drawn.SENTENCES[:3], size=28, margin=40)
COLOUR = Image.merge("RGB", (PAGE.image, PAGE.image, Image.new("L", PAGE.image.size, 200)))
BOLD = PAGE.image.resize((PAGE.image.width * 2, PAGE.image.height * 2))


def sheets(*pages: Image.Image) -> list[Image.Image]:
    """Equal canvases, as frames need them."""
    size = (max(page.width for page in pages), max(page.height for page in pages))
    whole = []
    for page in pages:
        sheet = Image.new(page.mode, size, "white")
        sheet.paste(page)
        whole.append(sheet)
    return whole


THREE = sheets(OTHER.image, PAGE.image, OTHER.image)
THREE_FRAMES = [page.convert("RGB") for page in sheets(OTHER.image, PAGE.image, PAGE.image)]
KINDS: dict[str, bytes] = {
    "jpeg": make.encode(COLOUR, "JPEG", quality=90),
    "jpeg grey": make.encode(PAGE.image, "JPEG", quality=90),
    "jpeg turned": make.encode(
        PAGE.image.rotate(90, expand=True), "JPEG", exif=make.with_orientation(6)
    ),
    "png": make.encode(COLOUR, "PNG"),
    "png 1-bit": make.encode(BOLD.convert("1"), "PNG"),
    "png frames": make.encode_pages(THREE_FRAMES, "PNG"),
    "gif": make.encode(PAGE.image, "GIF"),
    "gif colour": make.encode(COLOUR, "GIF"),
    "gif frames": make.encode_pages(sheets(OTHER.image, PAGE.image), "GIF"),
    "webp": make.encode(COLOUR, "WEBP"),
    "webp frames": make.encode_pages(sheets(OTHER.image, PAGE.image), "WEBP"),
    "bmp": make.encode(PAGE.image, "BMP"),
    "tiff": make.encode(COLOUR, "TIFF"),
    "tiff pages": make.encode_pages([OTHER.image, COLOUR, OTHER.image], "TIFF"),
    "pgm": make.encode(PAGE.image, "PPM"),
    "ppm": make.encode(COLOUR, "PPM"),
    "jp2": make.encode(COLOUR, "JPEG2000"),
    "j2k": make.encode(PAGE.image, "JPEG2000", no_jp2=True),
    "pdf": make.pdf(
        [
            make.PdfPage("Quiet garden", box=(500, 80)),
            make.PdfPage(f"Card {SECRETS[1]}", box=(420.3, 81.7)),
            make.PdfPage(f"Mail {SECRETS[0]}", box=(500, 80), rotate=180),
        ]
    ),
}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engines.load("tesseract")


def run(
    engine: Engine,
    content: bytes,
    style: Style = Style.BLACK,
    padding: int = 0,
    options: Options = DEFAULTS,
    seconds: float = 100,
) -> Redacted:
    deadline = Deadline.after(seconds)
    return redact.run(content, "", options, style, padding, Limits(), deadline, engine)


def png(image: Image.Image) -> bytes:
    return make.encode(image, "PNG")


def pages_of(content: bytes) -> list[Pixels]:
    _, decoded = images.decode(content, "", (), DEFAULTS.dpi, Limits())
    return [page.pixels for page in decoded]


def findings_of(redacted: Redacted) -> list[Finding]:
    return [finding for page in redacted.document.pages for finding in page.findings]


def values_in(engine: Engine, content: bytes) -> set[str]:
    document = pipeline.run(content, "", DEFAULTS, Limits(), Deadline.after(100), engine)
    return {finding.entity.value for page in document.pages for finding in page.findings}


def inside(findings: Sequence[Finding], page_number: int, shape: tuple[int, ...]) -> Pixels:
    """The places of the findings on a page, 255 where they are."""
    mask = np.zeros(shape[:2], np.uint8)
    for finding in findings:
        for region in finding.regions:
            if region.page_number == page_number:
                outline = np.array(region.poly.vertices).round().astype(np.int32)
                cv2.fillConvexPoly(mask, outline, 255)
    return mask


@pytest.mark.parametrize("content", KINDS.values(), ids=KINDS)
def test_findings_are_covered_and_the_rest_stays(engine: Engine, content: bytes) -> None:
    redacted = run(engine, content)
    findings = findings_of(redacted)
    assert len(findings) >= 2
    assert redacted.residual_count == 0
    assert not values_in(engine, redacted.content) & {each.entity.value for each in findings}
    source = images.probe(content, "", Limits())
    assert images.probe(redacted.content, redacted.mime_type, Limits()) == source
    before, after = pages_of(content), pages_of(redacted.content)
    for number, (old, new) in enumerate(zip(before, after, strict=True), start=1):
        assert new.shape[:2] == old.shape[:2]
        assert new.ndim == old.ndim or source.mime_type in {"image/webp", "image/png"}
        mask = inside(findings, number, new.shape)
        assert new[mask == 255].max(initial=0) <= 8  # JPEG is a little off
        far = cv2.dilate(mask, np.ones((41, 41), np.uint8)) == 0
        wide = (*new.shape[:2], -1)
        difference = np.abs(new.reshape(wide).astype(int) - old.reshape(wide))
        assert difference[far].mean() < 2


STYLES = {Style.BLACK: {0}, Style.WHITE: {255}, Style.LABEL: {0, 255}}


@pytest.mark.parametrize(("style", "levels"), STYLES.items())
def test_styles(engine: Engine, style: Style, levels: set[int]) -> None:
    redacted = run(engine, png(BOLD), style)
    assert redacted.residual_count == 0
    (pixels,) = pages_of(redacted.content)
    for finding in findings_of(redacted):
        covered = pixels[inside([finding], 1, pixels.shape) == 255]
        assert {int(covered.min()), int(covered.max())} == levels


def test_a_label_is_the_name_of_the_type(engine: Engine) -> None:
    redacted = run(engine, png(BOLD), Style.LABEL)
    document = pipeline.run(redacted.content, "", DEFAULTS, Limits(), Deadline.after(100), engine)
    assert {"EMAIL", "DATE"} <= set(document.text.split())


def test_a_label_follows_the_text(engine: Engine) -> None:
    upright = run(engine, png(BOLD), Style.LABEL)
    turned = run(engine, png(BOLD.rotate(180)), Style.LABEL)
    (expected,), (found,) = pages_of(upright.content), pages_of(turned.content)
    assert np.abs(found[::-1, ::-1].astype(int) - expected).mean() < 3


@pytest.mark.parametrize("degrees", [-9, 4, 94, 180])
def test_skewed_pages(engine: Engine, degrees: int) -> None:
    redacted = run(engine, png(PAGE.turned(degrees).image))
    assert {finding.entity.type for finding in findings_of(redacted)} == TYPES
    assert redacted.residual_count == 0
    (pixels,) = pages_of(redacted.content)
    assert pixels[inside(findings_of(redacted), 1, pixels.shape) == 255].max() == 0


def test_boxes_cover_the_characters_and_no_other_word(engine: Engine) -> None:
    """Where each secret was drawn its ink is under the box; other words keep all of theirs."""
    (pixels,) = pages_of(run(engine, png(PAGE.image), Style.WHITE).content)
    secret = {part for text in SECRETS for part in text.split()}
    for word, corners in PAGE.words:
        (left, top), (right, bottom) = (map(round, corners[corner]) for corner in (0, 2))
        rows, columns = slice(top, bottom + 1), slice(left, right + 1)
        if word in secret:
            assert pixels[rows, columns].min() == 255, word
        else:
            assert np.array_equal(pixels[rows, columns], PAGE.pixels[rows, columns]), word


@pytest.mark.parametrize("size", [20, 40])
@pytest.mark.parametrize(
    ("before", "after"), [("Mail:", ""), ("E-Mail:", "&x=1"), ("MMMMM:", ","), ("(", ")")]
)
def test_the_part_of_a_word_is_covered_too(
    engine: Engine, before: str, after: str, size: int
) -> None:
    """Where letters stand inside a word is estimated, and they differ in width."""
    text = f"{before}{SECRETS[0]}{after}"
    page = drawn.page((f"Write {text} today",), size=size, margin=40)
    redacted = run(engine, png(page.image), Style.WHITE)
    font = ImageFont.load_default(size)
    _, corners = page.words[1]
    left = round(corners[0][0] + font.getlength(before))
    right = round(left + font.getlength(SECRETS[0]))
    (pixels,) = pages_of(redacted.content)
    assert pixels[:, left + 2 : right - 2].min() == 255


def test_padding_is_added_on_every_side(engine: Engine) -> None:
    def painted(padding: int) -> tuple[int, ...]:
        text = drawn.page((SECRETS[0],), size=28, margin=80)
        (pixels,) = pages_of(run(engine, png(text.image), padding=padding).content)
        solid = cv2.erode(255 - pixels, np.ones((15, 15), np.uint8))
        return tuple(cv2.boundingRect((solid == 255).astype(np.uint8)))

    plain, padded = painted(0), painted(12)
    assert padded == (plain[0] - 12, plain[1] - 12, plain[2] + 24, plain[3] + 24)


def test_padding_beyond_the_page_covers_all_of_it(engine: Engine) -> None:
    (pixels,) = pages_of(run(engine, png(PAGE.image), padding=2**31 - 1).content)
    assert pixels.max() == 0


REFUSED = {
    "pages": (Options(pages=(1,)), 0, "options.pages"),
    "nothing to look for": (
        Options(entities=EntityOptions(skip=True)),
        0,
        "options.entities.skip",
    ),
    "negative padding": (Options(), -1, "padding"),
}


@pytest.mark.parametrize(("options", "padding", "field"), REFUSED.values(), ids=REFUSED)
def test_refused(engine: Engine, options: Options, padding: int, field: str) -> None:
    with pytest.raises(OptionInvalid) as refused:
        run(engine, png(PAGE.image), padding=padding, options=options)
    assert refused.value.field == field


def test_the_deadline_ends_the_work(engine: Engine) -> None:
    with pytest.raises(DeadlineExceeded):
        run(engine, png(PAGE.image), seconds=0)


PLANTED = "planted-in-the-notes"


def exif_with_thumbnail() -> Image.Exif:
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
    "jpeg": make.encode(
        COLOUR, "JPEG", exif=exif_with_thumbnail(), comment=PLANTED, icc_profile=profile()
    ),
    "png": make.encode(
        COLOUR, "PNG", exif=exif_with_thumbnail(), pnginfo=text_chunks(), icc_profile=profile()
    ),
    "webp": make.encode(COLOUR, "WEBP", exif=exif_with_thumbnail(), xmp=PLANTED.encode()),
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


@pytest.mark.parametrize("kind", ["pdf", "tiff pages"])
def test_page_sizes_stay(engine: Engine, kind: str) -> None:
    redacted = run(engine, KINDS[kind])
    sizes = [page.shape[:2] for page in pages_of(redacted.content)]
    assert sizes == [(page.height, page.width) for page in redacted.document.pages]
    assert sizes == [page.shape[:2] for page in pages_of(KINDS[kind])]


def test_a_codestream_stays_one(engine: Engine) -> None:
    assert run(engine, KINDS["j2k"]).content[:4] == KINDS["j2k"][:4]
    assert run(engine, KINDS["jp2"]).content[:4] == KINDS["jp2"][:4]


def test_a_result_larger_than_the_limits_is_read_again(engine: Engine) -> None:
    content = make.encode(COLOUR, "JPEG", quality=40)
    limits = Limits(max_bytes=len(content))
    redacted = redact.run(
        content, "", DEFAULTS, Style.BLACK, 0, limits, Deadline.after(100), engine
    )
    assert len(redacted.content) > limits.max_bytes
    assert redacted.residual_count == 0


RECEIPTS = ("003", "013", "046", "061", "089", "091")


@pytest.mark.parametrize("name", RECEIPTS)
def test_receipts(engine: Engine, shared_data: Path, name: str) -> None:
    redacted = run(
        engine, (shared_data / "receipts" / f"{name}.jpg").read_bytes(), options=Options()
    )
    assert findings_of(redacted)
    assert redacted.residual_count == 0
