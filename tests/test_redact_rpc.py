"""Redact over the wire, and `ocr redact` and `ocr find` on the command line."""

import json
from io import BytesIO
from pathlib import Path
from typing import Any

import grpc
import numpy as np
import pytest
from PIL import Image

from ocr_service.api_keys import Scope
from ocr_service.pb.ocr.v1 import entity_pb2, ocr_service_pb2, recognize_pb2
from tests.data import make
from tests.ocr_command import ocr
from tests.servers import Server
from tests.test_wire_errors import failure

MAIL = "ann@example.com"
PNG = make.encode(make.text_image(["mail to", MAIL, "today"], size=40), "PNG")


def redact(
    server: Server, content: bytes = PNG, key: str = "", **fields: Any
) -> ocr_service_pb2.RedactResponse:
    request = ocr_service_pb2.RedactRequest(content=content, **fields)
    metadata = (("x-api-key", key or server.key),)
    return server.stub.Redact(request, metadata=metadata, timeout=60)


def text_of(server: Server, content: bytes) -> str:
    request = recognize_pb2.RecognizeRequest(content=content)
    return server.stub.Recognize(request, metadata=server.metadata, timeout=60).text


def test_what_was_found_is_painted_over(server: Server) -> None:
    reply = redact(server)
    (entity,) = reply.entities
    assert (entity.type, entity.value) == (entity_pb2.ENTITY_TYPE_EMAIL, MAIL)
    assert (reply.mime_type, reply.residual_count) == ("image/png", 0)
    assert "example" not in text_of(server, reply.content)
    assert "today" in text_of(server, reply.content)
    pixels = np.asarray(Image.open(BytesIO(reply.content)).convert("L"))
    xs = [vertex.x for vertex in entity.regions[0].bounding_poly.vertices]
    ys = [vertex.y for vertex in entity.regions[0].bounding_poly.vertices]
    assert pixels[int(min(ys)) : int(max(ys)), int(min(xs)) : int(max(xs))].max() == 0


def test_other_types_stay(server: Server) -> None:
    only_cards = entity_pb2.EntityOptions(types=[entity_pb2.ENTITY_TYPE_CREDIT_CARD_NUMBER])
    reply = redact(server, options=recognize_pb2.RecognizeOptions(entities=only_cards))
    assert not reply.entities
    assert MAIL in text_of(server, reply.content)


def test_a_key_without_unmasked_learns_nothing(server: Server) -> None:
    key = server.new_key(frozenset({Scope.RECOGNIZE}))
    only_cards = entity_pb2.EntityOptions(types=[entity_pb2.ENTITY_TYPE_CREDIT_CARD_NUMBER])
    for options in (entity_pb2.EntityOptions(), only_cards):
        reply = redact(server, key=key, options=recognize_pb2.RecognizeOptions(entities=options))
        assert len(reply.entities) == 1
        assert MAIL not in str(reply.entities)
        assert "example" not in text_of(server, reply.content)


WRONG = {
    "padding": ({"padding": 101}, "padding"),
    "negative padding": ({"padding": -1}, "padding"),
    "style": ({"style": 99}, "style"),
    "skip": (
        {"options": recognize_pb2.RecognizeOptions(entities=entity_pb2.EntityOptions(skip=True))},
        "options.entities.skip",
    ),
    "pages": ({"options": recognize_pb2.RecognizeOptions(pages=[1])}, "options.pages"),
}


@pytest.mark.parametrize(("fields", "field"), WRONG.values(), ids=WRONG)
def test_wrong_requests_name_the_field(server: Server, fields: dict[str, Any], field: str) -> None:
    refused = failure(lambda: redact(server, **fields))
    assert (refused.code, refused.reason, refused.field) == (
        grpc.StatusCode.INVALID_ARGUMENT,
        "OPTION_INVALID",
        field,
    )


def test_the_command_writes_the_redacted_file(server: Server, tmp_path: Path) -> None:
    (tmp_path / "in.png").write_bytes(PNG)
    out = tmp_path / "out.png"
    done = ocr(server, "redact", str(tmp_path / "in.png"), "-o", str(out), "--style", "white")
    assert done.exit_code == 0
    assert "1 painted over, 0 still found" in done.stderr
    assert "example" not in text_of(server, out.read_bytes())
    missing = ocr(
        server, "redact", str(tmp_path / "in.png"), "-o", str(tmp_path / "no" / "out.png")
    )
    assert missing.exit_code == 2
    assert "cannot be written" in missing.stderr


def test_the_command_finds_in_text(server: Server, tmp_path: Path) -> None:
    text = f"mail {MAIL} or call +90 532 123 45 67\n".encode()
    shown = ocr(server, "find", stdin=text)
    assert [line.split()[:2] for line in shown.stdout.splitlines()] == [
        ["EMAIL", MAIL],
        ["PHONE_NUMBER", "+90"],
    ]
    document = json.loads(ocr(server, "find", "--json", "--type", "email", stdin=text).stdout)
    assert [entity["value"] for entity in document["entities"]] == [MAIL]
    (tmp_path / "note.txt").write_bytes(text)
    masked = ocr(server, "find", str(tmp_path / "note.txt"), "--mask")
    assert MAIL not in masked.stdout
    assert "EMAIL" in masked.stdout


@pytest.mark.parametrize(
    ("words", "stdin", "sentence"),
    [
        (("--type", "shoe_size"), b"", "Give one of the types"),
        ((), b"\xff\xfe\xfa", "not UTF-8"),
        (("no such file",), b"", "cannot be read"),
        (("--region", "Turkey"), b"x", "alpha-2"),
    ],
    ids=["type", "encoding", "file", "region"],
)
def test_the_command_says_what_is_wrong(
    server: Server, words: tuple[str, ...], stdin: bytes, sentence: str
) -> None:
    done = ocr(server, "find", *words, stdin=stdin)
    assert done.exit_code == 2
    assert sentence in done.stderr
