"""Images per second: this service beside what it replaces and beside its limit, in one run.

    python benchmarks/throughput.py [--data DIR] [--rounds N] [--json FILE]

Contenders, all on the same receipts, in turns, so that what else the machine does hits all alike:

    older B      pytesseract as the older service B calls it: as it comes, one at a time
    older A      the same behind A's chain: grey, blur, equalised, which leaves little text to read
    pytesseract  pytesseract with OMP_THREAD_LIMIT=1, two at a time
    tesserocr    bare tesserocr, decoded by Pillow, one API object in each of two threads: the limit
    recognize    this service, by Recognize with 8 callers
    batch        this service, by one BatchRecognize stream

Then where a call's time goes beside the engine, by stage.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path

import grpc

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from ocr_service.pb.ocr.v1 import batch_pb2, recognize_pb2  # noqa: E402
from tests.servers import Server, running_server  # noqa: E402

WORKERS = 2
CALLERS = 8
STAGES = ("queue", "decode", "preprocess", "recognize", "find_entities", "total")
Contender = Callable[[Sequence[bytes]], None]


def older_b(contents: Sequence[bytes]) -> None:
    """Service B's way, in a process of its own with OpenMP as it comes."""
    _in_subprocess(contents, workers=1, chain=False, limit_threads=False)


def older_a(contents: Sequence[bytes]) -> None:
    """Service A's way, likewise."""
    _in_subprocess(contents, workers=1, chain=True, limit_threads=False)


def pytesseract_limited(contents: Sequence[bytes]) -> None:
    """The pytesseract contender with one OpenMP thread."""
    _in_subprocess(contents, workers=WORKERS, chain=False, limit_threads=True)


_PYTESSERACT = """
import io, pickle, sys
from concurrent.futures import ThreadPoolExecutor
import cv2, numpy as np, pytesseract
from PIL import Image
contents, workers, chain = pickle.load(sys.stdin.buffer)
def read(content):
    if chain:
        grey = cv2.imdecode(np.frombuffer(content, np.uint8), cv2.IMREAD_GRAYSCALE)
        image = cv2.equalizeHist(cv2.GaussianBlur(grey, (5, 5), 0))
    else:
        image = Image.open(io.BytesIO(content))
    return pytesseract.image_to_string(image)
with ThreadPoolExecutor(workers) as pool:
    print(sum(map(len, pool.map(read, contents))))
"""


def _in_subprocess(
    contents: Sequence[bytes], *, workers: int, chain: bool, limit_threads: bool
) -> None:
    import pickle

    environ = {k: v for k, v in os.environ.items() if k != "OMP_THREAD_LIMIT"}
    if limit_threads:
        environ["OMP_THREAD_LIMIT"] = "1"
    subprocess.run(
        [sys.executable, "-c", _PYTESSERACT],
        input=pickle.dumps((list(contents), workers, chain)),
        env=environ,
        check=True,
        stdout=subprocess.DEVNULL,
    )


class BareTesserocr:
    """The limit: one API object in each of two threads, nothing else."""

    def __init__(self) -> None:
        os.environ["OMP_THREAD_LIMIT"] = "1"
        self._local = threading.local()
        self._pool = ThreadPoolExecutor(WORKERS)
        listing = subprocess.run(
            ["tesseract", "--list-langs"], capture_output=True, text=True, check=True
        )
        self._tessdata = listing.stdout.split('"')[1]

    def __call__(self, contents: Sequence[bytes]) -> None:
        """Read all."""
        list(self._pool.map(self._read, contents))

    def _read(self, content: bytes) -> str:
        import tesserocr
        from PIL import Image

        if not hasattr(self._local, "api"):
            self._local.api = tesserocr.PyTessBaseAPI(path=self._tessdata, lang="eng")
        self._local.api.SetImage(Image.open(BytesIO(content)))
        text: str = self._local.api.GetUTF8Text()
        return text


class Service:
    """This service, by either of two calls."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._pool = ThreadPoolExecutor(CALLERS)
        self.timings: list[dict[str, float]] = []

    def recognize(self, contents: Sequence[bytes]) -> None:
        """Read all by Recognize, from several callers."""
        list(self._pool.map(self._recognize, contents))

    def _recognize(self, content: bytes) -> None:
        began = time.perf_counter()
        reply = self._server.stub.Recognize(
            recognize_pb2.RecognizeRequest(content=content), metadata=self._server.metadata
        )
        took = time.perf_counter() - began
        stages = {
            name: getattr(reply.timings, name).ToTimedelta().total_seconds() for name in STAGES
        }
        self.timings.append(stages | {"seen by the caller": took})

    def batch(self, contents: Sequence[bytes]) -> None:
        """Read all through one stream."""
        requests = (
            batch_pb2.BatchRecognizeRequest(
                item=batch_pb2.BatchItem(item_id=str(number), content=content)
            )
            for number, content in enumerate(contents)
        )
        *_, last = self._server.stub.BatchRecognize(requests, metadata=self._server.metadata)
        if last.summary.succeeded != len(contents):
            raise RuntimeError(f"the batch failed: {last}")

    def overhead(self, contents: Sequence[bytes]) -> dict[str, float]:
        """Median milliseconds of each stage, one caller, and what no stage explains."""
        self.timings.clear()
        for content in contents:
            self._recognize(content)
        medians = {
            name: statistics.median(one[name] for one in self.timings) * 1e3
            for name in self.timings[0]
        }
        inside = [sum(one[name] for name in STAGES[:-1]) for one in self.timings]
        medians["pool, encoding and event loop"] = 1e3 * statistics.median(
            one["total"] - stages for one, stages in zip(self.timings, inside, strict=True)
        )
        medians["gRPC and client"] = 1e3 * statistics.median(
            one["seen by the caller"] - one["total"] for one in self.timings
        )
        return medians


def main() -> None:
    """Run and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, default=None, help="write the figures there too")
    arguments = parser.parse_args()
    files = sorted((arguments.data / "receipts").glob("*.jpg"))
    if not files:
        sys.exit(f"No receipts below {arguments.data}; see --data.")
    contents = [file.read_bytes() for file in files]
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder), f"--workers={WORKERS}") as server,
    ):
        service = Service(server)
        contenders: dict[str, Contender] = {
            "older B": older_b,
            "older A": older_a,
            "pytesseract": pytesseract_limited,
            "tesserocr": BareTesserocr(),
            "recognize": service.recognize,
            "batch": service.batch,
        }
        rates = measure(contenders, contents, arguments.rounds)
        stages = service.overhead(contents)
    print(f"\n{len(contents)} receipts, {arguments.rounds} rounds, grpcio {grpc.__version__}")
    print(f"{'':14}{'images/s':>10}{'of tesserocr':>14}{'of B':>8}{'of A':>8}")
    for name, rate in rates.items():
        limit, b, a = (rate / rates[peer] for peer in ("tesserocr", "older B", "older A"))
        print(f"{name:14}{rate:10.2f}{limit:14.2f}{b:8.1f}{a:8.1f}")
    print("\nOne caller, median milliseconds:")
    for name, value in stages.items():
        print(f"  {name:32}{value:9.2f}")
    if arguments.json:
        arguments.json.write_text(json.dumps({"images/s": rates, "ms": stages}, indent=1))


def measure(
    contenders: dict[str, Contender], contents: Sequence[bytes], rounds: int
) -> dict[str, float]:
    """Images per second of each: the best of the rounds, which take turns."""
    best = dict.fromkeys(contenders, 0.0)
    for number in range(rounds):
        for name, contender in contenders.items():
            if number == 0:
                contender(contents[:WORKERS])  # warm-up
            began = time.perf_counter()
            contender(contents)
            best[name] = max(best[name], len(contents) / (time.perf_counter() - began))
            print(f"round {number + 1} {name}: best {best[name]:.2f} images/s", file=sys.stderr)
    return best


if __name__ == "__main__":
    main()
