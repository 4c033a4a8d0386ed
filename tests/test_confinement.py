"""Workers: what a job cannot do there, and that it costs nobody else anything."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import grpc
import psutil
import pytest

from ocr_service.config import Settings
from ocr_service.confinement import Confinement
from ocr_service.deadline import Deadline
from ocr_service.errors import EngineCrashed
from ocr_service.pool import Job, JobFailedError, Pool
from ocr_service.pool.failures import WorkerDiedError
from ocr_service.pool.process import ProcessWorker
from tests import pool_jobs
from tests.data import make
from tests.pool_jobs import MEMORY_BYTES
from tests.pools import pool, run, soon
from tests.servers import Server, eventually, running_server
from tests.test_recognize import recognize
from tests.test_wire_errors import failure


async def needs(made: Pool, name: str) -> None:
    """Skip where the kernel does not offer it."""
    confined = Confinement(*(await made.run(Job(pool_jobs.confinement), soon())).value)
    if not getattr(confined, name):
        pytest.skip(f"THIS KERNEL CANNOT CONFINE: no {name}; workers run without")


REFUSED: dict[str, tuple[str, Callable[..., object], Callable[[Path], tuple[object, ...]]]] = {
    "open a socket": ("network", pool_jobs.open_socket, lambda _: ()),
    "start a program": ("network", pool_jobs.start_program, lambda _: ()),
    "leave a process behind": ("network", pool_jobs.fork, lambda _: ()),
    "write a file": ("files", pool_jobs.write_file, lambda folder: (folder / "new",)),
    "read a file": ("files", pool_jobs.read_file, lambda _: (Path("/etc/passwd"),)),
    "read the server's data": ("files", pool_jobs.read_file, lambda folder: (folder / "pepper",)),
    "read the server's variables": (
        "files",
        pool_jobs.read_file,
        lambda _: (Path(f"/proc/{os.getpid()}/environ"),),
    ),
    "signal the server": ("files", pool_jobs.signal_to, lambda _: (os.getpid(),)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_job_can_do(tmp_path: Path, name: str) -> None:
    part, function, arguments = REFUSED[name]
    (tmp_path / "pepper").write_text("secret")
    job = Job(function, arguments(tmp_path))

    async def test() -> None:
        async with pool() as free:
            await free.run(job, soon())  # or the refusal below would say nothing
        (tmp_path / "new").unlink(missing_ok=True)
        async with pool(confine=pool_jobs.confine) as made:
            await needs(made, part)
            before = await made.run(Job(pool_jobs.pid), soon())
            with pytest.raises(JobFailedError, match=r"PermissionError at .*pool_jobs\.py"):
                await made.run(job, soon())
            assert (await made.run(Job(pool_jobs.pid), soon())).value == before.value
        assert not (tmp_path / "new").exists()

    run(test)


def test_a_job_that_takes_too_much_memory_costs_itself() -> None:
    job = Job(pool_jobs.allocate, (MEMORY_BYTES,))

    async def test() -> None:
        async with pool() as free:
            assert (await free.run(job, soon())).value == MEMORY_BYTES
        async with pool(confine=pool_jobs.confine) as made:
            await needs(made, "memory_bytes")
            with pytest.raises(EngineCrashed, match="more memory than a job may have"):
                await made.run(job, soon())
            fits = await made.run(Job(pool_jobs.allocate, (MEMORY_BYTES // 2,)), soon())
            assert fits.value == MEMORY_BYTES // 2

    run(test)


def test_a_page_that_takes_too_much_memory_costs_itself(tmp_path: Path) -> None:
    """The most pixels that are allowed, for a server that allows them less memory."""
    page = make.text_image(["Total 12.50"] * 8)
    large, small = (make.encode(one, "PNG") for one in (page.resize((7000, 7000)), page))
    flags = ("--engine=tesseract", "--workers=1", f"--worker-memory-bytes={400 << 20}")
    with running_server(tmp_path, *flags) as server:
        (told,) = [entry for entry in server.log if entry.get("event") == "workers confined"]
        if not told["memory_bytes"]:
            pytest.skip("THIS KERNEL CANNOT CONFINE: no bound of memory; workers run without")
        refused = failure(lambda: recognize(server, large))
        assert (refused.code, refused.reason) == (grpc.StatusCode.INTERNAL, "ENGINE_CRASHED")
        assert "Total" in recognize(server, small).text


def test_an_answer_can_carry_nothing_but_values() -> None:
    async def test() -> None:
        async with pool() as made:
            with pytest.raises(EngineCrashed):
                await made.run(Job(pool_jobs.answer_with_a_class), soon())
            assert (await made.run(Job(pool_jobs.echo, ((1, "a", b"b", None),)), soon())).value

    run(test)


def test_the_kernel_ends_a_job_that_the_server_does_not(tmp_path: Path) -> None:
    worker = ProcessWorker(pool_jobs.nothing, pool_jobs.nothing, max_jobs=9)
    try:
        with pytest.raises(WorkerDiedError):
            worker.call(pool_jobs.spin_deaf, (tmp_path / "pid",), Deadline.after(0))
        assert worker.call(pool_jobs.pid, (), soon()) != int((tmp_path / "pid").read_text())
    finally:
        worker.close()


DUMPING = """
import os, resource, sys
from ocr_service.confinement import confine
resource.setrlimit(resource.RLIMIT_CORE, (-1, -1))
if sys.argv[1] == "confined":
    confine(0, ())
os.abort()
"""


def test_a_crash_leaves_no_dump(tmp_path: Path) -> None:
    def dumped(how: str) -> bool:
        command = [sys.executable, "-c", DUMPING, how]
        shell = ["sh", "-c", 'cd "$0" && exec "$@"', str(tmp_path), *command]
        _, status = os.waitpid(os.posix_spawn("/bin/sh", shell, os.environ), 0)
        assert os.WTERMSIG(status) == signal.SIGABRT
        return os.WCOREDUMP(status)

    if not dumped("free"):
        pytest.skip("THIS MACHINE DUMPS NO CORE: that a worker leaves none was not tested")
    assert not dumped("confined")


WORKING = """
import asyncio, pathlib, sys
from ocr_service.pool import Job
from tests import pool_jobs
from tests.data import make
from tests.pools import pool, soon

async def main():
    async with pool() as made:
        await made.run(Job(pool_jobs.spin_deaf, (pathlib.Path(sys.argv[1]),)), soon())

asyncio.run(main())
"""


def test_no_job_survives_a_server_that_is_killed(tmp_path: Path) -> None:
    started = tmp_path / "pid"
    with subprocess.Popen([sys.executable, "-c", WORKING, started]) as server:
        assert eventually(lambda: started.exists() and started.read_text() != "")
        worker = psutil.Process(int(started.read_text()))
        server.kill()
    gone = (psutil.STATUS_ZOMBIE, psutil.STATUS_DEAD)  # if nobody takes in orphans
    assert eventually(lambda: not worker.is_running() or worker.status() in gone)


def test_the_server_says_what_is_in_force(server: Server) -> None:
    (told,) = [entry for entry in server.log if entry.get("event") == "workers confined"]
    memory = Settings().worker_memory_bytes

    async def test() -> None:
        async with pool(confine=pool_jobs.confine) as made:
            _, files, network = (await made.run(Job(pool_jobs.confinement), soon())).value
            assert (told["files"], told["network"]) == (files, network)
            assert told["memory_bytes"] == memory

    run(test)
