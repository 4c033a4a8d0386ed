"""Servers that misbehave in one way each, for tests of the client."""

import threading
from collections.abc import Iterator, Sequence
from concurrent import futures
from contextlib import contextmanager
from typing import Any

import grpc
from typing_extensions import override

from ocr_service.pb.ocr.v1 import api_key_service_pb2 as keys
from ocr_service.pb.ocr.v1 import batch_pb2 as batches
from ocr_service.pb.ocr.v1 import ocr_service_pb2 as service
from ocr_service.pb.ocr.v1 import recognize_pb2 as recognition
from ocr_service.pb.ocr.v1.api_key_service_pb2_grpc import (
    ApiKeyServiceServicer,
    add_ApiKeyServiceServicer_to_server,
)
from ocr_service.pb.ocr.v1.entity_pb2 import SensitiveEntity
from ocr_service.pb.ocr.v1.ocr_service_pb2_grpc import (
    OcrServiceServicer,
    add_OcrServiceServicer_to_server,
)

UNAVAILABLE = 14


# A servicer without all of the calls is abstract to the type checker only.
_Servicers: Any = type("_Servicers", (OcrServiceServicer, ApiKeyServiceServicer), {})


class Fake(_Servicers):  # type: ignore[misc]
    """Knows no call but GetCapabilities; counts what it is asked."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    @override
    def GetCapabilities(
        self, request: service.GetCapabilitiesRequest, context: grpc.ServicerContext
    ) -> service.GetCapabilitiesResponse:
        return service.GetCapabilitiesResponse(version="fake")


class UnavailableOnce(Fake):
    """Refuses the first call as a restarting server does, then echoes the length of the content.

    Args:
        pushback: Milliseconds it asks the client to wait; negative forbids a retry.
    """

    def __init__(self, pushback: int | None = None) -> None:
        super().__init__()
        self._pushback = pushback

    @override
    def Recognize(
        self, request: recognition.RecognizeRequest, context: grpc.ServicerContext
    ) -> recognition.RecognizeResponse:
        self._refuse_first(context)
        return recognition.RecognizeResponse(text=str(len(request.content)))

    @override
    def IssueApiKey(
        self, request: keys.IssueApiKeyRequest, context: grpc.ServicerContext
    ) -> keys.IssueApiKeyResponse:
        self._refuse_first(context)
        return keys.IssueApiKeyResponse(api_key=keys.ApiKey(id="made twice"))

    @override
    def RotateApiKey(
        self, request: keys.RotateApiKeyRequest, context: grpc.ServicerContext
    ) -> keys.RotateApiKeyResponse:
        self._refuse_first(context)
        return keys.RotateApiKeyResponse(api_key=keys.ApiKey(id="made twice"))

    @override
    def RevokeApiKey(
        self, request: keys.RevokeApiKeyRequest, context: grpc.ServicerContext
    ) -> keys.RevokeApiKeyResponse:
        self._refuse_first(context)
        return keys.RevokeApiKeyResponse(api_key=keys.ApiKey(id=request.id))

    def _refuse_first(self, context: grpc.ServicerContext) -> None:
        self.calls += 1
        if self.calls == 1:
            if self._pushback is not None:
                context.set_trailing_metadata((("grpc-retry-pushback-ms", str(self._pushback)),))
            context.abort(grpc.StatusCode.UNAVAILABLE, "restarting")


class Refuses(Fake):
    """Answers every Recognize with one status, without the service's own details."""

    def __init__(self, code: grpc.StatusCode, details: bytes = b"") -> None:
        super().__init__()
        self._code = code
        self._details = details

    @override
    def Recognize(
        self, request: recognition.RecognizeRequest, context: grpc.ServicerContext
    ) -> recognition.RecognizeResponse:
        if self._details:
            context.set_trailing_metadata((("grpc-status-details-bin", self._details),))
        context.abort(self._code, "said by a proxy")


class Finder(Fake):
    """Finds the whole text to be an entity; its redacted documents are larger than 4 MiB."""

    @override
    def FindEntities(
        self, request: service.FindEntitiesRequest, context: grpc.ServicerContext
    ) -> service.FindEntitiesResponse:
        return service.FindEntitiesResponse(entities=[SensitiveEntity(text=request.text)])

    @override
    def Redact(
        self, request: service.RedactRequest, context: grpc.ServicerContext
    ) -> service.RedactResponse:
        return service.RedactResponse(content=bytes(6 << 20))


class Batches(Fake):
    """Reads batches, each call by the next line of a script; the last line is for all others.

    Lines are: ``reads`` all; ``drains`` or ``breaks`` after the first item; ``stalls`` after the
    first item until the client goes; ``busy`` with every item; ``refuses`` the whole stream;
    ``says nothing`` and ends.
    """

    def __init__(self, *script: str) -> None:
        super().__init__()
        self._script = script

    @override
    def BatchRecognize(
        self,
        request_iterator: Iterator[batches.BatchRecognizeRequest],
        context: grpc.ServicerContext,
    ) -> Iterator[batches.BatchRecognizeResponse]:
        line = self._script[min(self.calls, len(self._script) - 1)]
        self.calls += 1
        if line == "refuses":
            context.abort(grpc.StatusCode.INVALID_ARGUMENT, "no such option")
        if line == "says nothing":
            return
        for received, request in enumerate(request_iterator):
            if request.HasField("config"):
                continue
            if received > 1 and line != "reads" and line != "busy":
                yield from self._misbehave(line, request.item.item_id, context)
                return
            yield self._answer(line, request.item)
        yield batches.BatchRecognizeResponse(summary=batches.BatchSummary())

    def _answer(self, line: str, item: batches.BatchItem) -> batches.BatchRecognizeResponse:
        if line == "busy":
            error = batches.BatchItemError(
                item_id=item.item_id, code=UNAVAILABLE, reason="OVERLOADED", message="Later."
            )
            return batches.BatchRecognizeResponse(error=error)
        response = recognition.RecognizeResponse(text=item.content.decode())
        result = batches.BatchItemResult(item_id=item.item_id, response=response)
        return batches.BatchRecognizeResponse(result=result)

    def _misbehave(
        self, line: str, item_id: str, context: grpc.ServicerContext
    ) -> Iterator[batches.BatchRecognizeResponse]:
        if line == "breaks":
            context.abort(grpc.StatusCode.UNAVAILABLE, "Socket closed")
        if line == "stalls":
            gone = threading.Event()
            if context.add_callback(gone.set):
                gone.wait()
            return
        summary = batches.BatchSummary(drained=True, unprocessed_item_ids=[item_id])
        yield batches.BatchRecognizeResponse(summary=summary)


@contextmanager
def serving(fake: Fake, credentials: grpc.ServerCredentials | None = None) -> Iterator[str]:
    """Run a server with the fake on a free port of this machine; yield HOST:PORT."""
    options: Sequence[tuple[str, int]] = [
        ("grpc.so_reuseport", 0),
        ("grpc.max_receive_message_length", -1),
    ]
    server = grpc.server(futures.ThreadPoolExecutor(4), options=options)
    add_OcrServiceServicer_to_server(fake, server)
    add_ApiKeyServiceServicer_to_server(fake, server)
    if credentials is None:
        port = server.add_insecure_port("127.0.0.1:0")
    else:
        port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    try:
        yield f"127.0.0.1:{port}"
    finally:
        server.stop(None).wait()
