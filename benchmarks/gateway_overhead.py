"""Measures what the gateway adds to a call, beside the recognition itself.

python benchmarks/gateway_overhead.py [--data DIR] [--calls N]

The same receipt goes by gRPC and by REST in turns, never from the cache. What a call costs beside
the recognition is its time at the caller less the time that the reply says the server took.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from ocr_service.pb.ocr.v1 import recognize_pb2  # noqa: E402
from tests.gateway.gateways import Gateway, beside  # noqa: E402
from tests.servers import running_server  # noqa: E402

WANTED_BYTES = 500_000
CALLERS = 32
PATH = "/v1/images:recognize"


def by_grpc(gateway: Gateway, content: bytes) -> float:
    """Seconds beside the recognition."""
    request = recognize_pb2.RecognizeRequest(content=content)
    request.options.cache_policy = recognize_pb2.CACHE_POLICY_NO_STORE
    began = time.perf_counter()
    reply = gateway.server.stub.Recognize(request, metadata=gateway.server.metadata)
    seconds = time.perf_counter() - began
    return seconds - reply.timings.total.ToTimedelta().total_seconds()


def by_rest(connection: HTTPConnection, body: bytes, headers: dict[str, str]) -> float:
    """Seconds beside the recognition. The form is made before, as the message of `by_grpc` is."""
    began = time.perf_counter()
    connection.request("POST", PATH, body, headers)
    reply = connection.getresponse()
    text = reply.read()
    seconds = time.perf_counter() - began
    assert reply.status == HTTPStatus.OK
    return seconds - float(json.loads(text)["timings"]["total"].rstrip("s"))


def form(content: bytes) -> tuple[bytes, dict[str, str]]:
    """A multipart body with its header."""
    files, data = {"file": content}, {"options": '{"cachePolicy": "CACHE_POLICY_NO_STORE"}'}
    prepared = requests.Request("POST", "http://localhost", files=files, data=data).prepare()
    assert isinstance(prepared.body, bytes)
    return prepared.body, dict(prepared.headers)


def crowd(gateway: Gateway, content: bytes) -> Counter[int]:
    """HTTP codes of callers who all come at once, each with five calls."""

    def call(_: int) -> int:
        files = {"file": content}
        url = gateway.url + PATH
        return requests.post(url, files=files, headers=gateway.key, timeout=120).status_code

    with ThreadPoolExecutor(CALLERS) as callers:
        return Counter(callers.map(call, range(5 * CALLERS)))


def main() -> None:
    """Run both and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--calls", type=int, default=100)
    arguments = parser.parse_args()
    receipts = sorted((arguments.data / "receipts").glob("*.jpg"))
    receipt = min(receipts, key=lambda path: abs(path.stat().st_size - WANTED_BYTES))
    content = receipt.read_bytes()
    flags = ("--gateway", "--gateway-listen=127.0.0.1:0")
    with tempfile.TemporaryDirectory() as folder, running_server(Path(folder), *flags) as server:
        gateway = beside(server)
        connection = HTTPConnection(gateway.address, timeout=60)
        body, headers = form(content)
        headers |= gateway.key
        by_grpc(gateway, content), by_rest(connection, body, headers)  # both are warm then
        pairs = [
            (by_grpc(gateway, content), by_rest(connection, body, headers))
            for _ in range(arguments.calls)
        ]
        grpc, rest = (statistics.median(times) * 1e3 for times in zip(*pairs, strict=True))
        print(f"a receipt of {len(content):,} bytes, {arguments.calls} calls each, medians:")
        print(f"  beside the recognition {grpc:.1f} ms by gRPC, {rest:.1f} ms by REST")
        print(f"  the gateway adds {rest - grpc:.1f} ms")
        codes = dict(crowd(gateway, content))
        print(f"{CALLERS} callers at once, five calls each: HTTP codes {codes}")


if __name__ == "__main__":
    main()
