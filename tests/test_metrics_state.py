"""Metrics of the queue, the workers and the stores; where they are shown."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from ocr_service.api_keys import new_secret
from ocr_service.metrics import Metrics
from ocr_service.pb.ocr.v1.recognize_pb2 import CACHE_POLICY_NO_STORE
from tests.data import make
from tests.gate import Gate
from tests.redis_server import running_redis
from tests.scrape import LISTEN, call, metered_server, moving, page, recognize, value
from tests.servers import Server, eventually, running_server

OLDEST = "ocr_queue_oldest_seconds"
BLANK = make.encode(Image.new("L", (40, 40), 255), "PNG")


@pytest.fixture(scope="module")
def reciting(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[Server]:
    with metered_server(tmp_path_factory.mktemp("server"), gate) as running:
        yield running


def test_the_queue_and_its_refusals_are_seen(reciting: Server, gate: Gate) -> None:
    refused = {call("Recognize", "UNAVAILABLE", "OVERLOADED"): 1.0}
    gate.close()
    with moving(reciting, refused):
        running = recognize(reciting, page(220))
        waiting = recognize(reciting, page(221))
        assert eventually(lambda: value(reciting, "ocr_queue_jobs") == 1)
        first = value(reciting, OLDEST)
        assert eventually(lambda: value(reciting, OLDEST) > first > 0)
        assert value(reciting, "ocr_queue_bytes") == len(page(221))
        assert recognize(reciting, page(222)).exception() is not None
        gate.open()
        assert running.result().text
        assert waiting.result().text
    assert value(reciting, "ocr_queue_jobs") == 0
    assert value(reciting, OLDEST) == 0


def test_a_killed_worker_is_counted(reciting: Server, gate: Gate) -> None:
    killed = 'ocr_workers_replaced_total{cause="killed"}'
    gate.close()
    with moving(reciting, {killed: 1, call("Recognize", "CANCELLED"): 1}):
        before = gate.runs
        running = recognize(reciting, page(230))
        assert eventually(lambda: gate.runs > before)
        running.cancel()
    gate.open()
    assert recognize(reciting, page(231)).result().text
    assert value(reciting, "ocr_workers_alive") == 1


def test_crashes_and_recycling_are_counted(tmp_path: Path) -> None:
    flags = ("--workers=1", "--engine=tesseract", "--worker-max-jobs=2", LISTEN)
    program = ("-m", "tests.fakes.serve", "crashing")
    with running_server(tmp_path, *flags, program=program) as server:
        crashes = {
            call("Recognize", "INTERNAL", "ENGINE_CRASHED"): 1.0,
            'ocr_workers_replaced_total{cause="crashed"}': 2.0,
        }
        with moving(server, crashes):
            inked = make.encode(make.text_image(["ink"]), "PNG")
            assert recognize(server, inked).exception()
        with moving(server, {'ocr_workers_replaced_total{cause="recycled"}': 1}):
            for _ in range(3):
                recognize(server, BLANK, cache_policy=CACHE_POLICY_NO_STORE).result()


def test_stores_that_are_away_are_counted(tmp_path: Path, gate: Gate) -> None:
    with (
        running_redis(tmp_path) as redis_server,
        metered_server(tmp_path, gate, redis_server.url) as server,
    ):
        assert recognize(server, page(240)).result().text
        redis_server.kill()
        for width in (241, 242):  # one question in vain may be a hiccup
            assert recognize(server, page(width)).result().text
        assert value(server, "ocr_cache_store_away") == 1
        failures = {
            "ocr_key_store_failures_total": 1.0,
            call("Recognize", "UNAVAILABLE", "KEY_STORE_UNAVAILABLE"): 1.0,
        }
        with moving(server, failures):
            assert recognize(server, BLANK, new_secret()).exception()


def test_an_address_that_is_taken_stops_the_start(reciting: Server) -> None:
    flag = f"--metrics-listen={reciting.address}"
    done = subprocess.run(
        [sys.executable, "-m", "ocr_service", "serve", "--listen=127.0.0.1:0", flag],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "--metrics-listen" in done.stderr


def test_two_servers_of_one_process_count_apart() -> None:
    one, two = Metrics(), Metrics()
    one.call_ended("other", "OK")
    name = "ocr_requests_total"
    labels = {"method": "other", "code": "OK", "reason": ""}
    assert one.registry.get_sample_value(name, labels) == 1
    assert two.registry.get_sample_value(name, labels) is None
