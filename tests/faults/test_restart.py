"""The server is killed or stopped in the middle of a batch: another goes on, nothing is lost."""

import json
import signal
import socket
import subprocess
from pathlib import Path

import pytest

from tests.data import make
from tests.ocr_command import command
from tests.servers import Server, eventually, running_server

COUNT = 60


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM], ids=["killed", "stopped"])
def test_a_batch_goes_on_at_the_next_server(tmp_path: Path, end: signal.Signals) -> None:
    scans = tmp_path / "scans"
    scans.mkdir()
    for number in range(COUNT):
        picture = make.text_image([f"Number {number}"] * 12, size=28)
        (scans / f"{number}.png").write_bytes(make.encode(picture, "PNG"))
    out = tmp_path / "results.jsonl"
    out.touch()
    listen = f"--listen=127.0.0.1:{free_port()}"
    flags = ("--workers=2", "--engine=tesseract", "--drain-seconds=0.1", listen)
    with running_server(tmp_path / "data", *flags) as first:
        batch = _batch(first, scans, out)
        assert eventually(lambda: out.read_bytes().count(b"\n") > 3)
        first.process.send_signal(end)
        first.process.wait()
    assert out.read_bytes().count(b"\n") < COUNT
    with running_server(tmp_path / "data", *flags):
        _, said = batch.communicate(timeout=100)
    assert (batch.returncode, said.strip()) == (
        0,
        f"{COUNT} of {COUNT} files read, 0 failed: {out}",
    )
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert sorted(int(Path(line["file"]).stem) for line in lines) == list(range(COUNT))
    for line in lines:
        assert line["response"]["text"].startswith(f"Number {Path(line['file']).stem}\n")


def _batch(server: Server, scans: Path, out: Path) -> subprocess.Popen[str]:
    words, environ = command(server, "batch", str(scans), "--out", str(out))
    return subprocess.Popen(words, env=environ, stderr=subprocess.PIPE, text=True)
