"""One table over gRPC and over REST: the same answers and the same errors."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import grpc
import pytest
import requests
from google.protobuf import json_format
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from ocr_service.api_keys import Scope, new_secret
from ocr_service.gateway.bindings import Binding, bindings
from ocr_service.pb.ocr.v1 import (
    api_key_service_pb2,
    document_pb2,
    entity_pb2,
    ocr_service_pb2,
    recognize_pb2,
)
from tests.data import make
from tests.gateway.gateways import SECONDS, Gateway, lines, refused
from tests.servers import DEFAULT_SCOPES, Server
from tests.test_wire_errors import BAD_REQUESTS, GIF_TWO_PAGES, PNG, failure_of

Options = recognize_pb2.RecognizeOptions
HTTP = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
}
CARD = make.encode(make.text_image(["Card 4111 1111 1111 1111", "ann@example.com"]), "PNG")
BINDINGS = {binding.method.name: binding for binding in bindings()}


@dataclass(frozen=True)
class Case:
    """A call.

    Attributes:
        rpc: Name of the method.
        request: Its request.
        key: Makes its key.
    """

    rpc: str
    request: Message
    key: Callable[[Server], str] = field(default=lambda server: server.key)

    @property
    def binding(self) -> Binding:
        return BINDINGS[self.rpc]


def masked(server: Server) -> str:
    return server.new_key(frozenset({Scope.RECOGNIZE}))


def only_admin(server: Server) -> str:
    return server.new_key(frozenset({Scope.ADMIN}))


def admin(server: Server) -> str:
    return server.admin_key


def expired(server: Server) -> str:
    return server.new_key(DEFAULT_SCOPES, ttl=timedelta(seconds=-1))


def unknown(_server: Server) -> str:
    return new_secret()


def no_key(_server: Server) -> str:
    return ""


def recognize(content: bytes, options: Options | None = None, mime_type: str = "") -> Message:
    return recognize_pb2.RecognizeRequest(content=content, options=options, mime_type=mime_type)


TEXT = "Call +90 532 123 45 67 on 2024-03-05, d41d8cd98f00b204e9800998ecf8427e"
CASES = {
    "recognize": Case("Recognize", recognize(CARD)),
    "recognize with options": Case(
        "Recognize",
        recognize(
            CARD,
            Options(
                engine=recognize_pb2.ENGINE_TESSERACT,
                languages=["en", "tr"],
                detail=recognize_pb2.DETAIL_LEVEL_LINE,
                min_confidence=0.25,
                entities=entity_pb2.EntityOptions(mask=True, regions=["TR"]),
            ),
            "image/png",
        ),
    ),
    "recognize with a key for masked answers": Case("Recognize", recognize(CARD), masked),
    "recognize pages": Case("Recognize", recognize(GIF_TWO_PAGES, Options(pages=[2]))),
    "document": Case(
        "RecognizeDocument", document_pb2.RecognizeDocumentRequest(content=GIF_TWO_PAGES)
    ),
    "find": Case("FindEntities", ocr_service_pb2.FindEntitiesRequest(text=TEXT)),
    "find in characters of all kinds": Case(
        "FindEntities",
        ocr_service_pb2.FindEntitiesRequest(text="çğ \U0001f600 \x00 a@b.com \u2028"),
    ),
    "redact": Case("Redact", ocr_service_pb2.RedactRequest(content=CARD, padding=2)),
    "capabilities": Case("GetCapabilities", ocr_service_pb2.GetCapabilitiesRequest()),
    "own key": Case("GetCurrentApiKey", api_key_service_pb2.GetCurrentApiKeyRequest()),
    **{
        f"refused: {name}": Case("Recognize", recognize(content, options, mime_type))
        for name, (content, mime_type, options, _, _) in BAD_REQUESTS.items()
    },
    "refused document": Case(
        "RecognizeDocument", document_pb2.RecognizeDocumentRequest(content=b"words")
    ),
    "language that is not there": Case("Recognize", recognize(PNG, Options(languages=["xx"]))),
    "engine that is not there": Case(
        "Recognize", recognize(PNG, Options(engine=recognize_pb2.ENGINE_EASYOCR))
    ),
    "no key": Case("Recognize", recognize(PNG), no_key),
    "unknown key": Case("Recognize", recognize(PNG), unknown),
    "expired key": Case("GetCapabilities", ocr_service_pb2.GetCapabilitiesRequest(), expired),
    "key without the scope": Case("Recognize", recognize(PNG), only_admin),
    "admin's call without the scope": Case(
        "IssueApiKey", api_key_service_pb2.IssueApiKeyRequest(user_id="eve")
    ),
    "user id too long": Case(
        "IssueApiKey", api_key_service_pb2.IssueApiKeyRequest(user_id="e" * 200), admin
    ),
    "rotate a key that is not there": Case(
        "RotateApiKey", api_key_service_pb2.RotateApiKeyRequest(id="nobody"), admin
    ),
    "overlap too long": Case(
        "RotateApiKey",
        api_key_service_pb2.RotateApiKeyRequest(id="nobody", overlap=Duration(seconds=10**7)),
        admin,
    ),
    "revoke a key that is not there": Case(
        "RevokeApiKey", api_key_service_pb2.RevokeApiKeyRequest(id="nobody"), admin
    ),
    "keys of nobody": Case(
        "ListApiKeys", api_key_service_pb2.ListApiKeysRequest(user_id="nobody", page_size=5), admin
    ),
    "wrong page token": Case(
        "ListApiKeys",
        api_key_service_pb2.ListApiKeysRequest(page_token=" &="),  # noqa: S106  no password
        admin,
    ),
    "list without the scope": Case("ListApiKeys", api_key_service_pb2.ListApiKeysRequest()),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_same_over_grpc_and_over_rest(gateway: Gateway, case: Case) -> None:
    key = case.key(gateway.server)
    try:
        expected = over_grpc(gateway, case, key)
    except grpc.RpcError as error:
        failure = failure_of(error)
        answer = refused(over_rest(gateway, case, key))
        assert answer.http == HTTP[answer.status]
        assert (answer.status, answer.reason, answer.field, answer.message) == (
            failure.code.name,
            failure.reason,
            failure.field,
            failure.message,
        )
    else:
        response = over_rest(gateway, case, key)
        assert response.status_code == 200, response.text
        streamed = case.binding.method.server_streaming
        values = lines(response) if streamed else [response.json()]
        assert [parsed(case, value) for value in values] == expected


def over_grpc(gateway: Gateway, case: Case, key: str) -> list[Message]:
    method = case.binding.method
    kind = "unary_stream" if method.server_streaming else "unary_unary"
    call: Any = getattr(gateway.server.channel, kind)(
        case.binding.rpc,
        GetMessageClass(method.input_type).SerializeToString,
        GetMessageClass(method.output_type).FromString,
    )
    answer = call(case.request, metadata=(("x-api-key", key),), timeout=SECONDS)
    return [without_times(reply) for reply in (answer if method.server_streaming else [answer])]


def over_rest(gateway: Gateway, case: Case, key: str) -> requests.Response:
    body = json_format.MessageToDict(case.request)
    path = case.binding.path.format(**body)
    headers = {"X-API-Key": key}
    return requests.request(
        case.binding.verb,
        gateway.url + path,
        json=body if case.binding.has_body else None,
        params=None if case.binding.has_body else body,
        headers=headers,
        timeout=SECONDS,
    )


def parsed(case: Case, value: dict[str, Any]) -> Message:
    message = GetMessageClass(case.binding.method.output_type)()
    return without_times(json_format.ParseDict(value, message))


def without_times(message: Message) -> Message:
    """The message without what differs from call to call."""
    for name in ("timings", "cache_status", "last_use_time"):
        if name in message.DESCRIPTOR.fields_by_name:
            message.ClearField(name)
    for descriptor, child in message.ListFields():
        if descriptor.message_type is not None and not descriptor.is_repeated:
            without_times(child)
    return message


def test_every_rpc_has_its_place() -> None:
    services: Iterable[Any] = (
        ocr_service_pb2.DESCRIPTOR.services_by_name["OcrService"],
        api_key_service_pb2.DESCRIPTOR.services_by_name["ApiKeyService"],
    )
    methods = {method.full_name for service in services for method in service.methods}
    assert {binding.method.full_name for binding in bindings()} == methods
