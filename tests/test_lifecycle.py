"""Start, health, load, kills and SIGTERM, against server processes of their own."""

import os
import queue
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import grpc
import psutil
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from PIL import Image

from ocr_service.pb.ocr.v1 import batch_pb2, ocr_service_pb2, recognize_pb2
from tests.data import make
from tests.servers import Server, running_server
from tests.test_wire_errors import failure, failure_of

SERVING = health_pb2.HealthCheckResponse.SERVING
NAMES = ("", "ocr.v1.OcrService", "ocr.v1.ApiKeyService")
SMALL = make.encode(make.text_image(["small"], size=28), "PNG")
PAGE = make.encode(make.text_image(["a page with some words on it"] * 30, size=28), "PNG")


def recognize(server: Server, content: bytes) -> Any:
    every_time = recognize_pb2.RecognizeOptions(cache_policy=recognize_pb2.CACHE_POLICY_NO_STORE)
    request = recognize_pb2.RecognizeRequest(content=content, options=every_time)
    return server.stub.Recognize.future(request, metadata=server.metadata, timeout=60)


def health_stub(channel: grpc.Channel) -> Any:
    """The stub; its published types know no method."""
    return health_pb2_grpc.HealthStub(channel)


def workers_of(server: Server) -> list[psutil.Process]:
    """The worker processes: children of the fork server, which is a child of the server."""
    (fork_server,) = [
        child
        for child in psutil.Process(server.process.pid).children()
        if any("forkserver" in part for part in child.cmdline())
    ]
    return fork_server.children()


@pytest.mark.parametrize("name", NAMES)
def test_health_is_open_and_knows_each_service(server: Server, name: str) -> None:
    stub = health_stub(server.channel)
    request = health_pb2.HealthCheckRequest(service=name)
    assert stub.Check(request).status == SERVING
    assert next(stub.Watch(request)).status == SERVING
    with pytest.raises(grpc.RpcError) as unknown:
        stub.Check(health_pb2.HealthCheckRequest(service="nobody"))
    assert unknown.value.code() == grpc.StatusCode.NOT_FOUND


def test_a_burst_on_one_connection_loses_no_call(server: Server) -> None:
    health = health_stub(server.channel)
    calls = [recognize(server, SMALL) for _ in range(1500)]
    assert health.Check(health_pb2.HealthCheckRequest(), timeout=5).status == SERVING
    answered = 0
    for call in calls:
        error = call.exception()
        if error is None:
            assert call.result().text.strip() == "small"
            answered += 1
        else:
            refused = failure_of(error)
            assert (refused.code, refused.reason) == (grpc.StatusCode.UNAVAILABLE, "OVERLOADED")
            assert refused.retry_seconds
            assert refused.retry_seconds > 0
            assert "grpc-retry-pushback-ms" in dict(call.trailing_metadata())
    assert answered > 0


def test_a_full_queue_refuses_before_the_body_is_read(tmp_path: Path) -> None:
    slow = make.encode(Image.effect_noise((3000, 3000), 200), "PNG")
    with running_server(tmp_path, "--workers=2", "--queue-seconds=0.001") as server:
        calls = [recognize(server, slow) for _ in range(5)]  # two at work, two that wait
        refusals: queue.SimpleQueue[Any] = queue.SimpleQueue()
        for call in calls:
            call.add_done_callback(refusals.put)
        assert failure_of(refusals.get(timeout=60).exception()).reason == "OVERLOADED"
        without_body: Any = server.channel.stream_unary("/ocr.v1.OcrService/Recognize")
        never: Iterator[bytes] = iter(queue.SimpleQueue().get, None)
        with pytest.raises(grpc.RpcError) as refused:
            without_body(never, metadata=server.metadata, timeout=60)
        assert failure_of(refused.value).reason == "OVERLOADED"
        assert failure_of(refused.value).retry_seconds
        facts = ocr_service_pb2.GetCapabilitiesRequest()
        assert server.stub.GetCapabilities(facts, metadata=server.metadata).engines
        for call in calls:
            call.cancel()


def test_a_worker_killed_under_load_fails_no_request(server: Server) -> None:
    calls = [recognize(server, PAGE) for _ in range(12)]
    victims = workers_of(server)
    assert len(victims) == 2
    os.kill(victims[0].pid, signal.SIGKILL)
    assert all("words" in call.result().text for call in calls)
    assert len(workers_of(server)) == 2
    assert victims[0].pid not in {worker.pid for worker in workers_of(server)}


@pytest.mark.parametrize("kind", ["process", "thread"])
def test_sigterm_finishes_what_was_taken(tmp_path: Path, kind: str) -> None:
    requests: queue.Queue[batch_pb2.BatchRecognizeRequest | None] = queue.Queue()
    with running_server(tmp_path, "--workers=2", f"--pool={kind}") as server:
        answers = server.stub.BatchRecognize(iter(requests.get, None), metadata=server.metadata)
        for n in range(4):
            item = batch_pb2.BatchItem(item_id=f"{n}", content=PAGE)
            requests.put(batch_pb2.BatchRecognizeRequest(item=item))
        first = next(answers)
        calls = [recognize(server, PAGE) for _ in range(6)]
        watch = health_stub(server.channel).Watch(health_pb2.HealthCheckRequest())
        assert next(watch).status == SERVING
        taken(server, calls)
        server.process.send_signal(signal.SIGTERM)
        assert next(watch).status == health_pb2.HealthCheckResponse.NOT_SERVING
        late = failure(lambda: recognize(server, SMALL).result())
        assert (late.code, late.reason) == (grpc.StatusCode.UNAVAILABLE, "DRAINING")
        assert all("words" in call.result().text for call in calls)
        *results, last = [first, *answers]
        assert last.summary.drained
        finished = {answer.result.item_id for answer in results}
        assert finished.isdisjoint(last.summary.unprocessed_item_ids)
        assert finished | set(last.summary.unprocessed_item_ids) == {f"{n}" for n in range(4)}
        assert last.summary.succeeded == len(finished)
        assert server.process.wait(60) == 0
        requests.put(None)


def taken(server: Server, calls: list[Any]) -> None:
    """Wait until the server has the calls: a later call on the same connection was answered."""
    assert calls
    server.stub.GetCapabilities(
        ocr_service_pb2.GetCapabilitiesRequest(), metadata=server.metadata, timeout=10
    )


def test_sigterm_gives_up_after_the_drain_time(tmp_path: Path) -> None:
    noise = make.encode(Image.effect_noise((2500, 2500), 200), "PNG")
    sent = threading.Event()

    def items() -> Iterator[batch_pb2.BatchRecognizeRequest]:
        for n in range(2):
            item = batch_pb2.BatchItem(item_id=f"{n}", content=noise)
            yield batch_pb2.BatchRecognizeRequest(item=item)
        sent.set()

    with running_server(tmp_path, "--workers=1", "--drain-seconds=0.2") as server:
        answers = server.stub.BatchRecognize(items(), metadata=server.metadata)
        with ThreadPoolExecutor(1) as reader:
            received = reader.submit(list, answers)
            assert sent.wait(30)
            taken(server, [recognize(server, SMALL)])
            server.process.send_signal(signal.SIGTERM)
            (last,) = received.result(60)
        assert last.summary.drained
        assert sorted(last.summary.unprocessed_item_ids) == ["0", "1"]
        assert server.process.wait(60) == 0
    assert not [entry for entry in server.log if entry["level"] == "warning"]  # none crashed


def test_nothing_of_a_kill_stays_behind(tmp_path: Path) -> None:
    with running_server(tmp_path, "--workers=2") as server:
        family = psutil.Process(server.process.pid).children(recursive=True)
        recognize(server, SMALL).result()
        server.process.kill()
        _, alive = psutil.wait_procs(family, timeout=30)
        assert alive == []


def test_two_servers_cannot_share_a_port(server: Server, tmp_path: Path) -> None:
    with (
        pytest.raises(RuntimeError, match="the address is taken"),
        running_server(tmp_path, f"--listen={server.address}"),
    ):
        pass
