"""A key store that cannot write: known keys go on, and nothing is said to be done that is not."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import grpc
import pytest

from ocr_service.pb.ocr.v1 import api_key_service_pb2 as pb
from tests.gate import Gate, reciting_server
from tests.servers import Server
from tests.test_cache import page, send
from tests.test_wire_errors import failure

SMALL_DISK = 512 << 10  # bytes


def known(server: Server) -> None:
    """Have the server know the keys that are used here."""
    assert issue(server).secret
    assert send(server, page(401)).code() == grpc.StatusCode.OK


def issue(server: Server) -> pb.IssueApiKeyResponse:
    request = pb.IssueApiKeyRequest(user_id="late", description="d" * 250)
    return server.keys.IssueApiKey(request, metadata=(("x-api-key", server.admin_key),))


def assert_reads_go_on_and_changes_are_refused(server: Server) -> None:
    assert send(server, page(401)).code() == grpc.StatusCode.OK
    refused = failure(lambda: issue(server))
    assert (refused.code, refused.reason) == (
        grpc.StatusCode.UNAVAILABLE,
        "KEY_STORE_UNAVAILABLE",
    )
    assert send(server, page(401)).code() == grpc.StatusCode.OK


def test_a_locked_file(tmp_path: Path) -> None:
    with reciting_server(tmp_path, Gate(tmp_path)) as server:
        known(server)
        holder = sqlite3.connect(tmp_path / "keys.sqlite3", isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        assert_reads_go_on_and_changes_are_refused(server)
        holder.execute("ROLLBACK")
        holder.close()
        assert issue(server).secret


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A file system of its own; needs root."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SMALL_DISK}", "none", str(folder)],
        check=False,
        capture_output=True,
    )
    if mounted.returncode:
        pytest.skip("no file system can be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


def fill(path: Path) -> None:
    """Make the file as large as the disk lets it be."""
    with path.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


@pytest.mark.skipif(shutil.which("mount") is None, reason="no mount here")
def test_a_full_disk(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk") as disk, reciting_server(disk, Gate(tmp_path)) as server:
        known(server)
        filler = disk / "filler"
        fill(filler)
        while failure_of_issue(server) is None:  # the file may have room left inside
            pass
        assert_reads_go_on_and_changes_are_refused(server)
        filler.unlink()
        assert issue(server).secret


def failure_of_issue(server: Server) -> grpc.RpcError | None:
    try:
        issue(server)
    except grpc.RpcError as error:
        return error
    return None
