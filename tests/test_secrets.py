"""Nothing that was planted is found in what a server leaves behind: Redis, files, log, metrics."""

import base64
import re
import secrets
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import grpc
import psutil
import pytest
import redis
from PIL.PngImagePlugin import PngInfo

from ocr_service.pb.ocr.v1 import (
    api_key_service_pb2,
    batch_pb2,
    document_pb2,
    ocr_service_pb2,
    recognize_pb2,
)
from tests import scrape
from tests.data import make
from tests.gateway.gateways import beside
from tests.redis_server import running_redis
from tests.servers import Server, running_server

if TYPE_CHECKING:
    from collections.abc import Callable

CARD = "4111 1111 1111 1111"
LEAKED = "ann.secret@example.com:hunter2sesame"
TEXT = f"Card {CARD}\n{LEAKED}\n"
FLAGS = ("--workers=1", scrape.LISTEN, "--gateway", "--gateway-listen=127.0.0.1:0", "--first-key")
SERVERS = {  # what runs, and whether its keys and replies are in Redis
    "real": (("-m", "ocr_service"), True),
    "failing": (("-m", "tests.fakes.serve", "failing"), True),
    "crashing": (("-m", "tests.fakes.serve", "crashing"), False),
}


def picture() -> bytes:
    """The words on the page and in the file's notes, which are in a worker when it dies."""
    notes = PngInfo()
    notes.add_text("Comment", TEXT)
    return make.encode(make.text_image(TEXT.splitlines(), size=40), "PNG", pnginfo=notes)


PAGE = picture()
DAMAGED = PAGE[:-200]


@dataclass
class Left:
    """What is there when all is over: bytes by where they were found, and what was planted."""

    places: dict[str, bytes]
    planted: dict[str, bytes]


@pytest.fixture(scope="module")
def left(tmp_path_factory: pytest.TempPathFactory) -> Left:
    password = secrets.token_hex(16)
    planted = {
        "card": CARD.encode(),
        "card's digits": CARD.replace(" ", "").encode(),
        "address": LEAKED.partition(":")[0].encode(),
        "password of a combolist": LEAKED.partition(":")[2].encode(),
        "password of Redis": password.encode(),
        "picture": base64.b64encode(PAGE)[40:120],
    }
    places: dict[str, bytes] = {}
    folder = tmp_path_factory.mktemp("left")
    with running_redis(folder) as store:
        store.client().config_set("requirepass", password)
        url = f"redis://:{password}@127.0.0.1:{store.port}"
        for number, (name, (program, with_redis)) in enumerate(SERVERS.items()):
            environ = {"OCR_REDIS_URL": f"{url}/{number}" if with_redis else ""}
            with running_server(folder / name, *FLAGS, program=program, environ=environ) as server:
                use(server)
                children = psutil.Process(server.process.pid).children(recursive=True)
                places[f"variables of {name}"] = b"".join(map(variables, children))
                places[f"metrics of {name}"] = scrape.text(server).encode()
                planted |= {f"key of {name}": server.key.encode()}
                planted |= {f"new key of {name}": new_key(server).encode()}
            places[f"output of {name}"] = printed(server)
        with redis.Redis.from_url(url) as client:
            client.save()
            places["Redis"] = (folder / "dump.rdb").read_bytes()
    places |= {
        str(path): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in {"pepper", "first-key"}
    }
    return Left(places, planted)


def variables(process: psutil.Process) -> bytes:
    """Of a worker these are not to be had; of the fork server and the gateway they are."""
    with suppress(psutil.Error, PermissionError):
        return repr(process.environ()).encode()
    return b""


def printed(server: Server) -> bytes:
    """All output but the first key, which is printed for the operator."""
    return "\n".join(server.output).replace(first_key(server), "").encode()


def first_key(server: Server) -> str:
    return (server.data_dir / "first-key").read_text().split()[-1]


def new_key(server: Server) -> str:
    metadata = (("x-api-key", server.admin_key),)
    request = api_key_service_pb2.IssueApiKeyRequest(user_id="bob")
    return server.keys.IssueApiKey(request, metadata=metadata).secret


def use(server: Server) -> None:
    """Everything that a caller can do with a secret, well and badly."""
    stub, metadata = server.stub, server.metadata
    wrong = (("x-api-key", server.key[:-1] + ("a" if server.key[-1] != "a" else "b")),)
    options = recognize_pb2.RecognizeOptions(languages=[LEAKED])
    item = batch_pb2.BatchItem(item_id=CARD, content=PAGE)
    calls: list[Callable[[], object]] = [
        lambda: stub.Recognize(recognize(PAGE), metadata=metadata),
        lambda: stub.Recognize(recognize(PAGE), metadata=metadata),
        lambda: stub.Recognize(recognize(DAMAGED), metadata=metadata),
        lambda: stub.Recognize(recognize(TEXT.encode()), metadata=metadata),
        lambda: stub.Recognize(recognize(PAGE, options), metadata=metadata),
        lambda: stub.Recognize(recognize(PAGE), metadata=wrong),
        lambda: stub.Recognize(recognize(PAGE), metadata=metadata, timeout=0.01),
        lambda: stub.Redact(ocr_service_pb2.RedactRequest(content=PAGE), metadata=metadata),
        lambda: stub.FindEntities(
            ocr_service_pb2.FindEntitiesRequest(text=TEXT), metadata=metadata
        ),
        lambda: list(
            stub.RecognizeDocument(
                document_pb2.RecognizeDocumentRequest(content=PAGE), metadata=metadata
            )
        ),
        lambda: list(
            stub.BatchRecognize(
                iter([batch_pb2.BatchRecognizeRequest(item=item)]), metadata=metadata
            )
        ),
    ]
    for call in calls:
        with suppress(grpc.RpcError):
            call()
    gateway = beside(server)
    gateway.post("/v1/images:recognize", files={"file": (f"{CARD}.png", PAGE)})
    gateway.post("/v1/images:recognize", data=TEXT, params={"options.languages": LEAKED})
    gateway.post("/v1/text:findEntities", json={"text": TEXT, CARD: LEAKED})
    gateway.post(f"/v1/{CARD}", data=TEXT)


def recognize(
    content: bytes, options: recognize_pb2.RecognizeOptions | None = None
) -> recognize_pb2.RecognizeRequest:
    return recognize_pb2.RecognizeRequest(content=content, options=options)


def test_nothing_planted_is_left(left: Left) -> None:
    found = [
        f"{name} in {place}"
        for place, content in left.places.items()
        for name, secret in left.planted.items()
        if secret in content or secret.hex().encode() in content
    ]
    assert found == []


def test_it_was_looked_for_where_it_could_be(left: Left) -> None:
    """The servers worked, failed and kept what they do, and the search finds what is there."""
    assert b"ocr:result:" in left.places["Redis"]
    assert any(place.endswith("keys.sqlite3") and content for place, content in left.places.items())
    assert b"ocr_" in left.places["metrics of real"]
    assert b"PATH" in left.places["variables of real"]
    for name in ("failing", "crashing"):
        said = left.places[f"output of {name}"]
        assert re.search(rb"INTERNAL|ENGINE_CRASHED|internal error", said)
    said = left.places["output of real"]
    for reason in (b"API_KEY_INVALID", b"CONTENT_UNDECODABLE", b"FORMAT_UNSUPPORTED"):
        assert reason in said
