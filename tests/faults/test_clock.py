"""The wall clock steps: only what is meant by it follows, lives of keys and nothing else."""

from datetime import timedelta
from pathlib import Path

import grpc
import pytest

from ocr_service.pb.ocr.v1.recognize_pb2 import CACHE_STATUS_HIT, CACHE_STATUS_MISS
from tests.gate import Gate, reciting_server
from tests.servers import DEFAULT_SCOPES, Server
from tests.test_cache import page, send, taken
from tests.test_wire_errors import failure

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1"))


@pytest.mark.skipif(not LIBRARIES, reason="no libfaketime here; `scripts/setup.sh dev` installs it")
def test_a_step_of_the_clock_ends_keys_in_time_and_touches_nothing_else(tmp_path: Path) -> None:
    offset = tmp_path / "offset"
    offset.write_text("+0")
    environ = {
        "LD_PRELOAD": str(LIBRARIES[0]),
        "FAKETIME_TIMESTAMP_FILE": str(offset),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }
    gate = Gate(tmp_path)
    with reciting_server(tmp_path / "data", gate, environ=environ) as server:
        day = server.new_key(DEFAULT_SCOPES, timedelta(days=1))
        month = server.new_key(DEFAULT_SCOPES, timedelta(days=30))
        assert status(server, day) == CACHE_STATUS_MISS
        gate.close()
        under_way = send(server, page(502), key=month)
        taken(server)
        offset.write_text("+2d")
        assert failure(send(server, page(501), key=day).result).reason == "API_KEY_INVALID"
        assert status(server, month) == CACHE_STATUS_HIT  # kept for a day of the other clock
        gate.open()
        assert under_way.code() == grpc.StatusCode.OK  # a deadline is no time of day
        offset.write_text("-2d")
        assert status(server, day) == CACHE_STATUS_HIT  # it had ended, nobody had revoked it
        assert status(server, month) == CACHE_STATUS_HIT


def status(server: Server, key: str) -> int:
    reply = send(server, page(501), key=key).result()
    found: int = reply.cache_status
    return found
