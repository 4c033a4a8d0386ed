"""The README's commands run, and what it names exists."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocr_service.config import Settings
from tests.data import make
from tests.gateway.gateways import Gateway, running_gateway
from tests.servers import Server

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with what the README's commands read."""
    image = make.encode(make.text_image(["Total 12.50", "Thank you"]), "JPEG")
    (tmp_path / "receipt.jpg").write_bytes(image)
    scan = make.encode_pages([make.text_image(["First page"]), make.text_image(["Second"])], "TIFF")
    (tmp_path / "scan.tiff").write_bytes(scan)
    (tmp_path / "scans").mkdir()
    (tmp_path / "scans" / "one.jpg").write_bytes(image)
    return tmp_path


@pytest.fixture(scope="module")
def gateway(server: Server) -> Iterator[Gateway]:
    with running_gateway(server, "--listen=127.0.0.1:0") as running:
        yield running


def environ(server: Server) -> dict[str, str]:
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return os.environ | {"PATH": path, "OCR_DATA_DIR": str(server.data_dir)}


@pytest.mark.parametrize("block", blocks("sh"))
def test_shell_blocks_run(block: str, server: Server, gateway: Gateway, folder: Path) -> None:
    ours = block.replace("127.0.0.1:50051", server.address)
    ours = ours.replace("127.0.0.1:8000", gateway.address)
    ours = ours.replace("127.0.0.1:9464", server.metrics_address)
    ours = ours.replace("the-key-that-was-printed", server.key)
    done = subprocess.run(
        ["bash", "-eux", "-o", "pipefail", "-c", ours],
        cwd=folder,
        env=environ(server),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    if "/metrics" in block:
        assert 'ocr_requests_total{code="OK",method="/ocr.v1.OcrService/' in done.stdout
    elif "curl" in block:
        assert done.stdout.count(r'{"text":"Total 12.50\nThank you","pages"') == 4
        assert '"ann@example.com"' in done.stdout
    elif "recognize" in block:
        assert done.stdout.count("Thank you") >= 2
        assert (folder / "boxes.png").stat().st_size > 0
        assert (folder / "scan.pdf").read_bytes().startswith(b"%PDF")
        assert (folder / "redacted.jpg").stat().st_size > 0
        assert "4111111111111111" in done.stdout
        assert '"ok":true' in (folder / "results.jsonl").read_text()


@pytest.mark.parametrize("block", blocks("python"))
def test_python_blocks_run(block: str, server: Server, folder: Path) -> None:
    ours = block.replace("127.0.0.1:50051", server.address)
    ours = ours.replace("the-key-that-was-printed", server.key)
    done = subprocess.run(
        [sys.executable, "-c", ours],
        cwd=folder,
        env=environ(server),
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Thank you" in done.stdout, done.stderr


@pytest.mark.parametrize(
    "command",
    [line.split("#")[0].strip() for block in blocks("console") for line in block.splitlines()],
)
def test_targets_exist(command: str) -> None:
    done = subprocess.run(
        [*command.split(), "--dry-run"], cwd=ROOT, capture_output=True, check=False
    )
    assert done.returncode == 0


def test_links_and_settings_exist() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []
    table = README.split("## Settings")[1].split("## ")[0]
    named = re.findall(r"`([a-z_]+)`", "".join(re.findall(r"^\| (.*?) \|", table, re.MULTILINE)))
    assert named
    assert set(named) <= set(Settings.model_fields)
