"""Paths that callers name: what is below the folder, and nothing else, whatever they try."""

import os
import threading
from pathlib import Path

import pytest

from ocr_service.gateway import image_root
from ocr_service.gateway.refusal import Refusal
from tests.gateway.gateways import Gateway

SECRET = b"secret"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    (folder / "in").mkdir(parents=True)
    (folder / "in" / "fine").write_bytes(b"fine")
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "root-beside").mkdir()
    (tmp_path / "root-beside" / "secret").write_bytes(SECRET)
    (folder / "link").symlink_to(tmp_path / "secret")
    (folder / "out").symlink_to(tmp_path)
    (folder / "inner").symlink_to(folder / "in")
    os.mkfifo(folder / "pipe")
    return folder


@pytest.mark.parametrize("path", ["in/fine", "./in/fine", "in//fine", "/ROOT/in/fine"])
def test_what_is_below_is_read(root: Path, path: str) -> None:
    assert image_root.read(root, path.replace("/ROOT", str(root)), 100) == b"fine"


ATTACKS = [
    *("", ".", "/", "in", "none", "in/fine/x", "../secret", "in/../../secret", "in/../in/fine"),
    *("/etc/passwd", "/ROOT/../secret", "/ROOT-beside/secret", "/ROOT", "//etc/passwd"),
    *("link", "out/secret", "inner/fine", "pipe", "in/fine\x00", "x" * 5000, "\ud800", "~/x"),
    *("file:///etc/passwd", "..%2fsecret", "in\\..\\..\\secret"),
]


@pytest.mark.parametrize("path", ATTACKS, ids=ascii)
def test_everything_else_is_refused_alike(root: Path, path: str) -> None:
    with pytest.raises(Refusal) as refused:
        image_root.read(root, path.replace("/ROOT", str(root)), 100)
    assert refused.value.http == 400
    assert (
        str(refused.value) == "This path is no file below the folder that this server reads from."
    )


def test_a_large_file_is_not_read_whole(root: Path) -> None:
    with pytest.raises(Refusal) as refused:
        image_root.read(root, "in/fine", 3)
    assert refused.value.http == 413


def test_a_folder_that_becomes_a_link_leads_nowhere(root: Path, tmp_path: Path) -> None:
    """One thread swaps a folder and a link to the outside, as fast as it can, while we read."""
    inside, outside, name = root / "a", tmp_path / "b", root / "swapped"
    for folder, content in ((inside, b"fine"), (outside, SECRET)):
        folder.mkdir()
        (folder / "file").write_bytes(content)
    stop = threading.Event()

    def swap() -> None:
        while not stop.is_set():
            inside.rename(name)
            name.rename(inside)
            name.symlink_to(outside)
            name.unlink()

    swapper = threading.Thread(target=swap)
    swapper.start()
    seen = set()
    try:
        for _ in range(5000):
            try:
                seen.add(image_root.read(root, "swapped/file", 100))
            except Refusal:
                seen.add(b"")
    finally:
        stop.set()
        swapper.join()
    assert seen <= {b"fine", b""}


def test_over_http(older: Gateway, image_root: Path) -> None:
    (image_root / "shadow").symlink_to("/etc/passwd")
    made = older.post("/generate_api_key", headers={}, json={"user_id": "eve"}).json()
    paths = ["../keys.sqlite3", "/etc/passwd", "shadow", str(older.server.data_dir / "pepper")]
    answer = older.post(
        "/batch_process", headers={"api_key": made["api_key"]}, json={"image_paths": paths}
    )
    assert answer.json()["batch_results"] == [None] * len(paths)
    assert {error["error"] for error in answer.json()["errors"]} == {
        "This path is no file below the folder that this server reads from."
    }
