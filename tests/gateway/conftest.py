"""A server with a gateway beside it, and a gateway that the older services' clients can use."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.gateway.browsers import DESKTOP, Visit, running_browser, visit
from tests.gateway.gateways import Gateway, beside, running_gateway
from tests.servers import running_server


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """`ocr-service serve --gateway`, as it comes."""
    flags = ("--workers=2", "--gateway", "--gateway-listen=127.0.0.1:0")
    with running_server(tmp_path_factory.mktemp("gateway"), *flags) as server:
        yield beside(server)


@pytest.fixture(scope="session")
def image_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that service A's clients may name files of."""
    return tmp_path_factory.mktemp("images")


@pytest.fixture(scope="session")
def older(gateway: Gateway, image_root: Path) -> Iterator[Gateway]:
    """`ocr-service gateway` on two ports for the same server, open as the older services were."""
    flags = ("--anonymous-user=older", "--open-enrolment", f"--image-root={image_root}")
    with running_gateway(gateway.server, "--listen=127.0.0.1:0", *flags) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser for a module's tests; its event loop must end before other tests have theirs."""
    with running_browser() as running:
        yield running


@pytest.fixture
def desktop(browser: Browser, gateway: Gateway, screenshots: Path) -> Iterator[Visit]:
    """The page in a large window."""
    with visit(browser.new_context(**DESKTOP), gateway, screenshots) as visiting:
        yield visiting


@pytest.fixture(scope="session")
def screenshots(request: pytest.FixtureRequest) -> Path:
    """The folder that pictures of the page are left in."""
    folder: Path = request.config.getoption("--screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
