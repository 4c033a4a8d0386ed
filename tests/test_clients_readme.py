"""What clients/README.md says, run as it stands there; only the address is the test server's."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.data import make
from tests.gateway.gateways import running_gateway
from tests.servers import Server

CLIENTS = Path(__file__).parents[1] / "clients"
README = (CLIENTS / "README.md").read_text(encoding="utf-8")


def snippet(title: str, language: str, server: Server) -> str:
    section = README.partition(f"\n## {title}\n")[2].partition("\n## ")[0]
    found = re.search(rf"```{language}\n(.*?)```", section, re.DOTALL)
    assert found
    assert "127.0.0.1:50051" in found[1]
    return found[1].replace("127.0.0.1:50051", server.address)


def run(server: Server, folder: Path, *words: str | Path) -> str:
    """Run the words in a folder that holds receipt.jpg and protos; return what they print."""
    (folder / "receipt.jpg").write_bytes(make.encode(make.text_image(["Total 12.50"]), "JPEG"))
    if not (folder / "protos").exists():
        (folder / "protos").symlink_to(CLIENTS.parent / "protos")
    environ = os.environ | {"OCR_API_KEY": server.key}
    done = subprocess.run(words, cwd=folder, env=environ, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_python(server: Server, tmp_path: Path) -> None:
    program = snippet("Python", "python", server)
    assert run(server, tmp_path, sys.executable, "-c", program) == "Total 12.50\n"


def test_grpcurl(server: Server, tmp_path: Path) -> None:
    if shutil.which("grpcurl") is None:
        pytest.skip("grpcurl is not installed")
    printed = run(server, tmp_path, "sh", "-c", snippet("grpcurl", "sh", server))
    assert '"text": "Total 12.50"' in printed


def test_curl(server: Server, tmp_path: Path) -> None:
    if shutil.which("curl") is None:
        pytest.skip("curl is not installed")
    section = README.partition("\n## curl\n")[2].partition("\n## ")[0]
    commands = re.findall(r"```sh\n(.*?)```", section, re.DOTALL)
    with running_gateway(server, "--listen=127.0.0.1:0") as gateway:
        for command in commands:
            ours = command.replace("127.0.0.1:8000", gateway.address)
            assert '"text":"Total 12.50"' in run(server, tmp_path, "sh", "-c", ours)


def test_node(server: Server, tmp_path: Path) -> None:
    """Needs NODE_PATH to hold @grpc/grpc-js and @grpc/proto-loader."""
    look = ["node", "-e", 'require("@grpc/grpc-js"); require("@grpc/proto-loader")']
    if shutil.which("node") is None or subprocess.run(look, capture_output=True).returncode:
        pytest.skip("node or its gRPC packages are not installed")
    assert run(server, tmp_path, "node", "-e", snippet("Node", "js", server)) == "Total 12.50\n"
