"""ApiKeyService: check, convert, call, convert back; a few lines for each RPC."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from google.protobuf.duration_pb2 import Duration
from typing_extensions import override

from ocr_service import convert
from ocr_service.api_keys import (
    DEFAULT_TTL,
    ApiKey,
    ApiKeyStore,
    Position,
    Scope,
    changes,
    issue,
    page_token,
)
from ocr_service.call import current_key
from ocr_service.errors import OptionInvalid
from ocr_service.pb.ocr.v1 import api_key_service_pb2, api_key_service_pb2_grpc

if TYPE_CHECKING:
    import grpc

    Context = grpc.aio.ServicerContext[Any, Any]

_MAX_TTL = timedelta(days=3650)
_MAX_USER_ID = 128
_MAX_DESCRIPTION = 256
_DEFAULT_PAGE = 100
_MAX_PAGE = 1000  # keys of the longest texts are then below the 4 MiB that a client receives


class ApiKeyServicer(api_key_service_pb2_grpc.ApiKeyServiceServicer):
    """Hands out API keys, and takes them back.

    Args:
        store: Where they live.
        pepper: Of the store.
        forget: Makes this server ask the store again about the key with an id.
    """

    def __init__(self, store: ApiKeyStore, pepper: bytes, forget: Callable[[str], None]) -> None:
        self._store = store
        self._pepper = pepper
        self._forget = forget

    @override
    async def IssueApiKey(
        self, request: api_key_service_pb2.IssueApiKeyRequest, context: "Context"
    ) -> api_key_service_pb2.IssueApiKeyResponse:
        ttl = _length(request.ttl) or DEFAULT_TTL
        if not 1 <= len(request.user_id) <= _MAX_USER_ID or not request.user_id.isprintable():
            raise OptionInvalid(
                f"Give a user_id of 1 to {_MAX_USER_ID} printable characters.", field="user_id"
            )
        if len(request.description) > _MAX_DESCRIPTION or not request.description.isprintable():
            raise OptionInvalid(
                f"Give a description of at most {_MAX_DESCRIPTION} printable characters.",
                field="description",
            )
        if not timedelta(0) < ttl <= _MAX_TTL:
            raise OptionInvalid(f"Give a ttl of at most {_MAX_TTL.days} days.", field="ttl")
        if request.requests_per_minute < 0:
            raise OptionInvalid("Give a positive limit, or 0.", field="requests_per_minute")
        scopes = convert.scopes_from_proto(request.scopes)
        key, secret = await asyncio.to_thread(
            issue,
            self._store,
            self._pepper,
            user_id=request.user_id,
            scopes=scopes or frozenset({Scope.RECOGNIZE, Scope.UNMASKED}),
            ttl=ttl,
            description=request.description,
            requests_per_minute=request.requests_per_minute,
            by=current_key().id,
        )
        return api_key_service_pb2.IssueApiKeyResponse(api_key=_to_proto(key), secret=secret)

    @override
    async def ListApiKeys(
        self, request: api_key_service_pb2.ListApiKeysRequest, context: "Context"
    ) -> api_key_service_pb2.ListApiKeysResponse:
        if request.page_size < 0:
            raise OptionInvalid("Give a positive page_size, or 0.", field="page_size")
        size = min(request.page_size or _DEFAULT_PAGE, _MAX_PAGE)
        user_id, token = request.user_id, request.page_token
        after = page_token.read(token, user_id, self._pepper) if token else None
        # One more than asked for tells whether there is a next page.
        keys = await asyncio.to_thread(self._store.page, user_id, after, size + 1)
        page = keys[:size]
        return api_key_service_pb2.ListApiKeysResponse(
            api_keys=map(_to_proto, page),
            next_page_token=(
                page_token.write(Position(page[-1].create_time, page[-1].id), user_id, self._pepper)
                if len(keys) > size
                else ""
            ),
        )

    @override
    async def RotateApiKey(
        self, request: api_key_service_pb2.RotateApiKeyRequest, context: "Context"
    ) -> api_key_service_pb2.RotateApiKeyResponse:
        overlap = changes.DEFAULT_OVERLAP
        if request.HasField("overlap"):
            overlap = _length(request.overlap)
        if not timedelta(0) <= overlap <= changes.MAX_OVERLAP:
            raise OptionInvalid(
                f"Give an overlap of 0 to {changes.MAX_OVERLAP.days} days.", field="overlap"
            )
        rotation = await asyncio.to_thread(
            changes.rotate,
            self._store,
            self._pepper,
            _id_in(request),
            overlap=overlap,
            by=current_key().id,
        )
        self._forget(rotation.previous.id)
        return api_key_service_pb2.RotateApiKeyResponse(
            api_key=_to_proto(rotation.successor),
            secret=rotation.secret,
            previous=_to_proto(rotation.previous),
        )

    @override
    async def RevokeApiKey(
        self, request: api_key_service_pb2.RevokeApiKeyRequest, context: "Context"
    ) -> api_key_service_pb2.RevokeApiKeyResponse:
        key_id = _id_in(request)
        key = await asyncio.to_thread(changes.revoke, self._store, key_id, by=current_key().id)
        self._forget(key_id)
        return api_key_service_pb2.RevokeApiKeyResponse(api_key=_to_proto(key))

    @override
    async def GetCurrentApiKey(
        self, request: api_key_service_pb2.GetCurrentApiKeyRequest, context: "Context"
    ) -> api_key_service_pb2.GetCurrentApiKeyResponse:
        return api_key_service_pb2.GetCurrentApiKeyResponse(api_key=_to_proto(current_key()))


def _to_proto(key: ApiKey) -> api_key_service_pb2.ApiKey:
    return convert.api_key_to_proto(key, datetime.now(UTC))


def _length(duration: Duration) -> timedelta:
    """The duration; the longest there is for one that Python cannot hold."""
    try:
        return duration.ToTimedelta()
    except OverflowError:
        return timedelta.max if duration.seconds > 0 else timedelta.min


def _id_in(
    request: api_key_service_pb2.RotateApiKeyRequest | api_key_service_pb2.RevokeApiKeyRequest,
) -> str:
    if not request.id:
        raise OptionInvalid("Give the id of a key. ListApiKeys names them.", field="id")
    return request.id
