"""Many images through one HTTP request, answered while they still come.

The body is lines of JSON, each a BatchRecognizeRequest, or a form with many files. It is read as
fast as the service takes items, so what waits is in the sender's hands and not in memory here.
"""

from collections.abc import Generator, Iterable, Iterator
from typing import IO

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from werkzeug.exceptions import BadRequest
from werkzeug.wrappers import Request

from ocr_service.errors import MediaTypeUnsupported, StreamProtocol
from ocr_service.gateway import multipart
from ocr_service.gateway.front import NDJSON, Front
from ocr_service.gateway.refusal import Refusal, too_large
from ocr_service.gateway.request import fill, from_json, nest
from ocr_service.pb.ocr.v1.batch_pb2 import (
    BatchConfig,
    BatchItem,
    BatchRecognizeRequest,
    BatchRecognizeResponse,
)

_CHUNK = 64 << 10
_LINES = (NDJSON, "application/jsonl", "application/json", "")


class Batch:
    """One request and what becomes of it."""

    def __init__(self, front: Front, request: Request) -> None:
        self._front = front
        self._request = request
        self._failure: Refusal | None = None

    def answers(self, method: MethodDescriptor) -> Generator[Message]:
        """Yield the service's answers.

        A body that breaks off or makes no sense ends the batch: what was taken is answered,
        then the error is raised in the summary's place.

        Raises:
            Refusal: The service refused the call, or the body is broken.
        """
        with self._front.stream(method, self._taken(self._requests())) as replies:
            for reply in replies:
                is_last = isinstance(reply, BatchRecognizeResponse) and reply.HasField("summary")
                if is_last and self._failure is not None:
                    raise self._failure
                yield reply

    def _taken(self, requests: Iterable[Message]) -> Iterator[Message]:
        """Keep a failure for the one who answers: gRPC reads this from a thread of its own."""
        try:
            yield from requests
        except Refusal as refusal:
            self._failure = refusal
        except (OSError, BadRequest):  # the second is what Werkzeug makes of the first
            text = "The body ended before its end. Send the items without an answer again."
            self._failure = Refusal.of(StreamProtocol(text))

    def _requests(self) -> Iterator[Message]:
        media_type, stream = self._request.mimetype, self._request.stream
        if media_type == multipart.MEDIA_TYPE:
            content_type = self._request.headers["Content-Type"]
            return _from_form(multipart.read(stream, content_type, self._front.max_file_bytes))
        if media_type in _LINES:
            return _from_lines(stream, self._front.max_file_bytes)
        raise Refusal.of(MediaTypeUnsupported(f"Send {NDJSON} or {multipart.MEDIA_TYPE}."), 415)


def _from_lines(stream: IO[bytes], max_bytes: int) -> Iterator[Message]:
    for line in _lines(stream, max_bytes):
        if line.strip():
            message = BatchRecognizeRequest()
            fill(message, from_json(line))
            yield message


def _lines(stream: IO[bytes], max_bytes: int) -> Iterator[bytes]:
    line = bytearray()
    while chunk := stream.read(_CHUNK):
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            yield bytes(line + end)
            line = bytearray()
        line += rest
        if len(line) > max_bytes:
            raise too_large()
    yield bytes(line)


def _from_form(parts: Iterator[multipart.Part]) -> Iterator[Message]:
    fields: list[tuple[str, str]] = []
    names: set[str] = set()
    for part in parts:
        if part.filename is not None:
            if not names:
                yield _config(fields)
            name = _unlike(names, part.filename or part.name)
            yield BatchRecognizeRequest(item=BatchItem(item_id=name, content=part.content))
        elif names:
            raise Refusal.of(StreamProtocol("Send the form's options before its files."))
        else:
            fields.append((part.name, part.text))


def _config(fields: list[tuple[str, str]]) -> BatchRecognizeRequest:
    request = BatchRecognizeRequest(config=BatchConfig())
    fill(request.config, nest(BatchConfig.DESCRIPTOR, fields))
    return request


def _unlike(names: set[str], name: str) -> str:
    """Return the name, with a number if it was there already."""
    found, number = name, 1
    while found in names:
        number += 1
        found = f"{name} ({number})"
    names.add(found)
    return found
