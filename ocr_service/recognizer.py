"""From a request's fields to its reply: what all recognising RPCs share."""

import time
from dataclasses import dataclass
from typing import TypeVar

from ocr_service import convert, worker
from ocr_service.api_keys import ApiKey, Scope
from ocr_service.config import Settings
from ocr_service.deadline import Deadline
from ocr_service.errors import ContentTooLarge, OptionInvalid
from ocr_service.images import Source
from ocr_service.options import EntityOptions, Options
from ocr_service.pb.ocr.v1 import ocr_service_pb2, recognize_pb2
from ocr_service.pool import Job, Pool, Ran
from ocr_service.redact import Style

T = TypeVar("T")
_MAX_PADDING = 100  # pixels
_MAX_TEXT = 1_000_000  # code points of FindEntities; some seconds of the hardest text


@dataclass(frozen=True, slots=True)
class Work:
    """A checked request, ready for the pool.

    Attributes:
        content: The document's bytes.
        mime_type: What the caller believes them to be.
        options: How to read them.
        detail: How much layout the reply holds.
        tenant: Who asks.
        patient: Wait for room in the queue instead of being refused.
    """

    content: bytes
    mime_type: str
    options: Options
    detail: recognize_pb2.DetailLevel.ValueType
    tenant: str
    patient: bool


class Recognizer:
    """Checks requests, runs them in the pool, completes their replies."""

    def __init__(self, pool: Pool, settings: Settings) -> None:
        self._pool = pool
        self._settings = settings

    def work(
        self,
        content: bytes,
        mime_type: str,
        options: recognize_pb2.RecognizeOptions,
        *,
        caller: ApiKey,
        patient: bool,
    ) -> Work:
        """Check what can be checked without reading the content.

        Raises:
            BadInput: The content is empty or too large, or an option is wrong.
        """
        self._settings.limits.check_bytes(len(content))
        unmasked = Scope.UNMASKED in caller.scopes
        checked = convert.options_from_proto(options, self._settings, unmasked=unmasked)
        return Work(content, mime_type, checked, options.detail, caller.id, patient)

    async def recognize(self, work: Work, deadline: Deadline) -> recognize_pb2.RecognizeResponse:
        """Read the document.

        Raises:
            OcrError: See `Pool.run` and `worker.recognize`.
        """
        began = time.monotonic()
        limits = self._settings.limits
        args = (work.content, work.mime_type, work.options, limits, work.detail)
        ran = await self._run(
            work, Job(worker.recognize, args, work.tenant, len(work.content)), deadline
        )
        response = recognize_pb2.RecognizeResponse.FromString(ran.value)
        response.timings.queue.CopyFrom(convert.duration(ran.queued))
        response.timings.total.CopyFrom(convert.duration(time.monotonic() - began))
        return response

    async def redact(
        self, work: Work, style: Style, padding: int, deadline: Deadline
    ) -> ocr_service_pb2.RedactResponse:
        """Paint over the findings of the document.

        Raises:
            OptionInvalid: The padding is out of range.
            OcrError: See `Pool.run` and `redact.run`.
        """
        if not 0 <= padding <= _MAX_PADDING:
            raise OptionInvalid(f"Give a padding of 0 to {_MAX_PADDING} pixels.", field="padding")
        limits = self._settings.limits
        args = (work.content, work.mime_type, work.options, limits, style, padding)
        job = Job(worker.redact_document, args, work.tenant, len(work.content))
        ran = await self._run(work, job, deadline)
        return ocr_service_pb2.RedactResponse.FromString(ran.value)

    async def find_entities(
        self, text: str, options: EntityOptions, caller: ApiKey, deadline: Deadline
    ) -> ocr_service_pb2.FindEntitiesResponse:
        """Find sensitive data in plain text.

        Raises:
            ContentTooLarge: The text is too long.
            OcrError: See `Pool.run`.
        """
        if len(text) > _MAX_TEXT:
            raise ContentTooLarge(
                f"Send at most {_MAX_TEXT:,} characters at once; these are {len(text):,}.",
                field="text",
            )
        job = Job(worker.find_entities, (text, options), caller.id, len(text))
        ran = await self._pool.run(job, deadline)
        return ocr_service_pb2.FindEntitiesResponse.FromString(ran.value)

    async def probe(self, work: Work, deadline: Deadline) -> tuple[Source, str]:
        """Tell what the document is, and the SHA-256 of its bytes.

        Raises:
            BadInput: It is not one that can be read.
            OcrError: See `Pool.run`.
        """
        args = (work.content, work.mime_type, self._settings.limits)
        ran = await self._run(
            work, Job(worker.probe, args, work.tenant, len(work.content)), deadline
        )
        return ran.value

    async def _run(self, work: Work, job: Job[T], deadline: Deadline) -> Ran[T]:
        run = self._pool.run_patiently if work.patient else self._pool.run
        return await run(job, deadline)
