"""The wall clock steps: what is meant by it follows, lives of keys, and nothing else."""

from datetime import timedelta
from pathlib import Path

import grpc

from ocr_service.pb.ocr.v1.recognize_pb2 import CACHE_STATUS_HIT, CACHE_STATUS_MISS
from tests.gate import Gate
from tests.servers import DEFAULT_SCOPES, Server, running_server
from tests.test_cache import page, send, taken
from tests.test_wire_errors import failure

STEPPED = ("-m", "tests.fakes.stepped")
FLAGS = ("--pool=thread", "--workers=1", "--engine=tesseract")


def test_a_step_of_the_clock_ends_keys_in_time_and_touches_nothing_else(tmp_path: Path) -> None:
    clock, gate = tmp_path / "clock", Gate(tmp_path)
    clock.write_text("0")
    environ = {"CLOCK": str(clock), "GATE": str(gate.folder)}
    with running_server(tmp_path / "data", *FLAGS, program=STEPPED, environ=environ) as server:
        day = server.new_key(DEFAULT_SCOPES, timedelta(days=1))
        month = server.new_key(DEFAULT_SCOPES, timedelta(days=30))
        assert status(server, day) == CACHE_STATUS_MISS
        gate.close()
        under_way = send(server, page(502), key=month)
        taken(server)
        clock.write_text("2")
        assert failure(send(server, page(501), key=day).result).reason == "API_KEY_INVALID"
        assert status(server, month) == CACHE_STATUS_HIT  # kept for a day that has not passed
        gate.open()
        assert under_way.code() == grpc.StatusCode.OK  # a deadline is no time of day
        clock.write_text("-2")
        assert status(server, day) == CACHE_STATUS_HIT  # it had ended, nobody had revoked it
        assert status(server, month) == CACHE_STATUS_HIT


def status(server: Server, key: str) -> int:
    reply = send(server, page(501), key=key).result()
    found: int = reply.cache_status
    return found
