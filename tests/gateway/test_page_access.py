"""The web page for everybody: keyboards, readers of the screen, phones, both colour schemes."""

import re
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, Page, expect

from ocr_service.gateway import pages
from tests.conftest import TOOLS
from tests.gateway.browsers import DARK, DESKTOP, PHONE, Visit, visit
from tests.gateway.gateways import SECONDS, Gateway
from tests.redacting import PAGE, png

AXE = TOOLS / "npm" / "node_modules" / "axe-core" / "axe.min.js"
WINDOWS = {"light": DESKTOP, "dark": DARK, "phone": PHONE}
MOST_BYTES = 60_000
_FAULTS = """async () => (await axe.run()).violations.map(
  ({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target).join(" ")}`)"""
_OUTLINED = """() => {
  const input = document.activeElement;
  const seen = input.matches("input[type=file]") ? input.parentElement : input;
  return getComputedStyle(seen).outlineStyle;
}"""


def assert_no_faults(page: Page) -> None:
    assert page.evaluate(_FAULTS) == []


@pytest.mark.skipif(not AXE.exists(), reason="no axe-core here; `make tools` fetches it by npm")
@pytest.mark.parametrize("window", WINDOWS)
def test_axe_finds_no_fault(
    browser: Browser, gateway: Gateway, screenshots: Path, window: str
) -> None:
    with visit(browser.new_context(**WINDOWS[window]), gateway, screenshots) as visiting:
        page = visiting.page
        visiting.open("")
        page.evaluate(AXE.read_text())
        expect(page.get_by_role("dialog")).to_be_visible()
        assert_no_faults(page)
        page.get_by_label("Key", exact=True).fill(gateway.server.key)
        page.get_by_role("button", name="Use this key").click()
        expect(page.get_by_role("dialog")).to_be_hidden()
        assert_no_faults(page)
        page.get_by_text("How to read").click()
        visiting.choose("text.png", b"Dear Sir or Madam")
        visiting.read("page.png", png(PAGE.image))
        page.get_by_role("button", name="Redact", exact=True).click()
        expect(page.locator("#redacted img")).to_be_visible()
        visiting.finding("Email").click()
        assert_no_faults(page)
        visiting.shoot(window)
        visiting.forgive_refusals()


def test_the_keyboard_is_enough(desktop: Visit) -> None:
    desktop.open()
    page = desktop.page
    page.on("filechooser", lambda _: None)  # from now on, or Enter may come before it is watched
    expect(page.locator("#limits")).not_to_be_empty()

    def tab_to(name: str) -> None:
        for _ in range(60):
            page.keyboard.press("Tab")
            assert page.evaluate(_OUTLINED) != "none"
            if re.search(name, page.locator(":focus").aria_snapshot()):
                return
        raise AssertionError(name)

    tab_to("Choose files")
    with page.expect_file_chooser() as waiting:
        page.keyboard.press("Enter")
    payload = {"name": "page.png", "mimeType": "image/png", "buffer": png(PAGE.image)}
    waiting.value.set_files(payload)  # type: ignore[arg-type]
    expect(desktop.entry("page.png")).to_have_class("done")
    tab_to("Redact")
    page.keyboard.press("Enter")
    expect(page.locator("#redacted img")).to_be_visible()
    tab_to("harbour")
    page.keyboard.press("Enter")
    expect(page.locator("#text mark.chosen")).to_have_text("harbour.master@example.com")
    tab_to("Copy Email")
    page.keyboard.press("Enter")
    expect(page.locator(":focus")).to_have_text("Copied")
    tab_to("Text of the page")
    for word in PAGE.text[:3]:
        page.keyboard.press("ArrowRight")
        expect(page.locator("#text .chosen")).to_have_text(word)
        expect(page.locator("#original .chosen")).to_have_count(1)
    desktop.shoot("keyboard")


def test_a_phone_shows_all_of_it_in_its_width(
    browser: Browser, gateway: Gateway, screenshots: Path
) -> None:
    with visit(browser.new_context(**PHONE), gateway, screenshots) as visiting:
        page = visiting.page
        visiting.open()
        camera = page.get_by_label("Take a photo")
        assert camera.get_attribute("capture") == "environment"
        camera.set_input_files(
            {"name": "photo.png", "mimeType": "image/png", "buffer": png(PAGE.image)}
        )
        expect(page.locator("#original img")).to_be_visible()
        assert page.evaluate("() => document.documentElement.scrollWidth") == 390
        for target in page.locator(":is(button, .button, select, summary):visible").all():
            box = target.bounding_box()
            assert box
            assert min(box["width"], box["height"]) >= 24  # WCAG 2.2, 2.5.8
        visiting.finding("Email").tap()
        expect(page.locator("#original polygon.chosen")).to_be_in_viewport()
        visiting.shoot("phone in use")


def test_the_page_is_small_and_lets_no_other_in(gateway: Gateway) -> None:
    shown = requests.get(gateway.url, timeout=SECONDS, stream=True)
    names = set(re.findall(r'"(/page/[^"]+)"', shown.text))
    files = [requests.get(gateway.url + name, timeout=SECONDS) for name in names]
    assert len(files) > 10
    assert sum(int(f.headers["Content-Length"]) for f in (shown, *files)) < MOST_BYTES
    for file in (shown, *files):
        assert file.headers["X-Content-Type-Options"] == "nosniff"
        assert file.headers["Referrer-Policy"] == "no-referrer"
        policy = file.headers["Content-Security-Policy"].split("; ")
        assert {"default-src 'none'", "script-src 'self'", "frame-ancestors 'none'"} <= set(policy)
        assert not [part for part in policy if "unsafe" in part or "http" in part]
        tag = {"If-None-Match": file.headers["ETag"]}
        assert requests.get(file.url, headers=tag, timeout=SECONDS).status_code == 304
    ours = (Path(pages.__file__).parent / "page").iterdir()
    assert names | {"/page/index.html"} == {f"/page/{path.name}" for path in ours}
