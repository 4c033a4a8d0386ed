"""`ocr batch`: nothing is lost or read twice, whatever stops it."""

import json
import os
import select
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ocr_client import BadInput, OcrClient, Unavailable, batch, commands, files
from ocr_client.results_file import ResultsFile
from typer.testing import CliRunner, Result

from ocr_service.pb.ocr.v1.recognize_pb2 import RecognizeOptions
from tests.data import make
from tests.fake_servicers import Batches, Fake, serving
from tests.ocr_command import command, ocr
from tests.servers import Server

NAMES = ("1.png", "2.png", "3.png", "sub/4.png")


def lines(path: Path) -> dict[str, Any]:
    """Return the results by file; every file has one line."""
    documents = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    by_file = {document["file"]: document for document in documents}
    assert len(by_file) == len(documents)
    return by_file


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder with four pictures, and things that are none."""
    folder = tmp_path / "scans"
    (folder / "sub").mkdir(parents=True)
    for name in NAMES:
        picture = make.text_image([f"Page {Path(name).stem}"])
        (folder / name).write_bytes(make.encode(picture, "PNG"))
    (folder / "notes.txt").write_text("no picture")
    (folder / ".hidden.png").touch()
    return folder


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    """A folder like `scans` with plain text in the files, which is what fakes echo."""
    folder = tmp_path / "notes"
    (folder / "sub").mkdir(parents=True)
    for name in NAMES:
        (folder / name).write_text(f"text of {name}")
    return folder


# Against a real server ---------------------------------------------------------------------------


def test_every_file_gets_a_line(server: Server, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    done = ocr(server, "batch", str(scans), "--out", str(out))
    assert (done.exit_code, done.stdout) == (0, "")
    assert "4 of 4 files read, 0 failed" in done.stderr
    results = lines(out)
    assert set(results) == set(NAMES)
    assert results["sub/4.png"]["ok"] is True
    assert results["sub/4.png"]["response"]["text"] == "Page 4"


def test_failures_are_lines_too_and_are_tried_again_on_demand(
    server: Server, scans: Path, tmp_path: Path
) -> None:
    out = tmp_path / "results.jsonl"
    good = (scans / "1.png").read_bytes()
    (scans / "1.png").write_bytes(b"nonsense")
    (scans / "2.png").unlink()
    (scans / "2.png").symlink_to("nowhere")
    (scans / "large.pdf").touch()
    os.truncate(scans / "large.pdf", files.MAX_CONTENT_BYTES + 1)

    first = ocr(server, "batch", str(scans), "--out", str(out))
    assert first.exit_code == 1
    errors = {name: line["error"] for name, line in lines(out).items() if not line["ok"]}
    assert {name: (error["code"], error["reason"]) for name, error in errors.items()} == {
        "1.png": ("INVALID_ARGUMENT", "FORMAT_UNSUPPORTED"),
        "2.png": ("NOT_FOUND", "FILE_UNREADABLE"),
        "large.pdf": ("INVALID_ARGUMENT", "CONTENT_TOO_LARGE"),
    }

    (scans / "1.png").write_bytes(good)
    before = out.read_bytes()
    assert ocr(server, "batch", str(scans), "--out", str(out)).exit_code == 1
    assert out.read_bytes() == before

    again = ocr(server, "batch", str(scans), "--out", str(out), "--retry-failed")
    assert again.exit_code == 1
    assert lines(out)["1.png"]["ok"] is True
    assert lines(out)["2.png"]["ok"] is False


def test_a_half_written_line_is_mended(server: Server, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    ocr(server, "batch", str(scans), "--out", str(out))
    whole = out.read_bytes()
    kept = whole.splitlines(keepends=True)[:2]
    out.write_bytes(b"".join(kept) + b'{"file":"3.png","ok":tr')
    assert ocr(server, "batch", str(scans), "--out", str(out)).exit_code == 0
    assert out.read_bytes().startswith(b"".join(kept))
    assert set(lines(out)) == set(NAMES)


def test_names_that_are_not_utf_8(server: Server, scans: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    (scans / "1.png").rename(scans / os.fsdecode(b"\xff.png"))
    for _ in range(2):
        assert ocr(server, "batch", str(scans), "--out", str(out)).exit_code == 0
        assert "\\xff.png" in lines(out)


def test_an_empty_folder_is_all_read(server: Server, tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    done = ocr(server, "batch", str(tmp_path / "none"), "--out", str(tmp_path / "out"))
    assert (done.exit_code, "0 of 0 files" in done.stderr) == (0, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(("nowhere", "--out", "r"), "does not exist", id="no folder"),
        pytest.param((".",), "--out", id="no out"),
        pytest.param((".", "--out", "."), "cannot be written", id="out is a folder"),
        pytest.param((".", "--out", "letter.txt"), "no result of `ocr batch`", id="other file"),
        pytest.param((".", "--out", "r", "--server", "127.0.0.1:1"), "No server", id="no server"),
        pytest.param((".", "--out", "r", "--api-key", "ocr_x"), "not valid", id="wrong key"),
    ],
)
def test_what_cannot_start_leaves_no_trace(
    server: Server,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    says: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "letter.txt").write_text("Dear all")
    done = ocr(server, "batch", *words)
    assert done.exit_code == 2
    assert says in done.stderr
    assert (tmp_path / "letter.txt").read_text() == "Dear all"
    assert not (tmp_path / "r").exists()


def test_ctrl_c_leaves_what_can_be_resumed(server: Server, notes: Path, tmp_path: Path) -> None:
    out = tmp_path / "results.jsonl"
    out.touch()
    with serving(Batches("stalls")) as address:
        words, environ = command(server, "batch", str(notes), "--out", str(out))
        environ["OCR_SERVER"] = address
        with subprocess.Popen(words, env=environ, stderr=subprocess.PIPE, text=True) as process:
            assert process.stderr
            while not out.stat().st_size and process.poll() is None:
                select.select([process.stderr], [], [], 0.02)
            process.send_signal(signal.SIGINT)
            said = process.stderr.read()
    assert process.returncode == 130
    assert said == f"stopped; the same command goes on. 1 of 4 files read, 0 failed: {out}\n"
    assert len(lines(out)) == 1
    with serving(Batches("reads")) as address:
        assert run_command(address, notes, out).exit_code == 0
    assert set(lines(out)) == set(NAMES)


# Against servers that misbehave ------------------------------------------------------------------


def run_command(address: str, folder: Path, out: Path) -> Result:
    words = ["batch", str(folder), "--out", str(out), "--server", address]
    return CliRunner().invoke(commands.app, words)


def read(fake: Fake, folder: Path, out: Path) -> list[float]:
    """Read the folder with pauses that take no time; return the pauses."""
    pauses: list[float] = []
    with serving(fake) as address, OcrClient(address) as client, ResultsFile(out) as results:
        run = batch.BatchRun(client, folder, NAMES, results, options=RecognizeOptions())
        run.run(pauses.append)
    return pauses


@pytest.mark.parametrize(
    ("script", "calls", "pauses"),
    [
        pytest.param(("reads",), 1, 0, id="all at once"),
        pytest.param(("drains", "reads"), 2, 1, id="a server that drains"),
        pytest.param(("breaks", "reads"), 2, 1, id="a connection that breaks"),
        pytest.param(("drains", "breaks", "drains", "reads"), 4, 3, id="a bad day"),
        pytest.param(("busy", "reads"), 2, 1, id="items refused for now"),
        pytest.param(("says nothing", "says nothing", "reads"), 3, 2, id="no summary"),
    ],
)
def test_every_file_is_read_once(
    notes: Path, tmp_path: Path, script: tuple[str, ...], calls: int, pauses: int
) -> None:
    fake = Batches(*script)
    assert len(read(fake, notes, tmp_path / "out")) == pauses
    assert fake.calls == calls
    texts = {name: line["response"]["text"] for name, line in lines(tmp_path / "out").items()}
    assert texts == {name: f"text of {name}" for name in NAMES}


def test_items_that_are_always_refused_fail_in_the_end(notes: Path, tmp_path: Path) -> None:
    read(Batches("busy"), notes, tmp_path / "out")
    errors = [line["error"] for line in lines(tmp_path / "out").values()]
    assert errors == [{"code": "UNAVAILABLE", "reason": "OVERLOADED", "message": "Later."}] * 4


def test_a_server_that_never_answers_is_given_up(notes: Path, tmp_path: Path) -> None:
    fake = Batches("says nothing")
    with pytest.raises(Unavailable, match="Run the command again"):
        read(fake, notes, tmp_path / "out")
    assert fake.calls == batch.MOST_VAIN_CALLS
    assert lines(tmp_path / "out") == {}


def test_a_stream_that_is_refused_ends_the_command(notes: Path, tmp_path: Path) -> None:
    with serving(Batches("refuses")) as address:
        done = run_command(address, notes, tmp_path / "out")
    assert done.exit_code == 2
    assert "no such option" in done.stderr
    assert "not finished; the same command goes on" in done.stderr


# The results file --------------------------------------------------------------------------------


@given(cut=st.integers(min_value=0), names=st.lists(st.text(st.characters(codec="utf-8"))))
def test_a_file_cut_anywhere_keeps_its_whole_lines(
    tmp_path_factory: pytest.TempPathFactory, cut: int, names: list[str]
) -> None:
    path = tmp_path_factory.mktemp("cut") / "out"
    with ResultsFile(path) as results:
        for name in names:
            results.add(name, response={"text": name})
    whole = path.read_bytes()
    cut %= len(whole) + 1
    path.write_bytes(whole[:cut])
    with ResultsFile(path) as results:
        mended = path.read_bytes()
        results.add("one more", error={"reason": "X"})
    assert mended == whole[: len(mended)]
    assert mended.count(b"\n") in (whole[:cut].count(b"\n"), whole[:cut].count(b"\n") + 1)
    with ResultsFile(path) as results:
        assert results.failed == {"one more"} - results.succeeded


@pytest.mark.parametrize(
    "content",
    [b"Dear all", b"\x89PNG\r\n", b'{"file":1}\n', b"[]\n", b'{"file":"a"}\n', b"\n", b"7"],
)
def test_other_files_are_left_alone(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="Line 1"):
        ResultsFile(path)
    assert path.read_bytes() == content
