"""Runs a server at capacity for a long time, and fails if it leaks, errs or grows slow.

    python benchmarks/soak.py [--minutes N] [--data DIR]

Every engine that is installed, EasyOCR where OCR_EASYOCR_MODELS names its weights, reads real
pictures, or drawn ones, in all four ways to ask: alone, in batches, as documents, redacted. A line
is printed every minute. The exit code is 1 if a promise is broken: an error, memory of a process
that grows by 1 MiB a minute after the first third, or a way to ask that takes half as long again
in the last third as in the second, for the same pictures.
"""

import argparse
import itertools
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import grpc
from google.protobuf import duration_pb2

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import load  # noqa: E402
from ocr_service.pb.ocr.v1 import (  # noqa: E402
    batch_pb2,
    document_pb2,
    ocr_service_pb2,
    recognize_pb2,
)
from tests.data import make  # noqa: E402
from tests.servers import Server, running_server  # noqa: E402

_GROWTH = 1.0  # MiB a minute that a process may grow by
_SAMPLE, _WINDOW = 5.0, 150.0  # seconds between looks at memory; of which the least counts
_DRIFT = 1.5  # times that the median may grow
_BATCH = 4  # items
_PATIENCE = 300.0  # seconds: EasyOCR takes a minute for a large page, and others go first
_EACH = 2  # pictures of each kind: few, so that each is read several times in each third
Options = recognize_pb2.RecognizeOptions


@dataclass
class Seen:
    """What callers saw: end and seconds of each call, by way to ask and picture, and errors."""

    calls: dict[tuple[str, int], list[tuple[float, float]]] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    refused: int = 0

    def between(self, asked: tuple[str, int], start: float, end: float) -> list[float]:
        """Seconds of the calls that ended in a span of time."""
        return [took for when, took in self.calls.get(asked, []) if start <= when < end]


def pictures(data: Path) -> list[bytes]:
    """Receipts, forms and pages, or drawn pages."""
    files = [
        path
        for folder in ("receipts", "forms", "pages")
        for path in sorted((data / folder).glob("*.[jp][pn]g"))[:_EACH]
    ]
    drawn = [
        make.text_image([f"Page {n}, total {n}.50, ann@example.com"] * 20) for n in range(3 * _EACH)
    ]
    return [path.read_bytes() for path in files] or [make.encode(page, "PNG") for page in drawn]


def ways(server: Server, engine: int) -> dict[str, Callable[[bytes], object]]:
    """Ways to have a picture read by an engine; nothing is answered from the cache."""
    stub, metadata = server.stub, server.metadata
    options = Options(engine=engine, cache_policy=recognize_pb2.CACHE_POLICY_NO_STORE)  # type: ignore[arg-type]

    def recognize(content: bytes) -> object:
        request = recognize_pb2.RecognizeRequest(content=content, options=options)
        return stub.Recognize(request, metadata=metadata, timeout=_PATIENCE)

    def batch(content: bytes) -> object:
        patience = duration_pb2.Duration(seconds=int(_PATIENCE))
        config = batch_pb2.BatchRecognizeRequest(
            config=batch_pb2.BatchConfig(options=options, item_timeout=patience)
        )
        items = [
            batch_pb2.BatchRecognizeRequest(
                item=batch_pb2.BatchItem(item_id=f"{number}", content=content)
            )
            for number in range(_BATCH)
        ]
        *_, last = stub.BatchRecognize(iter([config, *items]), metadata=metadata, timeout=_PATIENCE)
        if last.summary.succeeded != _BATCH:
            raise ValueError("an item failed")
        return last

    def document(content: bytes) -> object:
        request = document_pb2.RecognizeDocumentRequest(content=content, options=options)
        return list(stub.RecognizeDocument(request, metadata=metadata, timeout=_PATIENCE))

    def redact(content: bytes) -> object:
        request = ocr_service_pb2.RedactRequest(content=content, options=options)
        return stub.Redact(request, metadata=metadata, timeout=_PATIENCE)

    name = recognize_pb2.Engine.Name(engine).removeprefix("ENGINE_").lower()  # type: ignore[arg-type]
    calls = {"alone": recognize, "batch": batch, "document": document, "redact": redact}
    return {f"{name} {way}": call for way, call in calls.items()}


def keep_asking(
    work: Iterator[tuple[tuple[int, bytes], tuple[str, Callable[[bytes], object]]]],
    seen: Seen,
    until: float,
) -> None:
    """One caller: take the next piece of work, note what became of it."""
    while time.monotonic() < until:
        (picture, content), (way, call) = next(work)
        began = time.monotonic()
        try:
            call(content)
        except grpc.RpcError as error:
            trailers: Any = error.trailing_metadata() or ()
            pushback = dict(trailers).get("grpc-retry-pushback-ms")
            if pushback is not None:  # at capacity the queue is sometimes full
                seen.refused += 1
                time.sleep(int(pushback) / 1000)
                continue
            seen.errors[f"{way}: {error.code().name} {error.details()}"] += 1
        except ValueError as error:
            seen.errors[f"{way}: {error}"] += 1
        else:
            end = time.monotonic()
            seen.calls.setdefault((way, picture), []).append((end, end - began))


Memory = dict[int, list[tuple[float, float]]]  # MiB over time, by process id


def growth(points: Sequence[tuple[float, float]]) -> float:
    """MiB a minute that the least of each window grows by: pages in hand come and go."""
    windows: dict[float, float] = {}
    for when, size in points:
        window = when // _WINDOW
        windows[window] = min(size, windows.get(window, size))
    if len(windows) < 2:
        return 0.0
    return 60 / _WINDOW * statistics.linear_regression(list(windows), list(windows.values())).slope


def watch(server: Server, seen: Seen, began: float, until: float) -> Memory:
    """Print a line a minute; return the memory of each process below the server's, and of it."""
    memory: Memory = {}
    while (now := time.monotonic()) < until:
        minute = min(now + 60, until)
        sizes: dict[int, float] = {}
        while (sampled := time.monotonic()) < minute:
            sizes = load.memory(server.process.pid)
            for pid, size in sizes.items():
                memory.setdefault(pid, []).append((sampled, size))
            time.sleep(max(0.0, min(_SAMPLE, minute - time.monotonic())))
        recent = [s for asked in seen.calls for s in seen.between(asked, now, minute)]
        print(
            f"minute {(minute - began) / 60:.0f}: {len(recent) / (minute - now):.1f} calls/s; "
            f"median, 99th percentile, most {load.milliseconds(recent)} ms; "
            f"MiB {[round(size) for size in sizes.values()]}; "
            f"refused {seen.refused}, errors {dict(seen.errors)}",
            flush=True,
        )
    return memory


def broken(seen: Seen, memory: Memory, began: float, end: float) -> Iterator[str]:
    """Promises that were not kept, as sentences."""
    third = (end - began) / 3
    if seen.errors:
        yield f"errors: {dict(seen.errors)}"
    for pid, points in memory.items():
        if points[0][0] > began + third or points[-1][0] < end - _WINDOW:
            print(f"process {pid}: replaced, or there too short a time to judge")
            continue
        grows = growth([(when, size) for when, size in points if when > began + third])
        print(f"process {pid}: {grows:+.2f} MiB a minute, now {points[-1][1]:.0f} MiB")
        if grows >= _GROWTH:
            yield f"process {pid} grows by {grows:.2f} MiB a minute"
    longer: dict[str, list[float]] = {}
    for way, picture in sorted(seen.calls):
        second = seen.between((way, picture), began + third, began + 2 * third)
        last = seen.between((way, picture), began + 2 * third, end)
        if second and last:
            ratio = statistics.median(last) / statistics.median(second)
            longer.setdefault(way, []).append(ratio)
    for way, ratios in longer.items():
        drift = statistics.median(ratios)
        calls = sum(len(ended) for (one, _), ended in seen.calls.items() if one == way)
        print(f"{way}: {calls} calls, {drift:.2f} times as long in the last third")
        if drift > _DRIFT:
            yield f"{way} takes {drift:.1f} times as long"


def main() -> int:
    """Run, print, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    arguments = parser.parse_args()
    contents = pictures(arguments.data)
    seen = Seen()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder), "--log-level=info") as server,
    ):
        facts = server.stub.GetCapabilities(
            ocr_service_pb2.GetCapabilitiesRequest(), metadata=server.metadata
        )
        workers = next(entry["workers"] for entry in server.log if "workers" in entry)
        callers = int(str(workers)) + 2
        every = [way for engine in facts.engines for way in ways(server, engine.engine).items()]
        print(f"{len(contents)} pictures, {len(every)} ways to ask, {callers} callers", flush=True)
        work = itertools.cycle(itertools.product(enumerate(contents), every))
        began = time.monotonic()
        until = began + 60 * arguments.minutes
        threads = [
            threading.Thread(target=keep_asking, args=(work, seen, until), daemon=True)
            for _ in range(callers)
        ]

        for thread in threads:
            thread.start()
        memory = watch(server, seen, began, until)
        for thread in threads:
            thread.join()
        for entry in server.log:
            if entry.get("level") != "info":
                print(entry)
    faults = list(broken(seen, memory, began, until))
    print("\n".join(f"BROKEN: {fault}" for fault in faults) or "all promises kept")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
