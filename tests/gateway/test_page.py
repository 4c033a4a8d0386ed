"""The web page in a browser: files go in, text and findings come out at their places."""

import json
import re
from base64 import b64decode
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, expect

from ocr_service.api_keys import Scope
from tests import drawn
from tests.data import make
from tests.drawn import Corners, Pixels
from tests.gateway.browsers import DESKTOP, Visit, visit
from tests.gateway.gateways import Gateway
from tests.redacting import KINDS, PAGE, SECRETS, png

EMAIL, CARD, DATE = SECRETS
NEAR = 6.0  # pixels of the page between ink and a box around it
PDF = make.encode(PAGE.image, "PDF", resolution=100)
LETTER = drawn.page(
    (
        "Harbour Books, 12 Quay Street",
        "24 December 2021",
        "Dear Ms Archer,",
        "thank you for your order. We have",
        "charged it to your card",
        "4111 1111 1111 1111.",
        "If anything is missing, write to",
        "orders@harbour-books.com or call",
        "+44 20 7946 0958 on weekdays.",
        "Read more about our evenings at",
        "https://harbour-books.com/visit",
        "With kind regards",
        "The booksellers",
    ),
    size=30,
)
KIND_OF = {"Email": EMAIL, "Credit card number": CARD, "Date": DATE}
_PLACE = """(box) => {
  const inner = box.getBoundingClientRect();
  const outer = box.ownerSVGElement.getBoundingClientRect();
  return [(inner.left - outer.left) / outer.width, (inner.top - outer.top) / outer.height,
    (inner.right - outer.left) / outer.width, (inner.bottom - outer.top) / outer.height];
}"""
_PICTURE = """(image) => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [image.naturalWidth, image.naturalHeight];
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL().split(",")[1];
}"""


def drawn_box(secret: str) -> tuple[float, float, float, float]:
    """Where the words of a secret are drawn: left, top, right, bottom."""
    found: list[Corners] = [corners for word, corners in PAGE.words if word in secret.split()]
    xs, ys = zip(*(point for corners in found for point in corners), strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def pixels_of(visit: Visit, place: str) -> Pixels:
    """What a picture on the page shows, in grey."""
    encoded: str = visit.page.locator(f"{place} img").evaluate(_PICTURE)
    with Image.open(BytesIO(b64decode(encoded))) as image:
        return np.asarray(image.convert("L").resize(PAGE.image.size))


@pytest.mark.parametrize(
    ("name", "content", "media_type"),
    [
        ("page.png", png(PAGE.image), "image/png"),
        ("turned.jpg", KINDS["jpeg turned"], "image/jpeg"),
        ("page.tif", KINDS["tiff"], "image/tiff"),
        ("page.pdf", PDF, "application/pdf"),
    ],
)
def test_findings_stand_where_they_are_drawn(
    desktop: Visit, name: str, content: bytes, media_type: str
) -> None:
    desktop.open()
    desktop.read(name, content, media_type)
    expect(desktop.page.locator("#text")).to_contain_text("Seven travellers waited")
    shown = pixels_of(desktop, "#original").astype(int)
    assert np.abs(shown - PAGE.pixels).mean() < 8  # the page itself, upright
    for kind, secret in KIND_OF.items():
        number = desktop.finding(kind).get_attribute("data-finding")
        box = desktop.page.locator(f'#original polygon[data-finding="{number}"]')
        found = np.array(box.evaluate(_PLACE)) * np.tile(PAGE.image.size, 2)
        assert np.abs(found - drawn_box(secret)).max() < NEAR, kind
    desktop.shoot(f"read {name}")


def test_a_letter_fills_the_page(desktop: Visit) -> None:
    """Its picture is the README's: docs/page.png is .build/screenshots/letter.png."""
    desktop.open()
    desktop.read("letter.png", png(LETTER.image))
    for kind in ("Date", "Email", "Phone number", "Credit card number", "Web address"):
        expect(desktop.finding(kind)).to_be_visible()
    desktop.page.get_by_role("button", name="Redact", exact=True).click()
    expect(desktop.page.locator("#residual")).to_have_text("nothing left when read again")
    expect(desktop.page.locator("#redacted img")).to_be_visible()
    desktop.finding("Phone number").hover()
    desktop.shoot("letter")


def test_a_finding_is_tied_to_its_place_and_its_text(desktop: Visit) -> None:
    desktop.open()
    desktop.read("page.png", png(PAGE.image))
    page, entry = desktop.page, desktop.finding("Email")
    number = entry.get_attribute("data-finding")
    box = page.locator(f'#original polygon[data-finding="{number}"]')
    mark = page.locator(f'#text mark[data-finding="{number}"]')
    for pointed in (box, mark, entry):
        page.locator("h1").hover()
        expect(page.locator(".lit")).to_have_count(0)
        pointed.hover()
        for tied in (box, mark):
            expect(tied).to_have_class(re.compile(r"\blit\b"))
    for clicked in (box, mark, entry):
        desktop.page.locator("#original polygon.word").first.click()
        expect(page.locator("#text .chosen")).to_have_text(PAGE.words[0][0])
        clicked.click()
        for tied in (box, mark, page.locator(f'#findings li[data-finding="{number}"]')):
            expect(tied).to_have_class(re.compile(r"\bchosen\b"))
            expect(tied).to_be_in_viewport()
    expect(mark).to_have_text(EMAIL)


def test_a_finding_on_another_page_turns_to_it(desktop: Visit) -> None:
    desktop.open()
    desktop.read("pages.tif", KINDS["tiff pages"], "image/tiff")
    expect(desktop.page.locator("#page-number")).to_have_text("1 of 3")
    desktop.finding("Date").click()
    expect(desktop.page.locator("#page-number")).to_have_text("2 of 3")
    expect(desktop.page.locator("#text mark.chosen")).to_have_text(DATE)
    expect(desktop.page.get_by_alt_text("Page 2 of pages.tif")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "media_type", "content"),
    [
        ("page.png", "image/png", png(PAGE.image)),
        ("page.tif", "image/tiff", KINDS["tiff"]),
        ("page.pdf", "application/pdf", PDF),
    ],
)
def test_the_redacted_page_stands_beside(
    desktop: Visit, name: str, media_type: str, content: bytes
) -> None:
    desktop.open()
    desktop.read(name, content, media_type)
    desktop.page.get_by_role("button", name="Redact", exact=True).click()
    expect(desktop.page.locator("#residual")).to_have_text("nothing left when read again")
    expect(desktop.page.locator("#redacted img")).to_be_visible()
    grey = pixels_of(desktop, "#redacted")
    for secret in SECRETS:
        left, top, right, bottom = (round(edge) for edge in drawn_box(secret))
        assert grey[top:bottom, left:right].mean() < 10
    first = [round(edge) for edge in drawn_box("harbour lights were")]
    assert grey[first[1] : first[3], first[0] : first[2]].mean() > 100
    desktop.shoot(f"redacted {name}")


DOWNLOADS = {
    "Text": ("txt", b"The harbour lights"),
    "JSON": ("json", b"{"),
    "hOCR": ("hocr.html", b"<?xml"),
    "ALTO": ("alto.xml", b"<?xml"),
    "Searchable PDF": ("searchable.pdf", b"%PDF"),
    "Redacted file": ("redacted.png", b"\x89PNG"),
}


def download(desktop: Visit, label: str, folder: Path) -> tuple[str, bytes]:
    with desktop.page.expect_download() as waiting:
        desktop.page.get_by_role("group", name="Download").get_by_text(label, exact=True).click()
    path = folder / "downloaded"
    waiting.value.save_as(path)
    return waiting.value.suggested_filename, path.read_bytes()


def test_downloads_are_what_they_say_masked_or_not(desktop: Visit, tmp_path: Path) -> None:
    desktop.open()
    desktop.read("page.png", png(PAGE.image))
    for label, (ending, start) in DOWNLOADS.items():
        name, content = download(desktop, label, tmp_path)
        assert name == f"page.{ending}"
        assert content.startswith(start)
        if label in ("Text", "JSON", "hOCR", "ALTO"):
            assert EMAIL.encode() in content
        if label == "JSON":
            assert json.loads(content)["entities"]
    desktop.page.get_by_label("Mask", exact=True).check()
    for label in ("Text", "JSON", "hOCR", "ALTO"):
        name, content = download(desktop, label, tmp_path)
        assert name == f"page.masked.{DOWNLOADS[label][0]}"
        assert content.startswith(DOWNLOADS[label][1])
        assert EMAIL.encode() not in content
        assert b"4111" not in content
    text = desktop.page.locator("main").inner_text()
    assert not any(secret in text for secret in SECRETS)
    desktop.shoot("masked")


def test_choices_are_what_the_service_is_asked(desktop: Visit) -> None:
    desktop.open()
    page = desktop.page
    page.get_by_text("How to read").click()
    page.get_by_label("Engine").select_option("Tesseract")
    page.get_by_role("group", name="Languages of the text").get_by_label("Turkish").check()
    types = page.get_by_role("group", name="Look for").get_by_role("checkbox")
    for box in types.all():
        box.uncheck()
    page.get_by_label("Date", exact=True).check()
    desktop.read("page.png", png(PAGE.image))
    expect(page.locator("#facts")).to_contain_text("1 finding")
    expect(page.locator("#facts")).to_contain_text("Tesseract")
    expect(desktop.finding("Date")).to_contain_text(DATE)
    page.get_by_label("Mask what is found").check()
    page.get_by_role("button", name="Read again").click()
    expect(page.get_by_label("Mask", exact=True)).to_be_disabled()
    expect(page.locator("#text mark")).to_have_text(re.compile(r"\*"))
    desktop.shoot("choices")


def test_a_key_without_the_right_to_see_gets_masked_answers(
    browser: Browser, gateway: Gateway, screenshots: Path
) -> None:
    key = gateway.server.new_key(frozenset({Scope.RECOGNIZE}))
    with visit(browser.new_context(**DESKTOP), gateway, screenshots) as visiting:
        visiting.open(key)
        visiting.read("page.png", png(PAGE.image))
        expect(visiting.page.get_by_label("Mask", exact=True)).to_be_checked()
        expect(visiting.page.get_by_label("Mask", exact=True)).to_be_disabled()
        assert EMAIL not in visiting.page.locator("body").inner_text()
