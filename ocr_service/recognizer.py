"""From a request's fields to its reply: what all recognising RPCs share."""

import asyncio
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from functools import lru_cache, partial
from typing import TYPE_CHECKING, TypeVar

from ocr_service import call, convert, images, spread, worker
from ocr_service.api_keys import ApiKey, Scope
from ocr_service.byte_budget import ByteBudget
from ocr_service.cache import ResultCache
from ocr_service.config import Settings
from ocr_service.deadline import Deadline
from ocr_service.errors import ContentTooLarge, OptionInvalid
from ocr_service.images import Source
from ocr_service.metrics import Metrics
from ocr_service.observation import Observation
from ocr_service.options import EntityOptions, Options
from ocr_service.pb.ocr.v1 import ocr_service_pb2, recognize_pb2
from ocr_service.pool import Job, Pool
from ocr_service.rate_limits import RateLimits
from ocr_service.redact import Style

if TYPE_CHECKING:
    from ocr_service.tracing import Tracing

T = TypeVar("T")
_MAX_PADDING = 100  # pixels
_HASHED_HERE = 1 << 19  # bytes; some 0.3 ms, as long as a thread takes to get its turns
_REMEMBERED = 256  # options, of callers who ask alike again and again
_REMEMBERED_BYTES = 1024  # of encoded options; what is longer is checked each time
_MAX_TEXT = 1_000_000  # code points of FindEntities; some seconds of the hardest text


@dataclass(frozen=True, slots=True)
class Work:
    """A checked request, ready for the pool.

    Attributes:
        content: The document's bytes.
        mime_type: What the caller believes them to be.
        options: How to read them.
        detail: How much layout the reply holds.
        tenant: Who asks; keys take turns.
        user_id: Whose the key is; its keys share results, and rotation keeps them.
        patient: Wait for room in the queue instead of being refused.
        cache_policy: How the result cache is used.
        content_sha256: Of the bytes, hexadecimal; empty where it was not computed yet.
    """

    content: bytes
    mime_type: str
    options: Options
    detail: recognize_pb2.DetailLevel.ValueType
    tenant: str
    user_id: str
    patient: bool
    cache_policy: recognize_pb2.CachePolicy.ValueType
    content_sha256: str = ""


class Recognizer:
    """Checks requests, answers them from the cache or the pool, completes their replies.

    Attributes:
        held: What patient callers hold in memory while they wait, all together.
    """

    def __init__(
        self,
        pool: Pool,
        settings: Settings,
        cache: ResultCache | None,
        limits: RateLimits,
        metrics: Metrics,
        tracing: "Tracing | None",
    ) -> None:
        """Without a cache everything is computed."""
        self.held = ByteBudget(settings.queue_bytes)
        self._pool = pool
        self._settings = settings
        self._cache = cache
        self._limits = limits
        self._document_limits = settings.limits
        self._metrics = metrics
        self._tracing = tracing
        self._remembered = lru_cache(_REMEMBERED)(self._check)

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
        self._document_limits.check_bytes(len(content))
        encoded = options.SerializeToString(deterministic=True)
        check = self._remembered if len(encoded) <= _REMEMBERED_BYTES else self._check
        return Work(
            content,
            mime_type,
            check(encoded, Scope.UNMASKED in caller.scopes),
            options.detail,
            caller.id,
            caller.user_id,
            patient,
            options.cache_policy,
        )

    async def recognize(self, work: Work, deadline: Deadline) -> bytes:
        """Read the document, or find what was read before; returns an encoded RecognizeResponse.

        Raises:
            OcrError: See `Pool.run` and `worker.recognize`.
        """
        began = time.monotonic()
        timings = recognize_pb2.Timings()  # of this call; a run for another call is not in it
        encoded, status = await self._answer(work, deadline, timings)
        await self._limits.count_pages(work.tenant, lambda: _pages(encoded))
        timings.total.FromMicroseconds(round((time.monotonic() - began) * 1e6))
        ending = recognize_pb2.RecognizeResponse(cache_status=status, timings=timings)
        # Encoded messages that stand one after the other are one message.
        reply = encoded + ending.SerializeToString()
        self._observe(Observation.of_reply(reply, status), began)
        return reply

    async def _answer(
        self, work: Work, deadline: Deadline, timings: recognize_pb2.Timings
    ) -> tuple[bytes, recognize_pb2.CacheStatus.ValueType]:
        """Return an encoded RecognizeResponse, and where it came from."""
        if self._cache is None or work.cache_policy == recognize_pb2.CACHE_POLICY_NO_STORE:
            return await self._read(work, deadline, timings), recognize_pb2.CACHE_STATUS_BYPASS
        digest = work.content_sha256 or await _sha256(work.content)
        question = _question(work.options, work.detail)
        key = self._cache.key(work.user_id, digest, work.mime_type, question)
        if work.cache_policy == recognize_pb2.CACHE_POLICY_REFRESH:
            read = partial(self._read, work, deadline, timings)
            return await self._cache.renew(key, read), recognize_pb2.CACHE_STATUS_BYPASS
        # It is shared, and may outlive this caller: each waits as long as its own deadline allows.
        read = partial(self._read, work, Deadline.after(self._settings.max_deadline), timings)
        encoded, hit = await self._cache.answer(
            key, read, deadline, size=len(work.content), patient=work.patient
        )
        return encoded, recognize_pb2.CACHE_STATUS_HIT if hit else recognize_pb2.CACHE_STATUS_MISS

    async def _read(self, work: Work, deadline: Deadline, timings: recognize_pb2.Timings) -> bytes:
        """Read in as many workers as it pays; returns an encoded RecognizeResponse.

        Fills the timings.
        """
        runs = await self._runs(work, deadline)
        if len(runs) == 1:
            encoded, taken = await self._read_run(work, deadline, runs[0])
        else:
            work = replace(work, patient=True)  # the workers were idle just now
            encoded, taken = await spread.read(runs, partial(self._read_run, work, deadline))
        timings.MergeFrom(taken)
        return encoded

    async def _runs(self, work: Work, deadline: Deadline) -> list[spread.Pages]:
        """Which pages each worker is to read: one all of them, unless others are idle."""
        pages = work.options.pages
        if (
            self._pool.idle < 2
            or len(pages) == 1
            or work.options.outputs  # are made of all pages together
            or not images.may_have_pages(work.content)
        ):
            return [pages]
        source, _ = await self.probe(work, deadline)
        return spread.cut(images.select(pages, source.page_count), max(1, self._pool.idle))

    async def _read_run(self, work: Work, deadline: Deadline, pages: spread.Pages) -> spread.Read:
        """Run the pipeline in the pool, for these pages."""
        options = replace(work.options, pages=pages)
        job = _job(work, worker.recognize, options, self._document_limits, work.detail)
        ran = await self._pool.run(job, deadline)
        encoded, stages = ran.value
        timings = recognize_pb2.Timings.FromString(stages)
        timings.queue.CopyFrom(convert.duration(ran.queued))
        return encoded, timings

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
        began = time.monotonic()
        limits = self._document_limits
        job = _job(work, worker.redact_document, work.options, limits, style, padding)
        ran = await self._pool.run(job, deadline)
        encoded, pages = ran.value
        await self._limits.count_pages(work.tenant, lambda: pages)
        response = ocr_service_pb2.RedactResponse.FromString(encoded)
        self._observe(Observation.of_findings(ran.queued, response.entities), began)
        return response

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
        began = time.monotonic()
        job = Job(worker.find_entities, (text, options), caller.id, len(text))
        ran = await self._pool.run(job, deadline)
        response = ocr_service_pb2.FindEntitiesResponse.FromString(ran.value)
        self._observe(Observation.of_findings(ran.queued, response.entities), began)
        return response

    async def probe(self, work: Work, deadline: Deadline) -> tuple[Source, str]:
        """Tell what the document is, and the SHA-256 of its bytes.

        Raises:
            BadInput: It is not one that can be read.
            OcrError: See `Pool.run`.
        """
        ran = await self._pool.run(_job(work, worker.probe, self._document_limits), deadline)
        mime_type, page_count, digest = ran.value
        return Source(mime_type, page_count), digest

    def _observe(self, seen: Observation, began: float) -> None:
        self._metrics.add(seen)
        call.current().tally.add(seen)
        if self._tracing is not None:
            self._tracing.reply(seen, began)

    def _check(self, encoded: bytes, unmasked: bool) -> Options:
        options = recognize_pb2.RecognizeOptions.FromString(encoded)
        return convert.options_from_proto(options, self._settings, unmasked=unmasked)


def _job(work: Work, function: Callable[..., T], *args: object) -> Job[T]:
    """A job on the document of a request."""
    size = len(work.content)
    return Job(function, (work.content, work.mime_type, *args), work.tenant, size, work.patient)


def _pages(encoded: bytes) -> int:
    return len(recognize_pb2.RecognizeResponse.FromString(encoded).pages)


@lru_cache(_REMEMBERED)
def _question(options: Options, detail: recognize_pb2.DetailLevel.ValueType) -> str:
    """A digest of all options that decide a reply; sets are sorted, or equal ones would differ."""
    text = json.dumps(asdict(options) | {"detail": detail}, sort_keys=True, default=sorted)
    return hashlib.sha256(text.encode()).hexdigest()


async def _sha256(content: bytes) -> str:
    if len(content) > _HASHED_HERE:
        return (await asyncio.to_thread(hashlib.sha256, content)).hexdigest()
    return hashlib.sha256(content).hexdigest()
