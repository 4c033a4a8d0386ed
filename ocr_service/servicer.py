"""OcrService: check, convert, call, convert back; a few lines for each RPC."""

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from ocr_service import convert, convert_entities
from ocr_service.api_keys import Scope
from ocr_service.batch import Batch
from ocr_service.call import current_key
from ocr_service.config import Settings
from ocr_service.deadline import Deadline
from ocr_service.document import read_pages
from ocr_service.entities.entity import EntityType
from ocr_service.images import MIME_TYPES
from ocr_service.lifecycle import Lifecycle
from ocr_service.metrics import Metrics
from ocr_service.options import OutputFormat
from ocr_service.pb.ocr.v1 import (
    batch_pb2,
    document_pb2,
    ocr_service_pb2,
    ocr_service_pb2_grpc,
    recognize_pb2,
)
from ocr_service.rate_limits import RateLimits
from ocr_service.recognizer import Recognizer
from ocr_service.worker import EngineFacts

if TYPE_CHECKING:
    import grpc

    Context = grpc.aio.ServicerContext[Any, Any]


class OcrServicer(ocr_service_pb2_grpc.OcrServiceServicer):
    """Reads text from images and documents."""

    def __init__(
        self,
        recognizer: Recognizer,
        settings: Settings,
        lifecycle: Lifecycle,
        engines: Sequence[EngineFacts],
        limits: RateLimits,
        metrics: Metrics,
    ) -> None:
        self._recognizer = recognizer
        self._settings = settings
        self._lifecycle = lifecycle
        self._engines = engines
        self._limits = limits
        self._metrics = metrics

    @override
    async def Recognize(  # type: ignore[override]  # its reply comes encoded
        self, request: recognize_pb2.RecognizeRequest, context: "Context"
    ) -> bytes:
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
            self._metrics.item_answered("RecognizeDocument", event)
            yield event

    @override
    async def BatchRecognize(
        self, request_iterator: AsyncIterator[batch_pb2.BatchRecognizeRequest], context: "Context"
    ) -> AsyncGenerator[batch_pb2.BatchRecognizeResponse]:
        key = current_key()
        batch = Batch(self._recognizer, self._settings, self._lifecycle, self._limits, key)
        longest = self._settings.batch_deadline
        deadline = Deadline.after(min(context.time_remaining() or longest, longest))
        async for answer in batch.answers(request_iterator, deadline):
            self._metrics.item_answered("BatchRecognize", answer)
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
