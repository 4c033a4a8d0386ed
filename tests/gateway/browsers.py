"""A real browser that shows the gateway's page, and what tests ask of it."""

import base64
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright

from tests.gateway.gateways import Gateway

SECONDS = 20
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESKTOP: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}}
DARK: dict[str, Any] = {**DESKTOP, "color_scheme": "dark"}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "device_scale_factor": 2,
    "has_touch": True,
    "is_mobile": True,
}
KEY_PREFIX = "ocr_"
_REFUSAL = re.compile(r"Failed to load resource: (the server responded with a status of|net::ERR_)")
_GIVE = """([files, way]) => {
  const given = new DataTransfer();
  for (const [name, type, content] of files) {
    const bytes = Uint8Array.from(atob(content), (character) => character.charCodeAt(0));
    given.items.add(new File([bytes], name, { type }));
  }
  const event = way === "paste"
    ? new ClipboardEvent("paste", { clipboardData: given, bubbles: true })
    : new DragEvent("drop", { dataTransfer: given, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}"""


@dataclass
class Visit:
    """One page in a window of its own, and whatever its console said."""

    page: Page
    gateway: Gateway
    folder: Path
    faults: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def open(self, key: str | None = None) -> None:
        """Go to the page with a key in its address; without, the gateway's own."""
        key = self.gateway.server.key if key is None else key
        self.page.goto(f"{self.gateway.url}/#key={key}" if key else self.gateway.url)

    def choose(self, name: str, content: bytes, media_type: str = "image/png") -> Locator:
        """Give a file as its button does; return its entry in the list."""
        payload: Any = {"name": name, "mimeType": media_type, "buffer": content}
        self.page.set_input_files("#choose", payload)
        return self.entry(name)

    def give(self, files: dict[str, bytes], way: str) -> None:
        """Give PNG files as "drop" or "paste" do."""
        packed = [[name, "image/png", base64.b64encode(c).decode()] for name, c in files.items()]
        self.page.evaluate(_GIVE, [packed, way])

    def read(self, name: str, content: bytes, media_type: str = "image/png") -> Locator:
        """Give a file, wait until it is read and its picture is drawn."""
        entry = self.choose(name, content, media_type)
        expect(entry).to_have_class("done")
        expect(self.page.locator("#original img")).to_be_visible()
        return entry

    def entry(self, name: str) -> Locator:
        exact = re.compile(rf"^{re.escape(name)}$")
        return self.page.get_by_role("list", name="Files").locator(
            "li", has=self.page.locator(".file-name", has_text=exact)
        )

    def finding(self, kind: str) -> Locator:
        """The button of a type's first finding."""
        title = self.page.get_by_role("heading", name=re.compile(rf"^{kind} \d+$"))
        group = self.page.locator("#findings section", has=title)
        return group.locator("li .show").first

    def shoot(self, name: str) -> None:
        self.page.screenshot(path=self.folder / f"{name}.png")

    def forgive_refusals(self) -> None:
        """Forget that the console named refused requests, as it must have."""
        assert any(_REFUSAL.match(fault) for fault in self.faults)
        self.faults[:] = [fault for fault in self.faults if not _REFUSAL.match(fault)]


@contextmanager
def running_browser() -> Iterator[Browser]:
    """Run Debian's Chromium; the test is skipped where it is missing."""
    if not CHROMIUM.exists():
        pytest.skip(f"no {CHROMIUM} here; `make tools` installs it where it may")
    expect.set_options(timeout=SECONDS * 1000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@contextmanager
def visit(context: BrowserContext, gateway: Gateway, folder: Path) -> Iterator[Visit]:
    """Open a page; at the end, neither a script nor the security policy may have complained."""
    context.set_default_timeout(SECONDS * 1000)
    page = context.new_page()
    made = Visit(page, gateway, folder)
    page.on("console", lambda line: made.faults.append(line.text))
    page.on("pageerror", lambda error: made.faults.append(str(error)))
    page.on("request", lambda request: made.addresses.append(request.url))
    yield made
    context.close()
    assert made.faults == []
    assert not [address for address in made.addresses if KEY_PREFIX in address]
