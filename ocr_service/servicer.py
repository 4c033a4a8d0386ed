"""OcrService and ApiKeyService: check, convert, call, convert back; a few lines for each RPC."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from typing import TYPE_CHECKING, Any, NoReturn

from typing_extensions import override

from ocr_service import convert, convert_entities
from ocr_service.api_keys import DEFAULT_TTL, ApiKeyStore, Scope, issue
from ocr_service.batch import Batch
from ocr_service.call import current_key
from ocr_service.config import Settings
from ocr_service.deadline import Deadline
from ocr_service.document import read_pages
from ocr_service.entities.entity import EntityType
from ocr_service.errors import NotImplementedYet, OptionInvalid
from ocr_service.images import MIME_TYPES
from ocr_service.lifecycle import Lifecycle
from ocr_service.options import OutputFormat
from ocr_service.pb.ocr.v1 import (
    api_key_service_pb2,
    api_key_service_pb2_grpc,
    batch_pb2,
    document_pb2,
    ocr_service_pb2,
    ocr_service_pb2_grpc,
    recognize_pb2,
)
from ocr_service.recognizer import Recognizer
from ocr_service.worker import EngineFacts

if TYPE_CHECKING:
    import grpc

    Context = grpc.aio.ServicerContext[Any, Any]

_MAX_TTL = timedelta(days=3650)
_MAX_USER_ID = 128
_MAX_DESCRIPTION = 256


class OcrServicer(ocr_service_pb2_grpc.OcrServiceServicer):
    """Reads text from images and documents."""

    def __init__(
        self,
        recognizer: Recognizer,
        settings: Settings,
        lifecycle: Lifecycle,
        engines: Sequence[EngineFacts],
    ) -> None:
        self._recognizer = recognizer
        self._settings = settings
        self._lifecycle = lifecycle
        self._engines = engines

    @override
    async def Recognize(
        self, request: recognize_pb2.RecognizeRequest, context: "Context"
    ) -> recognize_pb2.RecognizeResponse:
        work = self._recognizer.work(
            request.content, request.mime_type, request.options, caller=current_key(), patient=False
        )
        return await self._recognizer.recognize(work, self._deadline(context))

    @override
    async def RecognizeDocument(
        self, request: document_pb2.RecognizeDocumentRequest, context: "Context"
    ) -> AsyncGenerator[document_pb2.RecognizeDocumentResponse]:
        work = self._recognizer.work(
            request.content, request.mime_type, request.options, caller=current_key(), patient=False
        )
        in_flight = self._settings.batch_in_flight
        deadline = self._deadline(context)
        async for event in read_pages(self._recognizer, work, in_flight, deadline):
            yield event

    @override
    async def BatchRecognize(
        self, request_iterator: AsyncIterator[batch_pb2.BatchRecognizeRequest], context: "Context"
    ) -> AsyncGenerator[batch_pb2.BatchRecognizeResponse]:
        batch = Batch(self._recognizer, self._settings, self._lifecycle, current_key())
        longest = self._settings.batch_deadline
        deadline = Deadline.after(min(context.time_remaining() or longest, longest))
        async for answer in batch.answers(request_iterator, deadline):
            yield answer

    @override
    async def FindEntities(
        self, request: ocr_service_pb2.FindEntitiesRequest, context: "Context"
    ) -> ocr_service_pb2.FindEntitiesResponse:
        key = current_key()
        unmasked = Scope.UNMASKED in key.scopes
        options = convert_entities.options_from_proto(request.options, "options", unmasked=unmasked)
        deadline = self._deadline(context)
        return await self._recognizer.find_entities(request.text, options, key, deadline)

    @override
    async def Redact(
        self, request: ocr_service_pb2.RedactRequest, context: "Context"
    ) -> ocr_service_pb2.RedactResponse:
        work = self._recognizer.work(
            request.content, request.mime_type, request.options, caller=current_key(), patient=False
        )
        style = convert.style_from_proto(request.style)
        deadline = self._deadline(context)
        return await self._recognizer.redact(work, style, request.padding, deadline)

    @override
    async def GetCapabilities(
        self, request: ocr_service_pb2.GetCapabilitiesRequest, context: "Context"
    ) -> ocr_service_pb2.GetCapabilitiesResponse:
        settings = self._settings
        return ocr_service_pb2.GetCapabilitiesResponse(
            version=version("ocr-service"),
            engines=[
                ocr_service_pb2.EngineCapability(
                    engine=convert.engine_to_proto(engine.name),
                    version=engine.version,
                    languages=engine.languages,
                    is_default=engine.name == settings.engine,
                )
                for engine in self._engines
            ],
            entity_types=map(convert_entities.type_to_proto, EntityType),
            output_formats=map(convert.output_to_proto, OutputFormat),
            mime_types=MIME_TYPES,
            limits=ocr_service_pb2.Limits(
                max_content_bytes=settings.max_content_bytes,
                max_pixels=settings.max_pixels,
                max_side=settings.max_side,
                max_pages=settings.max_pages,
                max_batch_items_in_flight=settings.batch_in_flight,
                max_deadline_seconds=int(settings.max_deadline),
            ),
        )

    def _deadline(self, context: "Context") -> Deadline:
        remaining = context.time_remaining()
        wanted = self._settings.default_deadline if remaining is None else remaining
        return Deadline.after(min(wanted, self._settings.max_deadline))


class ApiKeyServicer(api_key_service_pb2_grpc.ApiKeyServiceServicer):
    """Hands out API keys."""

    def __init__(self, store: ApiKeyStore, pepper: bytes) -> None:
        self._store = store
        self._pepper = pepper

    @override
    async def IssueApiKey(
        self, request: api_key_service_pb2.IssueApiKeyRequest, context: "Context"
    ) -> api_key_service_pb2.IssueApiKeyResponse:
        ttl = request.ttl.ToTimedelta() or DEFAULT_TTL
        if not 1 <= len(request.user_id) <= _MAX_USER_ID:
            raise OptionInvalid(
                f"Give a user_id of 1 to {_MAX_USER_ID} characters.", field="user_id"
            )
        if len(request.description) > _MAX_DESCRIPTION:
            raise OptionInvalid(
                f"Give a description of at most {_MAX_DESCRIPTION} characters.", field="description"
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
        )
        api_key = convert.api_key_to_proto(key, datetime.now(UTC))
        return api_key_service_pb2.IssueApiKeyResponse(api_key=api_key, secret=secret)

    @override
    async def ListApiKeys(
        self, request: api_key_service_pb2.ListApiKeysRequest, context: "Context"
    ) -> api_key_service_pb2.ListApiKeysResponse:
        _not_yet("ListApiKeys")

    @override
    async def RotateApiKey(
        self, request: api_key_service_pb2.RotateApiKeyRequest, context: "Context"
    ) -> api_key_service_pb2.RotateApiKeyResponse:
        _not_yet("RotateApiKey")

    @override
    async def RevokeApiKey(
        self, request: api_key_service_pb2.RevokeApiKeyRequest, context: "Context"
    ) -> api_key_service_pb2.RevokeApiKeyResponse:
        _not_yet("RevokeApiKey")

    @override
    async def GetCurrentApiKey(
        self, request: api_key_service_pb2.GetCurrentApiKeyRequest, context: "Context"
    ) -> api_key_service_pb2.GetCurrentApiKeyResponse:
        api_key = convert.api_key_to_proto(current_key(), datetime.now(UTC))
        return api_key_service_pb2.GetCurrentApiKeyResponse(api_key=api_key)


def _not_yet(method: str) -> NoReturn:
    raise NotImplementedYet(
        f"{method} is in the contract but not in this version of the server. "
        "Ask its operator for an update."
    )
