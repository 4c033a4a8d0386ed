"""Requests a minute and pages a day of a key, on the wire, in one process and over replicas."""

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import grpc
import pytest
from ocr_client import OcrClient
from ocr_client.batch import BatchRun
from ocr_client.results_file import ResultsFile

from ocr_service.pb.ocr.v1 import (
    batch_pb2,
    document_pb2,
    ocr_service_pb2,
    recognize_pb2,
)
from tests.data import make
from tests.gate import Gate, reciting_server
from tests.gateway.gateways import beside, refused
from tests.key_calls import issue, use
from tests.redis_server import RedisServer, running_redis
from tests.servers import Server
from tests.test_wire_errors import Failure, failure

PNG = make.encode(make.text_image(["Total 12.50"]), "PNG")
GIF_TWO_PAGES = make.encode_pages([make.text_image(["one"]), make.text_image(["two"])], "GIF")
PER_MINUTE, PER_DAY = 5, 7
DAY = 86_400.0
GATEWAY = ("--gateway", "--gateway-listen=127.0.0.1:0")


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, gate: Gate) -> Iterator[Server]:
    flags = (f"--pages-per-day={PER_DAY}", *GATEWAY)
    with reciting_server(tmp_path_factory.mktemp("data"), gate, *flags) as running:
        yield running


def key_of(server: Server, requests_per_minute: int = 0) -> tuple[tuple[str, str], ...]:
    secret = issue(server, requests_per_minute=requests_per_minute).secret
    return (("x-api-key", secret),)


def find(server: Server, key: tuple[tuple[str, str], ...]) -> None:
    request = ocr_service_pb2.FindEntitiesRequest(text="a@b.example")
    server.stub.FindEntities(request, metadata=key)


def recognize(server: Server, key: tuple[tuple[str, str], ...], content: bytes = PNG) -> None:
    server.stub.Recognize(recognize_pb2.RecognizeRequest(content=content), metadata=key)


def limited(refusal: Failure) -> float:
    """Seconds until the call may be sent again."""
    assert (refusal.code, refusal.reason) == (grpc.StatusCode.RESOURCE_EXHAUSTED, "RATE_LIMITED")
    assert refusal.retry_seconds is not None
    return refusal.retry_seconds


def pushback(error: grpc.RpcError) -> int:
    """Milliseconds that a client is asked to wait; negative if it should not retry by itself."""
    trailers = cast("grpc.Call", error).trailing_metadata()
    [wait] = [value for name, value in trailers if name == "grpc-retry-pushback-ms"]
    return int(wait)


# Requests a minute -------------------------------------------------------------------------------


def test_a_key_has_its_requests_and_is_told_when_to_come_back(server: Server) -> None:
    key = key_of(server, PER_MINUTE)
    for _ in range(PER_MINUTE):
        find(server, key)
    with pytest.raises(grpc.RpcError) as raised:
        find(server, key)
    again = limited(failure(lambda: find(server, key)))
    assert 0 < again <= 60
    assert 0 < pushback(raised.value) <= 60_000
    find(server, key_of(server, PER_MINUTE))  # another key of the same user
    for _ in range(2 * PER_MINUTE):
        find(server, key_of(server))


def test_a_refused_key_can_still_look_at_itself(server: Server) -> None:
    key = key_of(server, 1)
    find(server, key)
    assert limited(failure(lambda: find(server, key)))
    assert use(server, key[0][1]).requests_per_minute == 1


def test_a_call_is_refused_before_its_body_is_read(server: Server) -> None:
    key = key_of(server, 1)
    find(server, key)
    too_large = bytes(80 << 20)  # gRPC itself refuses it, once it is read
    assert limited(failure(lambda: recognize(server, key, too_large)))


def test_many_calls_at_once_are_counted_exactly(server: Server) -> None:
    key = key_of(server, PER_MINUTE)

    def call(_: int) -> bool:
        try:
            find(server, key)
        except grpc.RpcError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(call, range(40))) == PER_MINUTE


def items(count: int) -> Iterator[batch_pb2.BatchRecognizeRequest]:
    for number in range(count):
        item = batch_pb2.BatchItem(item_id=str(number), content=PNG)
        yield batch_pb2.BatchRecognizeRequest(item=item)


def test_every_item_counts_and_the_stream_goes_on(server: Server) -> None:
    key = key_of(server, PER_MINUTE)
    *answers, last = server.stub.BatchRecognize(items(PER_MINUTE + 3), metadata=key)
    errors = [answer.error for answer in answers if answer.HasField("error")]
    assert [(error.code, error.reason) for error in errors] == [(8, "RATE_LIMITED")] * 3
    assert all("Send it again in" in error.message for error in errors)
    assert all(0 < error.retry_delay.seconds <= 60 for error in errors)
    assert (last.summary.succeeded, last.summary.failed) == (PER_MINUTE, 3)
    refused_stream = failure(lambda: list(server.stub.BatchRecognize(items(1), metadata=key)))
    assert limited(refused_stream)


def test_the_gateway_says_so_too(server: Server) -> None:
    gateway, headers = beside(server), {"X-API-Key": key_of(server, 1)[0][1]}
    body = {"text": "a@b.example"}
    first, second = (
        gateway.post("/v1/text:findEntities", headers=headers, json=body) for _ in range(2)
    )
    assert first.status_code == 200
    answer = refused(second)
    assert (answer.http, answer.status, answer.reason) == (
        429,
        "RESOURCE_EXHAUSTED",
        "RATE_LIMITED",
    )
    assert 0 < int(second.headers["Retry-After"]) <= 60
    older = gateway.post("/ocr", headers=headers, files={"image": PNG})
    assert (older.status_code, int(older.headers["Retry-After"]) > 0) == (429, True)
    assert gateway.get("/v1/apiKeys:current", headers=headers).status_code == 200


# Pages a day -------------------------------------------------------------------------------------


def test_pages_of_all_kinds_count_until_the_days_are_used_up(server: Server) -> None:
    key = key_of(server)
    recognize(server, key)
    recognize(server, key)  # from the cache
    recognize(server, key, GIF_TWO_PAGES)
    server.stub.Redact(ocr_service_pb2.RedactRequest(content=PNG), metadata=key)
    document = document_pb2.RecognizeDocumentRequest(content=GIF_TWO_PAGES)
    list(server.stub.RecognizeDocument(document, metadata=key))
    with pytest.raises(grpc.RpcError) as raised:
        recognize(server, key)
    assert pushback(raised.value) < 0  # no client should hang for a day
    assert DAY - 60 < limited(failure(lambda: recognize(server, key))) <= DAY
    assert limited(failure(lambda: list(server.stub.BatchRecognize(items(1), metadata=key))))
    find(server, key)


def test_items_of_a_batch_are_refused_once_the_pages_are_used_up(server: Server) -> None:
    key = key_of(server)
    recognize(server, key)
    in_flight = batch_pb2.BatchConfig(ordering=batch_pb2.ORDERING_IN_ORDER)

    def requests() -> Iterator[batch_pb2.BatchRecognizeRequest]:
        yield batch_pb2.BatchRecognizeRequest(config=in_flight)
        yield from items(3 * PER_DAY)

    *answers, last = server.stub.BatchRecognize(requests(), metadata=key)
    assert {answer.error.reason for answer in answers if answer.HasField("error")} == {
        "RATE_LIMITED"
    }
    # Items that were taken before the last page was counted are read.
    assert PER_DAY - 1 <= last.summary.succeeded <= PER_DAY + 1


# Replicas ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    with running_redis(tmp_path_factory.mktemp("redis")) as running:
        yield running


@pytest.fixture(scope="module")
def data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("replicas")


@pytest.fixture(scope="module")
def replicas(data_dir: Path, gate: Gate, redis_server: RedisServer) -> Iterator[list[Server]]:
    environ = {"OCR_REDIS_URL": redis_server.url, "OCR_REQUESTS_PER_MINUTE": str(PER_MINUTE)}
    with (
        reciting_server(data_dir, gate, environ=environ) as first,
        reciting_server(data_dir, gate, environ=environ) as second,
    ):
        yield [first, second]


def allowed(servers: list[Server], key: tuple[tuple[str, str], ...], calls: int) -> int:
    """How many calls in a row, each at the next server, are not refused."""
    count = 0
    for number in range(calls):
        try:
            find(servers[number % len(servers)], key)
        except grpc.RpcError as error:
            assert error.code() == grpc.StatusCode.RESOURCE_EXHAUSTED  # noqa: PT017  the point
        else:
            count += 1
    return count


def test_replicas_count_together(replicas: list[Server], redis_server: RedisServer) -> None:
    key = key_of(replicas[0], 2 * PER_MINUTE)
    # Each for itself they would allow twice as many; a busy machine may be late for a few.
    assert 2 * PER_MINUTE <= allowed(replicas, key, 4 * PER_MINUTE) <= 3 * PER_MINUTE
    with redis_server.client() as client:
        assert all(0 < client.ttl(name) <= 60 for name in client.scan_iter("ocr:limit:*"))


def test_the_command_waits_for_the_limit_and_reads_every_file(
    replicas: list[Server], redis_server: RedisServer, tmp_path: Path
) -> None:
    names = [f"{number}.png" for number in range(2 * PER_MINUTE + 1)]
    for name in names:
        (tmp_path / name).write_bytes(PNG)
    pauses: list[float] = []

    def a_minute_passes(seconds: float) -> None:
        pauses.append(seconds)
        with redis_server.client() as client:
            for name in client.scan_iter("ocr:limit:*"):
                client.delete(name)

    secret = key_of(replicas[0], PER_MINUTE)[0][1]
    with (
        OcrClient(replicas[0].address, api_key=secret) as client,
        ResultsFile(tmp_path / "out") as results,
    ):
        options = recognize_pb2.RecognizeOptions()
        BatchRun(client, tmp_path, names, results, options=options).run(a_minute_passes)
    lines = map(json.loads, (tmp_path / "out").read_text().splitlines())
    assert {line["file"]: "response" in line for line in lines} == dict.fromkeys(names, True)
    assert pauses
    assert all(0 < seconds <= 60 for seconds in pauses)


def test_a_limit_holds_in_each_process_while_redis_is_away(
    replicas: list[Server], redis_server: RedisServer
) -> None:
    key = key_of(replicas[0], PER_MINUTE)
    assert allowed(replicas, key, 2) == 2  # both servers know the key
    redis_server.pause()
    try:
        assert allowed(replicas, key, 6 * PER_MINUTE) == 2 * PER_MINUTE
    finally:
        redis_server.resume()
