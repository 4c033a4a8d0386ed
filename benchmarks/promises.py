"""Measures what the service promises beside speed: memory, freed cores, health under load.

python benchmarks/promises.py [--data DIR] [--items N]
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import grpc
import psutil
from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import bare, load  # noqa: E402
from ocr_service.pb.ocr.v1 import (  # noqa: E402
    batch_pb2,
    ocr_service_pb2_grpc,
    recognize_pb2,
)
from tests.data import make  # noqa: E402
from tests.servers import Server, running_server  # noqa: E402

MIB = 2**20
_ASK_HEALTH = """
import select, sys, time
import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc
health = health_pb2_grpc.HealthStub(grpc.insecure_channel(sys.argv[1]))
health.Check(health_pb2.HealthCheckRequest())
print("ready", flush=True)
while not select.select([sys.stdin], [], [], 0.005)[0]:
    began = time.perf_counter()
    health.Check(health_pb2.HealthCheckRequest())
    print(time.perf_counter() - began)
"""


def processes(server: Server) -> list[psutil.Process]:
    """The server and all below it."""
    root = psutil.Process(server.process.pid)
    return [root, *root.children(recursive=True)]


def resident(server: Server) -> float:
    """MiB of all processes together, shared pages counted once."""
    total = 0
    for process in processes(server):
        with suppress(psutil.NoSuchProcess):  # a worker that was replaced this moment
            total += process.memory_full_info().pss
    return total / MIB


def items(count: int, broken_every: int = 0) -> Iterator[batch_pb2.BatchRecognizeRequest]:
    """Small images, each with its number on it."""
    for number in range(count):
        content = b"no image at all"
        if not broken_every or number % broken_every:
            content = make.encode(make.text_image([f"{number}"], size=24, mode="L"), "PNG")
        item = batch_pb2.BatchItem(item_id=str(number), content=content)
        yield batch_pb2.BatchRecognizeRequest(item=item)


def memory_of_a_long_batch(server: Server, count: int) -> None:
    """Resident memory after the first tenth and at the end of one stream."""
    answers = server.stub.BatchRecognize(items(count), metadata=server.metadata)
    marks: list[float] = []
    wrong = 0
    for number, answer in enumerate(answers):
        if answer.HasField("result"):
            wrong += answer.result.response.text.strip() != answer.result.item_id
        if number and number % (count // 10) == 0:
            marks.append(resident(server))
    growth = 100 * (marks[-1] / marks[0] - 1)
    print(f"batch of {count}: {marks[0]:.1f} MiB after a tenth, {marks[-1]:.1f} MiB at the end")
    print(f"  growth {growth:+.1f} %, all marks {[round(mark, 1) for mark in marks]}")
    print(f"  numbers read otherwise than drawn: {wrong}")


def broken_items_fail_alone(server: Server) -> None:
    """1,000 items of which every tenth is broken."""
    *answers, last = server.stub.BatchRecognize(
        items(1000, broken_every=10), metadata=server.metadata
    )
    reasons = Counter(answer.error.reason or "result" for answer in answers)
    print(f"1,000 items, 100 broken: {dict(reasons)}, summary {str(last.summary).split()}")


def deadline_frees_the_core(server: Server) -> None:
    """CPU use of all processes from one second after a deadline of half a second."""
    noise = make.encode(Image.effect_noise((4000, 4000), 200), "PNG")
    request = recognize_pb2.RecognizeRequest(content=noise)
    call = server.stub.Recognize.future(request, metadata=server.metadata, timeout=0.5)
    code = call.code()
    time.sleep(1)
    watched = processes(server)
    for process in watched:
        process.cpu_percent()
    time.sleep(1)
    use = sum(process.cpu_percent() for process in watched)
    print(f"0.5 s deadline on a page of many seconds: {code.name}")
    print(f"  CPU use of the second that begins 1 s after it: {use:.1f} % of one core")


def bursts(server: Server, count: int) -> None:
    """Bursts at this server, and at a bare one that refuses all: the least that gRPC costs."""
    burst("this server", server.stub, server.address, server.metadata, count)
    with (
        bare.running(bare.refuse) as (address, _),
        grpc.insecure_channel(address) as channel,
    ):
        stub = ocr_service_pb2_grpc.OcrServiceStub(channel)
        burst("bare grpc.aio that refuses all", stub, address, (), count)


def burst(
    name: str,
    stub: ocr_service_pb2_grpc.OcrServiceStub,
    address: str,
    metadata: tuple[tuple[str, str], ...],
    count: int,
) -> None:
    """1,500 calls at once on one connection, some times over; health asked all the while."""
    content = make.encode(make.text_image(["small"], size=28), "PNG")
    request = recognize_pb2.RecognizeRequest(content=content)
    codes: Counter[str] = Counter()
    times: list[float] = []
    slowest: list[float] = []
    for _ in range(count):
        asking = subprocess.Popen(  # a process of its own: the callers here keep this one busy
            [sys.executable, "-c", _ASK_HEALTH, address],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if asking.stdout is not None:
            asking.stdout.readline()
        calls = [stub.Recognize.future(request, metadata=metadata) for _ in range(1500)]
        codes.update(call.code().name for call in calls)
        said, _ = asking.communicate("\n")
        seconds = [float(line) for line in said.split()]
        times += seconds
        slowest.append(max(seconds))
    ends = ", ".join(f"{second * 1e3:.0f}" for second in sorted(slowest))
    print(f"{count} bursts of 1,500 calls at {name}: {dict(codes)}")
    print(f"  health asked {len(times)} times meanwhile; median, 99th percentile, most")
    print(f"  {load.milliseconds(times)} ms; the slowest of each burst {ends} ms")


def broken_files(server: Server, data: Path) -> None:
    """Every broken file: its answer, the slowest, and the most memory."""
    manifest = json.loads((data / "broken" / "manifest.json").read_text())["files"]
    slow, most, wrong = [], 0.0, []
    for entry in manifest:
        content = (data / "broken" / entry["file"]).read_bytes()
        began = time.perf_counter()
        request = recognize_pb2.RecognizeRequest(content=content)
        call = server.stub.Recognize.future(request, metadata=server.metadata, timeout=60)
        code = call.code().name
        slow.append((time.perf_counter() - began, entry["file"]))
        most = max(most, resident(server))
        if code != "INVALID_ARGUMENT" and (entry["expect"] == "error" or code != "OK"):
            wrong.append((entry["file"], code))
    print(f"{len(manifest)} broken files: wrongly answered {wrong}")
    slowest = ", ".join(f"{seconds:.2f} s {name}" for seconds, name in sorted(slow)[:-4:-1])
    print(f"  slowest {slowest}; most memory {most:.0f} MiB")


def main() -> None:
    """Run all and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--items", type=int, default=10_000)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder), "--workers=2", "--cache-bytes=0") as server,
    ):
        broken_items_fail_alone(server)
        deadline_frees_the_core(server)
        bursts(server, 10)
        if (arguments.data / "broken").is_dir():
            broken_files(server, arguments.data)
        memory_of_a_long_batch(server, arguments.items)


if __name__ == "__main__":
    main()
