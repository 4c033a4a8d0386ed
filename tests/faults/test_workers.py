"""Workers that hang or leak. Those that are killed or crash: test_lifecycle, test_pool."""

import os
import signal
from collections.abc import Iterator
from typing import Any

import grpc
import psutil
import pytest
from PIL import Image

from ocr_service.pb.ocr.v1 import recognize_pb2
from tests.data import make
from tests.fakes.leaking import LEAK
from tests.servers import Server, running_server
from tests.test_cache import taken
from tests.test_lifecycle import workers_of

JOBS = 5  # of a worker before it is replaced
INK = make.encode(make.text_image(["ink"]), "PNG")
BLANK = make.encode(Image.new("L", (200, 100), 255), "PNG")


@pytest.fixture(scope="module")
def leaking(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    flags = ("--workers=1", f"--worker-max-jobs={JOBS}", "--cache-bytes=0")
    program = ("-m", "tests.fakes.serve", "leaking")
    with running_server(tmp_path_factory.mktemp("server"), *flags, program=program) as running:
        yield running


def send(server: Server, content: bytes, timeout: float = 60) -> Any:
    request = recognize_pb2.RecognizeRequest(content=content)
    return server.stub.Recognize.future(request, metadata=server.metadata, timeout=timeout)


def test_a_worker_that_hangs_costs_the_call_it_has_and_no_other(leaking: Server) -> None:
    (worker,) = workers_of(leaking)
    os.kill(worker.pid, signal.SIGSTOP)
    stuck = send(leaking, BLANK, timeout=1.0)
    taken(leaking)
    others = [send(leaking, BLANK) for _ in range(4)]
    assert stuck.code() == grpc.StatusCode.DEADLINE_EXCEEDED
    assert [call.code() for call in others] == [grpc.StatusCode.OK] * 4
    assert worker.pid not in {one.pid for one in workers_of(leaking)}


def test_what_leaks_goes_with_its_worker(leaking: Server) -> None:
    sizes: dict[int, list[int]] = {}
    for _ in range(5 * JOBS):
        assert send(leaking, INK).code() == grpc.StatusCode.OK
        (worker,) = workers_of(leaking)
        sizes.setdefault(worker.pid, []).append(psutil.Process(worker.pid).memory_info().rss)
    _, *whole, _ = sizes.values()  # the first had jobs before, the last may have fewer
    assert len(whole) >= 3
    assert all(seen[-1] - seen[0] > (JOBS - 2) * LEAK for seen in whole)
    assert max(map(max, whole)) - min(map(max, whole)) < LEAK
