"""Peers that stall, trickle or vanish take nothing from others, and what they had in hand stops."""

import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2
from PIL import Image

from ocr_service.pb.ocr.v1 import batch_pb2, recognize_pb2
from ocr_service.pb.ocr.v1.ocr_service_pb2_grpc import OcrServiceStub
from tests.data import make
from tests.gate import Gate, reciting_server
from tests.proxy import proxy
from tests.servers import CHANNEL_OPTIONS, Server, eventually
from tests.test_cache import page, send, taken
from tests.test_lifecycle import SERVING, health_stub

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
SETTINGS = bytes([0, 0, 0, 4, 0, 0, 0, 0, 0])  # an empty frame, RFC 9113 section 6.5
BLANK = make.encode(Image.new("L", (113, 40), 255), "PNG")  # passes the gate


@pytest.fixture(scope="module")
def reciting(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[Server]:
    with reciting_server(tmp_path_factory.mktemp("server"), gate) as running:
        yield running


def the_worker_is_free(server: Server) -> bool:
    """The only worker reads a blank page while the gate is closed for all others."""
    call = send(server, BLANK, cache_policy=recognize_pb2.CACHE_POLICY_NO_STORE)
    return bool(call.code() == grpc.StatusCode.OK)


def item(width: int) -> batch_pb2.BatchRecognizeRequest:
    content = batch_pb2.BatchItem(item_id=f"{width}", content=page(width))
    return batch_pb2.BatchRecognizeRequest(item=content)


@pytest.mark.parametrize("how", ["broken off", "killed silently"])
def test_the_work_of_a_client_that_is_gone_stops(reciting: Server, gate: Gate, how: str) -> None:
    gate.close()
    before = gate.runs
    with (
        proxy(reciting.port) as path,
        grpc.insecure_channel(f"127.0.0.1:{path.port}", CHANNEL_OPTIONS) as channel,
    ):
        timeout = 60 if how == "broken off" else 2.0  # nobody says that it is gone: time tells
        answers: Any = OcrServiceStub(channel).BatchRecognize(
            iter([item(301), item(302)]), metadata=reciting.metadata, timeout=timeout
        )
        eventually(lambda: gate.runs > before)
        if how == "broken off":
            path.break_off()
        else:
            path.flowing.clear()
        assert the_worker_is_free(reciting)
        answers.cancel()
    gate.open()


def test_a_slow_sender_is_served_and_holds_up_nobody(reciting: Server) -> None:
    with (
        proxy(reciting.port) as path,
        grpc.insecure_channel(f"127.0.0.1:{path.port}", CHANNEL_OPTIONS) as channel,
    ):
        path.chunk, path.pause = 512, 0.005  # 100 KB/s
        stub = OcrServiceStub(channel)
        request = recognize_pb2.RecognizeRequest(content=page(303) + bytes(50_000))
        slow: Any = stub.Recognize.future(request, metadata=reciting.metadata, timeout=60)
        meanwhile = 0
        while not slow.done():
            assert send(reciting, page(304)).code() == grpc.StatusCode.OK
            meanwhile += 1
        assert slow.result().text
        assert meanwhile > 10


def test_connections_that_say_nothing_cost_nobody_anything(reciting: Server) -> None:
    half_a_frame = PREFACE + SETTINGS + bytes([0, 64, 0, 1, 4, 0, 0, 0, 1])
    with ExitStack() as stack:
        for number in range(200):
            one = socket.create_connection(("127.0.0.1", reciting.port))
            stack.callback(one.close)
            one.sendall((b"", PREFACE[:10], PREFACE + SETTINGS, half_a_frame)[number % 4])
        taken(reciting)
        assert send(reciting, page(305)).code() == grpc.StatusCode.OK
        with grpc.insecure_channel(reciting.address) as channel:
            assert health_stub(channel).Check(health_pb2.HealthCheckRequest()).status == SERVING
