"""Documents with secrets on them, of every kind, and what tests ask of their redactions."""

from collections.abc import Sequence

import cv2
import numpy as np
from PIL import Image

from ocr_service import images, pipeline, redact
from ocr_service.deadline import Deadline
from ocr_service.engines import Engine
from ocr_service.entities.entity import EntityType
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


def run(
    engine: Engine,
    content: bytes,
    style: Style = Style.BLACK,
    padding: int = 0,
    options: Options = DEFAULTS,
    seconds: float = 100,
) -> Redacted:
    deadline = Deadline.after(seconds)
    return redact.run(content, "", options, style, padding, Limits(), deadline, [engine])


def png(image: Image.Image) -> bytes:
    return make.encode(image, "PNG")


def pages_of(content: bytes) -> list[Pixels]:
    _, decoded = images.decode(content, "", (), DEFAULTS.dpi, Limits())
    return [page.pixels for page in decoded]


def findings_of(redacted: Redacted) -> list[Finding]:
    return [finding for page in redacted.document.pages for finding in page.findings]


def values_in(engine: Engine, content: bytes) -> set[str]:
    document = pipeline.run(content, "", DEFAULTS, Limits(), Deadline.after(100), [engine])
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
