"""The web page where things go wrong: keys, files, busy and absent servers, many files at once."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Route, expect

from tests.data import make
from tests.gateway.browsers import DESKTOP, Visit, visit
from tests.gateway.gateways import Gateway, beside, running_gateway
from tests.redacting import KINDS, PAGE, png
from tests.servers import eventually, running_server

MANY = 40
AT_ONCE = 3
_SPANS = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => name.endsWith(":recognize"))
  .map(({ startTime, responseEnd }) => [startTime, responseEnd])"""
NOISE = make.encode(Image.effect_noise((1500, 1500), 200), "PNG")


def test_the_key_leaves_the_address_and_stays_in_the_tab(desktop: Visit) -> None:
    desktop.open()
    expect(desktop.page.locator("#limits")).to_contain_text("34 MB")
    key = desktop.gateway.server.key
    assert desktop.page.url == f"{desktop.gateway.url}/"
    assert desktop.page.evaluate("() => Object.values(sessionStorage)") == [key]
    assert desktop.page.evaluate("() => [localStorage.length, document.cookie]") == [0, ""]
    assert desktop.page.evaluate("() => history.length") <= 2
    other = desktop.page.context.new_page()
    other.goto(desktop.gateway.url)
    expect(other.get_by_role("dialog", name="API key")).to_be_visible()


def test_a_wrong_key_is_told_and_a_right_one_goes_on(desktop: Visit) -> None:
    desktop.open("ocr_wrong")
    dialog = desktop.page.get_by_role("dialog", name="API key")
    expect(dialog.get_by_role("alert")).to_have_text(re.compile("key", re.IGNORECASE))
    desktop.shoot("wrong key")
    dialog.get_by_role("button", name="Cancel").click()
    expect(desktop.page.locator("#notice")).to_contain_text("key")
    entry = desktop.choose("page.png", png(PAGE.image))
    expect(entry).to_contain_text("Waits")
    desktop.page.get_by_role("button", name="Key", exact=True).click()
    for key in ("ключ", "ocr_wrong_too"):
        dialog.get_by_label("Key", exact=True).fill(key)
        dialog.get_by_role("button", name="Use this key").click()
        expect(dialog.get_by_label("Key", exact=True)).to_have_value("")
        expect(dialog.get_by_role("alert")).not_to_be_empty()
    dialog.get_by_label("Key", exact=True).fill(desktop.gateway.server.key)
    dialog.get_by_label("Key", exact=True).press("Enter")
    expect(dialog).to_be_hidden()
    expect(entry).to_have_class("done")
    desktop.forgive_refusals()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "This file is empty. Choose another."),
        (b"Dear Sir or Madam", "JPEG, PNG"),
        (png(PAGE.image)[:500], "damaged"),
    ],
    ids=["empty", "text", "cut off"],
)
def test_a_file_that_cannot_be_read_says_why(desktop: Visit, content: bytes, message: str) -> None:
    desktop.open()
    entry = desktop.choose("file.png", content)
    expect(entry).to_have_class("failed")
    expect(entry).to_contain_text(message)
    expect(desktop.page.locator("#working-state")).to_contain_text(message)
    desktop.page.get_by_role("button", name="Remove file.png").click()
    expect(desktop.page.get_by_role("heading", name="Read an image or a PDF")).to_be_visible()
    if content:
        desktop.forgive_refusals()


def test_a_file_that_is_too_large_is_not_sent(desktop: Visit, tmp_path: Path) -> None:
    desktop.open()
    expect(desktop.page.locator("#limits")).not_to_be_empty()
    with (tmp_path / "large.png").open("wb") as file:
        file.truncate((32 << 20) + 1)
    desktop.page.set_input_files("#choose", tmp_path / "large.png")
    expect(desktop.entry("large.png")).to_contain_text("the server takes 34 MB. Send fewer pages")
    assert not [address for address in desktop.addresses if "recognize" in address]


def test_without_a_picture_the_words_stand_on_blank_paper(desktop: Visit) -> None:
    """As with a document whose pictures are more than one reply may hold, here played by a fake."""
    calls: list[Route] = []

    def refuse_pictures(route: Route) -> None:
        calls.append(route)
        if len(calls) == 2:
            route.continue_()
        else:
            details = [{"reason": "CONTENT_TOO_LARGE"}]
            route.fulfill(status=400, json={"error": {"message": "Too much.", "details": details}})

    desktop.page.route("**/v1/images:recognize", refuse_pictures)
    desktop.open()
    expect(desktop.choose("page.tif", KINDS["tiff"], "image/tiff")).to_have_class("done")
    expect(desktop.page.get_by_label("Page 1 of page.tif, without its picture")).to_be_visible()
    words = desktop.page.locator("#original text").all_text_contents()
    assert words == list(PAGE.text)
    assert len(calls) == 3
    desktop.shoot("blank paper")
    desktop.forgive_refusals()


def test_cancelled_work_can_be_taken_up_again(desktop: Visit) -> None:
    desktop.open()
    entry = desktop.choose("noise.png", NOISE)
    expect(entry).to_have_class("reading")
    desktop.page.get_by_role("button", name="Cancel noise.png").click()
    expect(entry).to_contain_text("Cancelled")
    desktop.page.get_by_role("button", name="Retry noise.png").click()
    expect(entry).to_have_class(re.compile("sending|reading"))
    desktop.page.get_by_role("button", name="Cancel noise.png").click()
    desktop.read("page.png", png(PAGE.image))


def test_an_absent_gateway_is_told_and_the_file_can_be_sent_again(
    browser: Browser, gateway: Gateway, screenshots: Path
) -> None:
    with (
        running_gateway(gateway.server, "--listen=127.0.0.1:0") as first,
        visit(browser.new_context(**DESKTOP), first, screenshots) as visiting,
    ):
        visiting.open()
        expect(visiting.page.locator("#limits")).not_to_be_empty()
        first.process.terminate()
        first.process.wait()
        entry = visiting.choose("page.png", png(PAGE.image))
        expect(entry).to_have_class("failed")
        expect(entry).to_contain_text("The server cannot be reached.")
        visiting.shoot("server away")
        with running_gateway(gateway.server, f"--listen={first.address}"):
            visiting.page.get_by_role("button", name="Try again", exact=True).click()
            expect(entry).to_have_class("done")
        visiting.forgive_refusals()


def test_an_absent_server_is_told_before_anything_is_sent(
    browser: Browser, gateway: Gateway, screenshots: Path
) -> None:
    nobody = replace(gateway.server, port=1)
    with (
        running_gateway(nobody, "--listen=127.0.0.1:0") as alone,
        visit(browser.new_context(**DESKTOP), alone, screenshots) as visiting,
    ):
        visiting.open(gateway.server.key)
        expect(visiting.page.get_by_role("alert")).to_contain_text("does not answer")
        visiting.forgive_refusals()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A server with one worker and next to no queue."""
    flags = ("--workers=1", "--queue-seconds=0.01", "--gateway", "--gateway-listen=127.0.0.1:0")
    with running_server(tmp_path_factory.mktemp("small"), *flags, "--first-key") as server:
        yield beside(server)


def test_forty_dropped_files_are_all_read_though_the_server_is_small(
    browser: Browser, small: Gateway, screenshots: Path
) -> None:
    files = {
        f"{n}.png": make.encode(make.text_image([f"Total {n}{n}.50"]), "PNG")
        for n in range(10, 10 + MANY)
    }
    with visit(browser.new_context(**DESKTOP), small, screenshots) as visiting:
        printed = eventually(
            lambda: re.search(r"http://\S+#key=\S+", "\n".join(small.server.output))
        )
        assert printed
        visiting.page.goto(printed[0])
        visiting.give(files, "drop")
        visiting.shoot("forty files")
        expect(visiting.page.locator("#progress")).to_have_text(f"{MANY} of {MANY} read")
        spans: list[tuple[float, float]] = visiting.page.evaluate(_SPANS)
        assert len(spans) > MANY  # some were refused, as the server was full
        at_once = [sum(start <= moment < end for start, end in spans) for moment, _ in spans]
        assert 1 < max(at_once) <= AT_ONCE
        for name in ("10.png", "31.png", "49.png"):
            visiting.entry(name).locator(".show").click()
            number = name.removesuffix(".png")
            expect(visiting.page.locator("#text")).to_have_text(f"Total {number}{number}.50")
        visiting.page.get_by_role("button", name="Clear").click()
        expect(visiting.page.locator("#files li")).to_have_count(0)
        visiting.forgive_refusals()


def test_a_pasted_picture_is_read(desktop: Visit) -> None:
    desktop.open()
    desktop.give({"image.png": png(PAGE.image)}, "paste")
    expect(desktop.entry("image.png")).to_have_class("done")
