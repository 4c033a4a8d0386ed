"""What is fuzzed: bytes in, nothing out, and an exception where a promise is broken.

Each target reads its input so that a person can write one: text stays text, a file stays a file.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from io import BytesIO
from typing import Any

from flask import Flask
from google.protobuf.message import DecodeError
from google.protobuf.message_factory import GetMessageClass
from werkzeug.test import run_wsgi_app

from ocr_service import entities, images
from ocr_service.api_keys import ApiKey
from ocr_service.batch import Batch
from ocr_service.byte_budget import ByteBudget
from ocr_service.config import Settings
from ocr_service.deadline import Deadline
from ocr_service.errors import BadInput, ContentUndecodable
from ocr_service.gateway.app import create_app
from ocr_service.gateway.bindings import bindings
from ocr_service.images import Limits
from ocr_service.lifecycle import Lifecycle
from ocr_service.pb.ocr.v1 import batch_pb2, recognize_pb2
from ocr_service.pb.ocr.v1.batch_pb2 import BatchRecognizeRequest, BatchRecognizeResponse
from ocr_service.rate_limits import RateLimits

LIMITS = Limits(max_bytes=100_000, max_pixels=250_000, max_side=2000, max_pages=8)
SETTINGS = Settings(workers=2, max_content_bytes=50_000)
REGIONS = ((), ("TR",), ("US", "GB"), ("DE", "FR", "IN"), ("", "xx", "ZZZ"))
_MOST_TEXT = 3000  # code points; the time for a text is bounded by its length


def decode(content: bytes) -> None:
    """Any file gives pages within the limits, or a refusal."""
    try:
        source, pages = images.decode(content, "", (), images.pdf.MIN_DPI, LIMITS)
        count = 0
        for page in pages:
            count += 1
            assert page.number == count
            assert page.pixels.dtype == "uint8"
            assert page.pixels.ndim in {2, 3}
            assert 0 < page.width * page.height <= LIMITS.max_pixels
        assert count == source.page_count
    except BadInput as error:
        assert error.field  # noqa: PT017 - both ends are good ones


def find_entities(content: bytes) -> None:
    """Any text gives findings that stand in it, in order, with masks as long as what they hide."""
    regions = REGIONS[content[0] % len(REGIONS)] if content else ()
    text = content[1:].decode("utf-8", "replace")[:_MOST_TEXT]
    found = entities.find(text, regions=regions)
    end = 0
    for one in found:
        assert end <= one.start < one.end <= len(text)
        assert one.text == text[one.start : one.end]
        assert len(one.masked) == len(one.text)
        assert 0 <= one.confidence <= 1
        end = one.end
    assert len(entities.mask(text, found)) == len(text)


def batch(content: bytes) -> None:
    """Whatever the messages and their order, each item has one answer and the sums are right."""
    requests = list(_requests(content))
    _loop().run_until_complete(_run_batch(requests))


def gateway(content: bytes) -> None:
    """Whatever comes by HTTP, the answer is one, and no error of ours.

    The first two bytes choose address and media type; up to a NUL goes the query, then the body.
    """
    choice, kind, rest = content[:1], content[1:2], content[2:]
    verb, path = _PLACES[(choice or b"\0")[0] % len(_PLACES)]
    query, _, body = rest.partition(b"\0")
    environ = {
        "REQUEST_METHOD": verb,
        "SCRIPT_NAME": "",
        "PATH_INFO": path,
        "QUERY_STRING": query.decode("latin-1"),
        "CONTENT_TYPE": MEDIA_TYPES[(kind or b"\0")[0] % len(MEDIA_TYPES)],
        "CONTENT_LENGTH": str(len(body)),
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "REMOTE_ADDR": "127.0.0.1",
        "HTTP_X_API_KEY": "a-key",
        "wsgi.url_scheme": "http",
        "wsgi.input": BytesIO(body),
        "wsgi.version": (1, 0),
        "wsgi.input_terminated": True,
    }
    answer, status, _ = run_wsgi_app(_app(), environ)
    said = b"".join(answer)
    assert status
    assert b'"code":500' not in said, said  # service B says 500 too, of what cannot be read


TARGETS = {"decode": decode, "find_entities": find_entities, "batch": batch, "gateway": gateway}
MEDIA_TYPES = (
    "application/json",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "image/png",
    "application/x-ndjson",
    "",
    "multipart/form-data",
    "text/plain; charset=utf-16",
)
_PLACES = (
    *((binding.verb, binding.path.replace("{id}", "key-1")) for binding in bindings()),
    *(("POST", path) for path in ("/generate_api_key", "/ocr_process", "/batch_process")),
    *(("POST", path) for path in ("/ocr", "/extract", "/")),
)
PATHS = tuple(path for _, path in _PLACES)


@cache
def _loop() -> asyncio.AbstractEventLoop:
    return asyncio.new_event_loop()


@cache
def _rate_limits() -> RateLimits:
    return RateLimits(SETTINGS)


def _requests(content: bytes) -> Iterator[BatchRecognizeRequest]:
    """Messages as they are encoded, each behind a byte with its length; a broken one is skipped."""
    while content:
        length, content = content[0], content[1:]
        with suppress(DecodeError):  # which gRPC refuses before we see it
            yield BatchRecognizeRequest.FromString(content[:length])
        content = content[length:]


async def _run_batch(requests: list[BatchRecognizeRequest]) -> None:
    lifecycle = Lifecycle()

    async def sent() -> AsyncIterator[BatchRecognizeRequest]:
        for request in requests:
            if request.item.mime_type == "drain":
                lifecycle.draining.set()
            await asyncio.sleep(0)
            yield request

    recognizer: Any = FakeRecognizer()
    stream = Batch(recognizer, SETTINGS, lifecycle, _rate_limits(), CALLER)
    results: list[str] = []
    errors: list[str] = []
    summary: batch_pb2.BatchSummary | None = None
    try:
        async for answer in stream.answers(sent(), Deadline.after(60)):
            assert summary is None
            kind = answer.WhichOneof("message")
            if kind == "summary":
                summary = answer.summary
            else:
                (results if kind == "result" else errors).append(getattr(answer, str(kind)).item_id)
    except BadInput:
        return
    assert summary is not None
    assert summary.succeeded == len(results)
    assert summary.failed + summary.cancelled == len(errors)
    answered = len(results) + len(errors)
    assert summary.received == answered + len(summary.unprocessed_item_ids)
    if not summary.drained:
        assert sum(request.WhichOneof("message") == "item" for request in requests) == answered


class FakeRecognizer:
    """Takes as many turns for an item as its content is long, then reads it or, if odd, fails."""

    def __init__(self) -> None:
        self.held = ByteBudget(SETTINGS.queue_bytes)

    def work(self, content: bytes, *_: object, **__: object) -> bytes:
        if not content:
            raise ContentUndecodable("Send bytes.", field="content")
        return content

    async def recognize(self, work: bytes, _: Deadline) -> bytes:
        for _turn in range(len(work) % 16):
            await asyncio.sleep(0)
        if work[0] % 4 == 1:
            raise ContentUndecodable("Damaged.", field="content")
        if work[0] % 4 == 3:
            raise RuntimeError
        return recognize_pb2.RecognizeResponse(text="read").SerializeToString()


CALLER = ApiKey(
    id="id",
    user_id="user",
    description="",
    display_prefix="",
    scopes=frozenset(),
    create_time=datetime(2026, 1, 1, tzinfo=UTC),
    expire_time=datetime(2027, 1, 1, tzinfo=UTC),
)


@cache
def _app() -> Flask:
    return create_app(SETTINGS, FakeBackend(), 8)  # type: ignore[arg-type]


class FakeBackend:
    """A service that answers everything with an empty reply, and takes all that is sent."""

    def unary(self, method: Any, request: Any, *_: object) -> Any:
        request.SerializeToString()
        return GetMessageClass(method.output_type)()

    @contextmanager
    def stream(self, method: Any, request: Any, *_: object) -> Iterator[Any]:
        if not isinstance(request, Iterator):
            yield iter([GetMessageClass(method.output_type)()])
            return
        answers = []
        for message in request:
            message.SerializeToString()
            result = batch_pb2.BatchItemResult(item_id=message.item.item_id)
            answers.append(BatchRecognizeResponse(result=result))
        answers.append(BatchRecognizeResponse(summary=batch_pb2.BatchSummary()))
        yield iter(answers)

    def is_serving(self) -> bool:
        return True
