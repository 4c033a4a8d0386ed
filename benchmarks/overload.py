"""Measures ten times more load than capacity: what is still done, and how the rest is refused.

    python benchmarks/overload.py [--data DIR] [--seconds N] [--times N]

Beside it, what is still done when only as much comes as can be done, and a bare grpc.aio server on
the same cores refuses the rest: the flood costs its sender and gRPC so much by itself.
"""

import argparse
import multiprocessing
import sys
import tempfile
import threading
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import bare, load  # noqa: E402
from benchmarks.load import Load, Seen  # noqa: E402
from tests.data import make  # noqa: E402
from tests.servers import Server, running_server  # noqa: E402

_PEAK_SECONDS = 15.0
_CALLERS = 8  # keep the workers busy without a refusal
_EVERY_SECONDS = 10.0  # memory is looked at
_QUEUE_SECONDS = 5.0  # the server's default


def contents(data: Path) -> dict[str, list[bytes]]:
    """Documents, by kind."""
    receipts = sorted((data / "receipts").glob("*.jpg"))[:10]
    small = make.encode(make.text_image(["Total 12.50"], size=28), "PNG")
    kinds = {"small pictures": [small], "receipts": [path.read_bytes() for path in receipts]}
    return {name: files for name, files in kinds.items() if files}


def rate(seen: list[Seen], seconds: float) -> float:
    """Answers a second while calls were begun: those that ended after it are not counted."""
    over = min(one.began for one in seen) + seconds
    return sum(one.code == "OK" and one.began + one.seconds < over for one in seen) / seconds


def watch(server: Server, over: threading.Event) -> list[float]:
    """MiB of the server and its workers, every ten seconds."""
    sizes = [sum(load.memory(server.process.pid).values())]
    while not over.wait(_EVERY_SECONDS):
        sizes.append(sum(load.memory(server.process.pid).values()))
    return sizes


def measure(
    server: Server, clients: ProcessPoolExecutor, files: list[bytes], seconds: float, times: float
) -> None:
    """Print what came of it."""
    at_peak = clients.submit(
        Load(server.address, server.key, files, _PEAK_SECONDS, callers=_CALLERS).run
    ).result()
    peak = rate(at_peak, _PEAK_SECONDS)
    alone = clients.submit(Load(server.address, server.key, files, 5.0, callers=2).run).result()
    service = load.percentile([one.seconds for one in alone], 99)
    health = clients.submit(load.ask_health, server.address, seconds)
    calls = clients.submit(Load(server.address, server.key, files, seconds, rate=times * peak).run)
    over = threading.Event()
    calls.add_done_callback(lambda _: over.set())
    sizes = watch(server, over)
    seen = calls.result()
    goodput = rate(seen, seconds)
    accepted = [one.seconds for one in seen if one.code == "OK"]
    refused = [one.seconds for one in seen if one.code == "UNAVAILABLE"]
    late = sum(waited >= _QUEUE_SECONDS for waited in refused)
    print(f"  peak {peak:.1f}/s; offered {len(seen) / seconds:.0f}/s: {load.codes(seen)}")
    print(f"  goodput {goodput:.1f}/s, {goodput / peak:.2f} of peak")
    print(
        f"  accepted, median, 99th percentile, most: {load.milliseconds(accepted)} ms; "
        f"bound {1e3 * (_QUEUE_SECONDS + service):.0f} ms"
    )
    print(f"  refused: {load.milliseconds(refused)} ms; {late} after waiting in the queue")
    print(f"  health: {load.milliseconds(health.result())} ms")
    print(f"  memory of all processes every 10 s: {[round(size) for size in sizes]} MiB")
    with bare.running(bare.refuse) as (address, _):
        others = Load(address, server.key, files, _PEAK_SECONDS, rate=(times - 1) * peak)
        flood = clients.submit(others.run)
        busy = Load(server.address, server.key, files, _PEAK_SECONDS, callers=_CALLERS)
        beside = rate(clients.submit(busy.run).result(), _PEAK_SECONDS)
        flood.result()
    print(f"  where a bare server refuses the rest: {beside:.1f}/s, {beside / peak:.2f} of peak")


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--times", type=float, default=10.0, help="the load, by capacity")
    arguments = parser.parse_args()
    spawn = multiprocessing.get_context("spawn")
    for name, files in contents(arguments.data).items():
        print(name)
        with (
            tempfile.TemporaryDirectory() as folder,
            ProcessPoolExecutor(2, mp_context=spawn) as clients,
            running_server(Path(folder), "--cache-bytes=0") as server,
        ):
            measure(server, clients, files, arguments.seconds, arguments.times)


if __name__ == "__main__":
    main()
