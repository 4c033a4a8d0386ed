"""Fixtures: real servers on free ports, keys, stubs, and the shared pictures where they are."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests import easyocr_models
from tests.gate import Gate
from tests.redis_server import RedisServer, running_redis
from tests.servers import Server, running_server

# No timing limits; the same examples each time where a failure would stop somebody else's work.
settings.register_profile(
    "project",
    deadline=None,
    derandomize="CI" in os.environ,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("project")

TOOLS = Path(__file__).parents[1] / ".build"


def pytest_addoption(parser: pytest.Parser) -> None:
    default = Path(__file__).parents[2] / "shared" / "data"
    parser.addoption("--shared-data", type=Path, default=default, help="folder of test pictures")
    parser.addoption(
        "--screenshots", type=Path, default=TOOLS / "screenshots", help="folder for the page's"
    )


@pytest.fixture(scope="session")
def shared_data(request: pytest.FixtureRequest) -> Path:
    """The folder of real pictures with ground truth; tests that need it are skipped without."""
    folder: Path = request.config.getoption("--shared-data")
    if not folder.is_dir():
        pytest.skip("no shared pictures here; see --shared-data")
    return folder


@pytest.fixture(autouse=True, scope="session")
def clean_environ() -> Iterator[None]:
    """No OCR_* variable of the developer reaches a test; the tools of `make tools` do."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("OCR_")]:
            patch.delenv(name)
        patch.setenv("PATH", str(TOOLS / "bin"), prepend=os.pathsep)
        patch.setenv("NODE_PATH", str(TOOLS / "npm" / "node_modules"))
        yield


@pytest.fixture(scope="session")
def sqlite_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server with two worker processes that tests share and leave as it was."""
    flags = ("--workers=2", "--metrics-listen=127.0.0.1:0")
    with running_server(tmp_path_factory.mktemp("server"), *flags) as running:
        yield running


@pytest.fixture(scope="session")
def server(sqlite_server: Server) -> Server:
    """The one that most tests share."""
    return sqlite_server


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """A Redis that tests share and leave in good health."""
    with running_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def gate(tmp_path_factory: pytest.TempPathFactory) -> Gate:
    """Counts and holds what the servers of one module read."""
    return Gate(tmp_path_factory.mktemp("gate"))


@pytest.fixture(scope="session", params=["sqlite", "redis"])
def key_server(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """The server that most tests share, and one whose keys are in Redis."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_server")
        return
    redis_server: RedisServer = request.getfixturevalue("redis_server")
    data_dir, environ = tmp_path_factory.mktemp("server"), {"OCR_REDIS_URL": redis_server.url}
    with running_server(data_dir, "--workers=1", "--pool=thread", environ=environ) as running:
        yield running


@pytest.fixture(scope="session")
def easyocr_weights() -> Path:
    """A folder of weights with which EasyOCR reads what `tests.drawn` draws."""
    return easyocr_models.folder(TOOLS)
