"""What HTTP adds: ways to send a file, broken requests, headers, health."""

import json
from base64 import b64encode
from typing import Any

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data import make
from tests.gateway.gateways import Gateway, lines, refused
from tests.servers import eventually

PNG = make.encode(make.text_image(["Total 12.50"]), "PNG")
TEXT_ONLY = {"options": {"detail": "DETAIL_LEVEL_TEXT", "languages": ["en", "tr"]}}
RECOGNIZE = "/v1/images:recognize"
RAW = "?options.detail=DETAIL_LEVEL_TEXT&options.languages=en&options.languages=tr"
FORM = [
    ("options.detail", "DETAIL_LEVEL_TEXT"),
    ("options.languages", "en"),
    ("options.languages", "tr"),
]
WAYS: dict[str, tuple[str, dict[str, Any]]] = {
    "json": (RECOGNIZE, {"json": {"content": b64encode(PNG).decode(), **TEXT_ONLY}}),
    "form": (RECOGNIZE, {"data": FORM, "files": {"file": ("a.png", PNG)}}),
    "form with a wrong name": (RECOGNIZE, {"data": FORM, "files": {"x": ("a.jpg", PNG)}}),
    "form with json": (
        RECOGNIZE,
        {"data": {"options": json.dumps(TEXT_ONLY["options"])}, "files": {"file": PNG}},
    ),
    "bytes": (RECOGNIZE + RAW, {"data": PNG, "type": "image/png"}),
    "bytes of no type": (RECOGNIZE + RAW, {"data": PNG, "type": "application/octet-stream"}),
    "bytes in chunks": (RECOGNIZE + RAW, {"data": iter([PNG[:9], PNG[9:]]), "type": "image/png"}),
}


def test_every_way_to_send_a_file_gives_the_same(gateway: Gateway) -> None:
    replies = []
    for path, arguments in WAYS.values():
        headers = gateway.key
        if "type" in arguments:
            headers["Content-Type"] = arguments.pop("type")
        response = gateway.post(path, headers=headers, **arguments)
        assert response.status_code == 200, response.text
        replies.append(response.json() | {"timings": None, "cacheStatus": None})
    assert replies[0]["text"] == "Total 12.50"
    assert replies[0]["pages"][0]["blocks"] == []
    assert all(reply == replies[0] for reply in replies)


BAD: dict[str, tuple[str, dict[str, Any], int, str, str]] = {
    "not json": (RECOGNIZE, {"data": "{", "type": "application/json"}, 400, "OPTION_INVALID", ""),
    "deep json": (
        RECOGNIZE,
        {"data": "[" * 100_000, "type": "application/json"},
        400,
        "OPTION_INVALID",
        "",
    ),
    "a list": (RECOGNIZE, {"json": []}, 400, "OPTION_INVALID", ""),
    "no utf-8": (
        RECOGNIZE,
        {"data": b'{"mimeType": "\xff"}', "type": "application/json"},
        400,
        "OPTION_INVALID",
        "",
    ),
    "half a surrogate": (
        "/v1/text:findEntities",
        {"data": '{"text": "\\ud800"}', "type": "application/json"},
        400,
        "OPTION_INVALID",
        "text",
    ),
    "unknown field": (RECOGNIZE, {"json": {"image": ""}}, 400, "OPTION_INVALID", "image"),
    "unknown field inside": (
        RECOGNIZE,
        {"json": {"options": {"lang": "en"}}},
        400,
        "OPTION_INVALID",
        "options.lang",
    ),
    "wrong base64": (RECOGNIZE, {"json": {"content": "a b!"}}, 400, "OPTION_INVALID", "content"),
    "wrong kind": (
        RECOGNIZE,
        {"json": {"options": {"pages": ["one"]}}},
        400,
        "OPTION_INVALID",
        "options.pages",
    ),
    "number beyond": (
        RECOGNIZE,
        {"json": {"options": {"dpi": 2**40}}},
        400,
        "OPTION_INVALID",
        "options.dpi",
    ),
    "no number": (
        RECOGNIZE,
        {"json": {"content": b64encode(PNG).decode(), "options": {"minConfidence": "NaN"}}},
        400,
        "OPTION_INVALID",
        "options.min_confidence",
    ),
    "unknown enum value": (
        RECOGNIZE,
        {"json": {"options": {"engine": "ENGINE_X"}}},
        400,
        "OPTION_INVALID",
        "options.engine",
    ),
    "no file in the form": (
        RECOGNIZE,
        {"files": {"options": (None, "{}")}},
        400,
        "OPTION_INVALID",
        "content",
    ),
    "two files": (
        RECOGNIZE,
        {"files": {"a": PNG, "b": PNG}},
        400,
        "OPTION_INVALID",
        "content",
    ),
    "empty file": (RECOGNIZE, {"files": {"a": b""}}, 400, "CONTENT_EMPTY", "content"),
    "empty body": (RECOGNIZE, {"data": b"", "type": "image/png"}, 400, "CONTENT_EMPTY", "content"),
    "broken form": (
        RECOGNIZE,
        {"data": b"--x\r\nrubbish", "type": "multipart/form-data; boundary=x"},
        400,
        "OPTION_INVALID",
        "",
    ),
    "form without boundary": (
        RECOGNIZE,
        {"data": b"x", "type": "multipart/form-data"},
        400,
        "OPTION_INVALID",
        "",
    ),
    "field twice": (
        RECOGNIZE + "?options.dpi=100&options.dpi=200",
        {"data": PNG, "type": "image/png"},
        400,
        "OPTION_INVALID",
        "options.dpi",
    ),
    "unknown query field": (
        RECOGNIZE + "?dpi=100",
        {"data": PNG, "type": "image/png"},
        400,
        "OPTION_INVALID",
        "dpi",
    ),
    "field of a number": (
        RECOGNIZE + "?options.dpi.x=100",
        {"data": PNG, "type": "image/png"},
        400,
        "OPTION_INVALID",
        "options.dpi.x",
    ),
    "no media type of ours": (
        RECOGNIZE,
        {"data": "a=b", "type": "application/x-www-form-urlencoded"},
        415,
        "MEDIA_TYPE_UNSUPPORTED",
        "",
    ),
    "file for text": (
        "/v1/text:findEntities",
        {"files": {"file": PNG}},
        415,
        "MEDIA_TYPE_UNSUPPORTED",
        "",
    ),
    "nothing there": ("/v1/images", {}, 404, "ROUTE_NOT_FOUND", ""),
    "two slashes": ("/v1//images:recognize", {}, 404, "ROUTE_NOT_FOUND", ""),
    "wrong method": ("/v1/capabilities", {}, 405, "METHOD_NOT_ALLOWED", ""),
}


@pytest.mark.parametrize(
    ("path", "arguments", "http", "reason", "field"), BAD.values(), ids=list(BAD)
)
def test_what_is_wrong_is_said(
    gateway: Gateway, path: str, arguments: dict[str, Any], http: int, reason: str, field: str
) -> None:
    sent = dict(arguments)
    headers = gateway.key
    if "type" in sent:
        headers["Content-Type"] = sent.pop("type")
    response = gateway.post(path, headers=headers, **sent)
    answer = refused(response)
    assert (answer.http, answer.reason, answer.field) == (http, reason, field)
    assert answer.message.endswith(".")
    if http == 405:
        assert "GET" in response.headers["Allow"].split(", ")


@settings(max_examples=40)
@given(body=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
@pytest.mark.parametrize("media_type", ["application/json", "multipart/form-data; boundary=b"])
def test_no_body_makes_the_gateway_fail(gateway: Gateway, media_type: str, body: bytes) -> None:
    headers = {"Content-Type": media_type}  # without a key: what is well-formed is 401
    response = gateway.post(RECOGNIZE, headers=headers, data=body)
    assert refused(response).http in (400, 401)


def test_messages_hold_nothing_of_the_request(gateway: Gateway) -> None:
    planted = "4111111111111111"
    for body in (
        {"content": planted + "!"},
        {"options": {"engine": planted}},
        {"options": {"pages": planted}},
        {planted + " x": 1},
    ):
        assert planted not in gateway.post(RECOGNIZE, json=body).text
    assert planted not in gateway.get(f"/v1/{planted}").text
    assert planted not in gateway.server.said()


def test_the_request_id_goes_through(gateway: Gateway) -> None:
    headers = gateway.key | {"X-Request-Id": "order-66"}
    assert gateway.get("/v1/capabilities", headers=headers).headers["X-Request-Id"] == "order-66"
    log = gateway.server.log
    eventually(lambda: any(call.get("request_id") == "order-66" for call in log))
    strange = gateway.get("/v1/capabilities", headers={"X-Request-Id": "a b"})
    assert len(strange.headers["X-Request-Id"]) == 32


def test_a_bearer_token_is_a_key(gateway: Gateway) -> None:
    headers = {"Authorization": f"Bearer {gateway.server.key}"}
    assert gateway.get("/v1/capabilities", headers=headers).status_code == 200
    denied = gateway.get("/v1/capabilities", headers={"X-API-Key": "ключ".encode()})
    assert refused(denied).reason == "API_KEY_INVALID"
    assert denied.headers["WWW-Authenticate"] == "Bearer"


def test_a_deadline_goes_through(gateway: Gateway) -> None:
    body = {"content": b64encode(PNG).decode()}
    late = gateway.post(RECOGNIZE, headers=gateway.key | {"Grpc-Timeout": "1m"}, json=body)
    assert (refused(late).http, refused(late).reason) == (504, "DEADLINE_EXCEEDED")
    wrong = gateway.post(RECOGNIZE, headers=gateway.key | {"Grpc-Timeout": "soon"}, json=body)
    assert refused(wrong).field == "Grpc-Timeout"
    for fine in ("50S", "99999999H"):
        headers = gateway.key | {"Grpc-Timeout": fine}
        assert gateway.post(RECOGNIZE, headers=headers, json=body).status_code == 200


def test_pages_come_as_lines(gateway: Gateway) -> None:
    pages = make.encode_pages([make.text_image(["one"]), make.text_image(["two"])], "TIFF")
    answer = lines(gateway.post("/v1/documents:recognize", files={"file": pages}, stream=True))
    assert [next(iter(message)) for message in answer] == ["started", "page", "page", "summary"]


def test_health_needs_no_key(gateway: Gateway) -> None:
    for path in ("/healthz", "/readyz"):
        response = requests.get(gateway.url + path, timeout=10)
        assert (response.status_code, response.json()) == (200, {"status": "SERVING"})


@pytest.mark.parametrize("path", ["/healthz", "/v1/capabilities", "/docs", "/nothing"])
def test_every_answer_is_safe_in_a_browser(gateway: Gateway, path: str) -> None:
    headers = gateway.get(path, headers={"Origin": "http://evil.example"}).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert not [name for name in headers if name.lower().startswith("access-control-")]
    assert "Server" not in headers
