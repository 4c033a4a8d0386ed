"""Measures what a cached answer costs, beside the least that gRPC itself costs.

    python benchmarks/cached.py [--data DIR] [--seconds N] [--rounds N]

The same client processes call, in turns, a bare grpc.aio server that takes the very bytes of the
request and returns the very bytes of the reply, this server with its cache in memory, and this
server with its cache in Redis; for a small picture and for a receipt.
"""

import argparse
import asyncio
import multiprocessing
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import grpc
import psutil

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import bare, results  # noqa: E402
from benchmarks.bare import METHOD, UNLIMITED  # noqa: E402
from ocr_service.pb.ocr.v1 import recognize_pb2  # noqa: E402
from tests.data import make  # noqa: E402
from tests.redis_server import running_redis  # noqa: E402
from tests.servers import Server  # noqa: E402

PROCESSES, CALLERS = 2, 8  # of clients; callers in each
RECEIPT_BYTES = 300_000  # the receipt whose size is nearest to it is taken
_READY_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Target:
    """Whom the clients call."""

    name: str
    address: str
    pid: int
    key: str = ""


@dataclass(frozen=True, slots=True)
class Round:
    """What the clients saw, and what it cost.

    Attributes:
        rate: Calls a second.
        seconds: That each call took.
        processor: Seconds of the server's process for a call.
    """

    rate: float
    seconds: list[float]
    processor: float

    @classmethod
    def of(cls, parts: list[tuple[float, list[float]]], processor: float) -> "Round":
        """Put together what several processes saw."""
        seconds = [second for _, seen in parts for second in seen]
        rate = sum(len(seen) / elapsed for elapsed, seen in parts)
        return cls(rate, seconds, processor / len(seconds))


def call(target: Target, request: bytes, seconds: float, callers: int) -> tuple[float, list[float]]:
    """Call as often as it goes; returns the time it took and the seconds of each call."""
    return asyncio.run(_call(target, request, seconds, callers))


async def _call(
    target: Target, request: bytes, seconds: float, callers: int
) -> tuple[float, list[float]]:
    seen: list[float] = []
    metadata = (("x-api-key", target.key),) if target.key else ()
    async with grpc.aio.insecure_channel(target.address, options=UNLIMITED) as channel:
        recognize: Any = channel.unary_unary(METHOD)
        await recognize(request, metadata=metadata)
        began = time.perf_counter()

        async def one() -> None:
            while (start := time.perf_counter()) < began + seconds:
                await recognize(request, metadata=metadata)
                seen.append(time.perf_counter() - start)

        await asyncio.gather(*(one() for _ in range(callers)))
        return time.perf_counter() - began, seen


@contextmanager
def ours(name: str, folder: Path, redis_url: str = "") -> Iterator[Target]:
    """This server, whose log goes to a file: what reads it must not take our cores."""
    folder.mkdir()
    port = bare.free_port()
    arguments = [f"--listen=127.0.0.1:{port}", f"--data-dir={folder}", "--log-format=json"]
    if redis_url:
        arguments.append(f"--redis-url={redis_url}")
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "ocr_service", "serve", *arguments], stderr=log, cwd=ROOT
        )
        try:
            target = Target(name, bare.ready(f"127.0.0.1:{port}"), process.pid)
            key = Server(process, folder, port, [], redis_url=redis_url).key  # type: ignore[arg-type]
            yield replace(target, key=key)
        finally:
            process.terminate()
            process.wait()


def requests(data: Path) -> dict[str, bytes]:
    """Encoded requests, by what they hold."""
    lines = [f"Line {number}: {number * 37 % 1000:.2f} in all" for number in range(4)]
    contents = [make.encode(make.text_image(lines, size=24), "PNG")]
    receipts = sorted(
        (data / "receipts").glob("*.jpg"),
        key=lambda path: abs(path.stat().st_size - RECEIPT_BYTES),
    )
    contents += [path.read_bytes() for path in receipts[:1]]
    return {
        f"{len(content) / 1000:.0f} KB": recognize_pb2.RecognizeRequest(
            content=content
        ).SerializeToString()
        for content in contents
    }


def hit(target: Target, request: bytes) -> bytes:
    """The encoded reply from the cache, which is filled by asking."""
    metadata = (("x-api-key", target.key),)
    with grpc.insecure_channel(target.address, UNLIMITED) as channel:
        recognize: Any = channel.unary_unary(METHOD)
        while True:
            encoded: bytes = recognize(request, metadata=metadata, timeout=_READY_SECONDS)
            reply = recognize_pb2.RecognizeResponse.FromString(encoded)
            if reply.cache_status == recognize_pb2.CACHE_STATUS_HIT:
                return encoded


def rows(name: str, rounds: dict[str, list[Round]], alone: dict[str, Round]) -> list[list[str]]:
    """Rows of the table for one request; ratios are those of each round, their median is shown."""
    first, *_ = rounds.values()
    table = []
    for target, seen in rounds.items():
        ratios = [one.rate / other.rate for one, other in zip(seen, first, strict=True)]
        loaded = [second for one in seen for second in one.seconds]
        table.append(
            [
                name,
                target,
                f"{statistics.median(one.rate for one in seen):.0f}",
                f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})",
                f"{statistics.median(one.processor for one in seen) * 1e3:.2f}",
                _latency(loaded),
                _latency(alone[target].seconds),
            ]
        )
    return table


def _processor(target: Target) -> float:
    """Seconds that the server's process has used, without its workers, which have nothing to do."""
    times = psutil.Process(target.pid).cpu_times()
    return times.user + times.system


def _latency(seconds: list[float]) -> str:
    percentiles = statistics.quantiles(seconds, n=100)
    return f"{percentiles[49] * 1e3:.2f}, {percentiles[98] * 1e3:.2f}"


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    asked = requests(arguments.data)
    table = []
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        targets = [stack.enter_context(ours("cache in memory", folder / "memory"))]
        if shutil.which("redis-server"):
            url = stack.enter_context(running_redis(folder)).url
            targets += [stack.enter_context(ours("cache in Redis", folder / "redis", url))]
        replies = {name: [hit(target, asked[name]) for target in targets][-1] for name in asked}
        echoed = {len(asked[name]): reply for name, reply in replies.items()}
        place = stack.enter_context(bare.running(bare.echo, echoed))
        targets.insert(0, Target("bare grpc.aio", *place))
        spawn = multiprocessing.get_context("spawn")
        clients = stack.enter_context(ProcessPoolExecutor(PROCESSES, mp_context=spawn))

        def measure(target: Target, request: bytes, processes: int, callers: int) -> Round:
            before = _processor(target)
            jobs = [
                clients.submit(call, target, request, arguments.seconds, callers)
                for _ in range(processes)
            ]
            parts = [job.result() for job in jobs]
            return Round.of(parts, _processor(target) - before)

        for name, request in asked.items():
            rounds: dict[str, list[Round]] = {target.name: [] for target in targets}
            for _ in range(arguments.rounds):
                for target in targets:
                    rounds[target.name].append(measure(target, request, PROCESSES, CALLERS))
            alone = {target.name: measure(target, request, 1, 1) for target in targets}
            about = f"{name}, reply of {len(replies[name]) / 1000:.0f} KB"
            table += rows(about, rounds, alone)
    header = [
        "request",
        "server",
        "replies/s",
        "of the bare server's, median (least-most)",
        "processor ms a reply",
        f"ms, {PROCESSES * CALLERS} callers: median, 99th percentile",
        "ms, 1 caller",
    ]
    print(results.table(header, table))


if __name__ == "__main__":
    main()
