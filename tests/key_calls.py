"""Calls of ApiKeyService, as an administrator makes them, and with the key itself."""

from typing import Any

from ocr_service.pb.ocr.v1 import api_key_service_pb2 as pb
from tests.servers import Server
from tests.test_wire_errors import Failure, failure


def admin(server: Server) -> tuple[tuple[str, str], ...]:
    return (("x-api-key", server.admin_key),)


def issue(server: Server, user: str = "ann", **fields: Any) -> pb.IssueApiKeyResponse:
    request = pb.IssueApiKeyRequest(user_id=user, **fields)
    return server.keys.IssueApiKey(request, metadata=admin(server))


def rotate(server: Server, key_id: str, **fields: Any) -> pb.RotateApiKeyResponse:
    request = pb.RotateApiKeyRequest(id=key_id, **fields)
    return server.keys.RotateApiKey(request, metadata=admin(server))


def revoke(server: Server, key_id: str) -> pb.ApiKey:
    request = pb.RevokeApiKeyRequest(id=key_id)
    return server.keys.RevokeApiKey(request, metadata=admin(server)).api_key


def page(server: Server, user: str, size: int = 0, token: str = "") -> pb.ListApiKeysResponse:
    request = pb.ListApiKeysRequest(user_id=user, page_size=size, page_token=token)
    return server.keys.ListApiKeys(request, metadata=admin(server))


def use(server: Server, secret: str) -> pb.ApiKey:
    request = pb.GetCurrentApiKeyRequest()
    return server.keys.GetCurrentApiKey(request, metadata=(("x-api-key", secret),)).api_key


def refusal(server: Server, secret: str) -> Failure:
    return failure(lambda: use(server, secret))
