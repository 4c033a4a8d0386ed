"""Measures what a Redis that hangs or is gone costs the calls of a server at full load.

    python benchmarks/redis_faults.py [--seconds N]

Every call sends a document of its own, so that each asks Redis in vain and is worked on: what Redis
does is the only difference. What is compared is the time in the server that was neither waiting for
a worker nor its work, which other programs on the machine disturb least.
"""

import argparse
import multiprocessing
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from pathlib import Path

import grpc

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks import load  # noqa: E402
from benchmarks.load import Load, Seen  # noqa: E402
from ocr_service.pb.ocr.v1 import recognize_pb2  # noqa: E402
from tests.data import make  # noqa: E402
from tests.redis_server import RedisServer, running_redis  # noqa: E402
from tests.servers import Server, running_server  # noqa: E402

_CALLERS = 6
_FLAGS = ("--worker-max-jobs=1000000",)  # a fresh worker's first job waits for its engine
_SETTLING_SECONDS = 3.0
_CONTENT = make.encode(make.text_image(["Total 12.50"], size=28), "PNG")


def recovery(server: Server) -> float:
    """Seconds until an answer comes from the cache again."""
    began = time.monotonic()
    request = recognize_pb2.RecognizeRequest(content=_CONTENT + b"again")
    while True:
        with suppress(grpc.RpcError):  # a new key is not known before its store is asked again
            reply = server.stub.Recognize(request, metadata=server.metadata)
            if reply.cache_status == recognize_pb2.CACHE_STATUS_HIT:
                return time.monotonic() - began


def phases(redis: RedisServer) -> list[tuple[str, Callable[[], None], Callable[[], None]]]:
    """What happens to Redis: a name, how it begins, how it ends."""
    return [
        ("Redis well", lambda: None, lambda: None),
        ("Redis hangs", redis.pause, redis.resume),
        ("Redis well", lambda: None, lambda: None),
        ("Redis gone", redis.kill, redis.start),
        ("Redis well", lambda: None, lambda: None),
    ]


def main() -> None:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=20.0, help="of each phase")
    seconds = parser.parse_args().seconds
    spawn = multiprocessing.get_context("spawn")
    with (
        tempfile.TemporaryDirectory() as folder,
        ProcessPoolExecutor(1, mp_context=spawn) as clients,
        running_redis(Path(folder)) as redis,
        running_server(
            Path(folder) / "data", *_FLAGS, environ={"OCR_REDIS_URL": redis.url}
        ) as server,
    ):
        recovery(server)
        well: list[Seen] = []
        for name, begin, end in phases(redis):
            calls = Load(
                server.address, server.key, [_CONTENT], seconds, callers=_CALLERS, anew=True
            )
            running = clients.submit(calls.run)
            time.sleep(_SETTLING_SECONDS)  # the fault comes in the middle of the load
            begin()
            fault = time.monotonic()
            during = [one for one in running.result() if one.began + one.seconds > fault]
            if name == "Redis well":
                well += during
            print(f"{name}: {len(during)} calls, {load.codes(during)}")
            print(f"  median, 99th, most {load.milliseconds([one.seconds for one in during])} ms;")
            print(f"  beside the work {load.milliseconds([one.beside for one in during])} ms")
            if name != "Redis well":
                usual = load.percentile([one.beside for one in well], 99)
                added = load.percentile([one.beside for one in during], 99) - usual
                print(f"  added at the 99th percentile: {1e3 * added:.0f} ms")
                end()
                del server.key  # a Redis that was killed comes back without it
                print(f"  a hit again {recovery(server):.2f} s after its return")


if __name__ == "__main__":
    main()
