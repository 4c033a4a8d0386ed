"""Bodies: large, slow, many, broken off; and what a batch makes of them."""

import json
import os
import socket
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from contextlib import ExitStack, closing
from http.client import HTTPResponse
from pathlib import Path
from typing import Any

import psutil
import pytest
from PIL import Image

from tests.data import make
from tests.gateway.gateways import SECONDS, Gateway, beside, lines, refused
from tests.servers import eventually, running_server

PNG = make.encode(make.text_image(["Total 12.50"]), "PNG")
NOISE = make.encode(Image.effect_noise((2500, 2500), 200), "PNG")
LIMIT = 64 << 20
BATCH = "/v1/images:batchRecognize"
NDJSON = {"Content-Type": "application/x-ndjson"}


def item(name: str, content: bytes = PNG, **more: Any) -> bytes:
    body = {"itemId": name, "content": b64encode(content).decode(), **more}
    return json.dumps({"item": body}).encode() + b"\n"


CONFIG = (
    b'{"config": {"ordering": "ORDERING_IN_ORDER", "options": {"detail": "DETAIL_LEVEL_TEXT"}}}\n'
)


def zeros(count: int) -> Iterator[bytes]:
    for _ in range(count >> 20):
        yield bytes(1 << 20)


@pytest.mark.parametrize("path", ["/v1/images:recognize", "/v1/text:findEntities"])
@pytest.mark.parametrize("kind", ["length", "chunks", "form"])
def test_a_hundred_megabytes_are_refused(gateway: Gateway, path: str, kind: str) -> None:
    kinds: dict[str, dict[str, Any]] = {
        "length": {"data": bytes(100 << 20)},
        "chunks": {"data": zeros(100 << 20)},
        "form": {"files": {"image": bytes(100 << 20)}},
    }
    before = memory(gateway)
    answer = refused(gateway.post(path, **kinds[kind]))
    assert (answer.http, answer.reason) == (413, "CONTENT_TOO_LARGE")
    assert memory(gateway) - before < 3 * LIMIT  # what came before it was refused, not all


def test_curl_is_refused_before_it_sends(gateway: Gateway, tmp_path: Path) -> None:
    with (tmp_path / "big").open("wb") as file:
        file.truncate(100 << 20)
    command = ["curl", "-sS", "-H", f"X-API-Key: {gateway.server.key}", "-F", "file=@big"]
    command += ["-w", "\n%{http_code} %{size_upload}", gateway.url + "/v1/images:recognize"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    status, uploaded = done.stdout.split()[-2:]
    assert (status, uploaded) == ("413", "0")


def process_of(gateway: Gateway) -> psutil.Process:
    """The gateway's own: the child of the server that listens on its port."""
    children = psutil.Process(gateway.process.pid).children()
    (found,) = [child for child in children if any("spawn_main" in w for w in child.cmdline())]
    return found


def memory(gateway: Gateway) -> int:
    return int(process_of(gateway).memory_info().rss)


def test_a_body_is_never_on_disk(gateway: Gateway) -> None:
    def parts() -> Iterator[bytes]:
        yield from zeros(20 << 20)
        for name in os.listdir(folder := f"/proc/{process_of(gateway).pid}/fd"):  # noqa: PTH208
            opened.append(os.readlink(f"{folder}/{name}"))  # noqa: PTH115
        yield from zeros(1 << 20)

    opened: list[str] = []
    headers = gateway.key | {"Content-Type": "image/png"}
    assert gateway.post("/v1/images:recognize", headers=headers, data=parts()).status_code == 400
    assert opened
    assert [path for path in opened if path.startswith("/tmp")] == []  # noqa: S108


def test_slow_senders_hold_up_nobody(gateway: Gateway) -> None:
    head = b"POST /v1/images:recognize HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nx"
    with ExitStack() as stack:
        for _ in range(200):  # more than there are threads
            connection = socket.create_connection(("127.0.0.1", gateway.ports[0]))
            stack.enter_context(connection)
            connection.sendall(head)
        assert gateway.post("/v1/images:recognize", files={"file": PNG}).status_code == 200


class Upload:
    """A request whose body is sent by hand, while its answer is read."""

    def __init__(self, gateway: Gateway, path: str, **headers: str) -> None:
        self.socket = socket.create_connection(("127.0.0.1", gateway.ports[0]), timeout=SECONDS)
        head = {"Host": gateway.address, "Transfer-Encoding": "chunked", **gateway.key, **headers}
        text = "".join(f"{name}: {value}\r\n" for name, value in head.items())
        self.socket.sendall(f"POST {path} HTTP/1.1\r\n{text}\r\n".encode())

    def send(self, data: bytes) -> None:
        self.socket.sendall(b"%x\r\n%b\r\n" % (len(data), data))

    def fits(self, data: bytes) -> bool:
        """Send, and tell whether the other side took it before the socket's time was over."""
        try:
            self.send(data)
        except TimeoutError:
            return False
        return True

    def end(self) -> None:
        self.socket.sendall(b"0\r\n\r\n")

    def response(self) -> HTTPResponse:
        """Read status and headers; its lines are the messages."""
        response = HTTPResponse(self.socket)
        response.begin()
        return response

    def close(self) -> None:
        self.socket.close()


def test_results_come_while_the_request_goes_on(gateway: Gateway) -> None:
    upload = Upload(gateway, BATCH, **NDJSON)
    with closing(upload):
        upload.send(CONFIG + item("0"))
        answer = upload.response()
        assert answer.status == 200
        for number in range(1, 5):
            assert json.loads(answer.readline())["result"]["itemId"] == str(number - 1)
            half = item(str(number))
            upload.send(half[:100])
            upload.send(half[100:])
        upload.end()
        *results, last = map(json.loads, answer)
    assert results[0]["result"]["response"]["text"] == "Total 12.50"
    assert last["summary"]["succeeded"] == 5


def test_a_sender_waits_while_the_workers_are_busy(tmp_path: Path) -> None:
    """With an engine that never comes back, only so much of an endless batch gets in."""
    program = ("-m", "tests.fakes.serve", "hanging")
    flags = ("--workers=1", "--gateway", "--gateway-listen=127.0.0.1:0", "--drain-seconds=0")
    ink = make.encode(make.text_image(["ink"], size=700), "BMP")
    plainly = {"preprocessing": "PREPROCESSING_NONE"}
    with running_server(tmp_path, *flags, program=program) as server:
        upload = Upload(beside(server), BATCH, **NDJSON)
        with closing(upload):
            upload.socket.settimeout(3.0)
            sent = 0
            while sent < 100 and upload.fits(item(str(sent), ink, options=plainly)):
                sent += 1
        assert 1 <= sent < 50


def test_files_of_a_form_are_a_batch(gateway: Gateway) -> None:
    files = [
        ("config", (None, '{"x": 1}')),
        ("options.detail", (None, "DETAIL_LEVEL_TEXT")),
        ("ordering", (None, "ORDERING_IN_ORDER")),
        *[("images", (name, PNG)) for name in ("a.png", "b.png", "a.png")],
        ("images", ("words.png", b"words")),
    ]
    answer = lines(gateway.post(BATCH, files=files[1:], stream=True))
    assert [first["result"]["itemId"] for first in answer[:3]] == ["a.png", "b.png", "a.png (2)"]
    assert answer[0]["result"]["response"]["text"] == "Total 12.50"
    assert answer[0]["result"]["response"]["pages"][0]["blocks"] == []
    assert answer[3]["error"]["reason"] == "FORMAT_UNSUPPORTED"
    assert answer[4]["summary"]["failed"] == 1
    late = lines(gateway.post(BATCH, files=[files[3], files[1]]))
    assert [next(iter(message)) for message in late] == ["result", "error"]
    assert late[1]["error"]["details"][0]["reason"] == "STREAM_PROTOCOL"
    assert refused(gateway.post(BATCH, files=[files[0], files[3]])).field == "config"


BROKEN: dict[str, tuple[bytes, str]] = {
    "not json": (b"{\n", "OPTION_INVALID"),
    "unknown message": (b'{"image": {}}\n', "OPTION_INVALID"),
    "wrong base64": (b'{"item": {"itemId": "1", "content": "?"}}\n', "OPTION_INVALID"),
    "config after an item": (CONFIG, "STREAM_PROTOCOL"),
}


@pytest.mark.parametrize(("line", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_line_ends_the_batch_and_costs_no_other_item(
    gateway: Gateway, line: bytes, reason: str
) -> None:
    first, last = lines(
        gateway.post(BATCH, headers=gateway.key | NDJSON, data=item("0") + line + item("2"))
    )
    assert first["result"]["itemId"] == "0"
    assert last["error"]["code"] == 400
    assert last["error"]["details"][0]["reason"] == reason


def test_a_batch_that_never_begins_is_an_error(gateway: Gateway) -> None:
    headers = gateway.key | NDJSON
    assert refused(gateway.post(BATCH, headers=headers, data=b"{")).reason == "OPTION_INVALID"
    assert refused(gateway.post(BATCH, headers=NDJSON, data=zeros(30 << 20))).http == 401
    other = gateway.key | {"Content-Type": "text/plain"}
    assert refused(gateway.post(BATCH, headers=other, data=b"x")).http == 415
    endless = refused(gateway.post(BATCH, headers=headers, data=zeros(80 << 20)))
    assert (endless.http, endless.reason) == (413, "CONTENT_TOO_LARGE")
    (empty,) = lines(gateway.post(BATCH, headers=headers, data=b""))
    assert empty["summary"]["received"] == 0


def test_who_leaves_stops_the_work(gateway: Gateway) -> None:
    body = json.dumps({"content": b64encode(NOISE).decode()}).encode()
    for path, sent in (("/v1/images:recognize", body), (BATCH, item("0", NOISE))):
        upload = Upload(
            gateway, path, **{"Content-Type": "application/json"}, **{"X-Request-Id": "left"}
        )
        with closing(upload):
            upload.send(sent)
            upload.end()
            eventually(lambda: in_hand(gateway))
        eventually(lambda: not in_hand(gateway))
    log = gateway.server.log
    eventually(lambda: sum(entry.get("request_id") == "left" for entry in log) == 2)
    assert {entry["code"] for entry in log if entry.get("request_id") == "left"} == {"CANCELLED"}


def in_hand(gateway: Gateway) -> bool:
    """Whether a worker computes."""
    workers = psutil.Process(gateway.process.pid).children(recursive=True)
    running = [p for p in workers if p.nice() > 0 and p.status() == psutil.STATUS_RUNNING]
    return bool(running)


@pytest.mark.parametrize(
    ("bytes_sent", "http"),
    [
        (b"rubbish\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nBad header\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nX: " + b"x" * 100_000 + b"\r\n\r\n", 431),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", 400),
    ],
    ids=["rubbish", "header", "long header", "coding", "chunk", "length"],
)
def test_what_is_no_http_is_refused_in_the_same_form(
    gateway: Gateway, bytes_sent: bytes, http: int
) -> None:
    with socket.create_connection(("127.0.0.1", gateway.ports[0]), timeout=10) as connection:
        connection.sendall(bytes_sent)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.split()[1] == str(http).encode()
    assert json.loads(body)["error"]["code"] == http
