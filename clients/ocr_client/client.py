"""The calls of the service as methods."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, Self, TypeAlias, TypeVar

import grpc
from google.protobuf.duration_pb2 import Duration

from ocr_client.channel import Address, open_channel
from ocr_client.errors import BadInput
from ocr_client.status import translate
from ocr_service.pb.ocr.v1 import api_key_service_pb2 as keys
from ocr_service.pb.ocr.v1 import batch_pb2 as batches
from ocr_service.pb.ocr.v1 import document_pb2 as documents
from ocr_service.pb.ocr.v1 import entity_pb2 as entities
from ocr_service.pb.ocr.v1 import ocr_service_pb2 as service
from ocr_service.pb.ocr.v1 import recognize_pb2 as recognition
from ocr_service.pb.ocr.v1.api_key_service_pb2_grpc import ApiKeyServiceStub
from ocr_service.pb.ocr.v1.ocr_service_pb2_grpc import OcrServiceStub

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path
    from types import TracebackType

DEFAULT_ADDRESS = "127.0.0.1:50051"
DEFAULT_TIMEOUT = 60.0
BATCH_TIMEOUT = 1800.0

BatchAnswer: TypeAlias = batches.BatchItemResult | batches.BatchItemError | batches.BatchSummary

Reply = TypeVar("Reply")
Part_co = TypeVar("Part_co", covariant=True)


class _Answers(Protocol[Part_co]):
    """What gRPC returns for a streaming call."""

    def __iter__(self) -> Iterator[Part_co]: ...
    def cancel(self) -> bool: ...


class OcrClient:
    """A connection to one server; use it from as many threads as you like.

    Calls that may run twice are sent again when the server answers UNAVAILABLE, with the pause
    that the server asks for; batches are not. Every method raises `OcrClientError`.

    Args:
        address: HOST:PORT, or https://HOST:PORT for TLS.
        api_key: The secret that `ocr keys issue` printed.
        tls: Encrypt; also switched on by an https address or any of the files.
        ca: PEM file of the authorities to trust; the system's by default.
        cert: PEM file of this client's certificate, for servers that ask for one.
        cert_key: PEM file of the certificate's private key.
        timeout: Seconds that a call may take unless it says otherwise.

    Example::

        with OcrClient("127.0.0.1:50051", api_key=key) as client:
            print(client.recognize(Path("receipt.jpg").read_bytes()).text)
    """

    def __init__(
        self,
        address: str = DEFAULT_ADDRESS,
        *,
        api_key: str = "",
        tls: bool = False,
        ca: Path | None = None,
        cert: Path | None = None,
        cert_key: Path | None = None,
        timeout: float = DEFAULT_TIMEOUT,
    ) -> None:
        where = Address.parse(address)
        if not (api_key.isascii() and api_key.isprintable()) or " " in api_key:
            raise BadInput("The API key must be one word of plain ASCII.", field="api_key")
        self._address = where.target
        self._metadata = (("x-api-key", api_key),) if api_key else ()
        self._timeout = timeout
        self._channel = open_channel(where, tls=tls, ca=ca, cert=cert, cert_key=cert_key)
        self._ocr = OcrServiceStub(self._channel)
        self._keys = ApiKeyServiceStub(self._channel)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connection; calls in progress end."""
        self._channel.close()

    def recognize(
        self,
        content: bytes,
        *,
        options: recognition.RecognizeOptions | None = None,
        mime_type: str = "",
        timeout: float | None = None,
    ) -> recognition.RecognizeResponse:
        """Read one image or document."""
        request = recognition.RecognizeRequest(
            content=content, mime_type=mime_type, options=options
        )
        return self._call(self._ocr.Recognize, request, timeout)

    def recognize_document(
        self,
        content: bytes,
        *,
        options: recognition.RecognizeOptions | None = None,
        mime_type: str = "",
        timeout: float | None = None,
    ) -> Iterator[documents.RecognizeDocumentResponse]:
        """Read one document; yield each page as soon as it is ready, in order."""
        request = documents.RecognizeDocumentRequest(
            content=content, mime_type=mime_type, options=options
        )
        seconds = self._timeout if timeout is None else timeout
        yield from self._stream(
            self._ocr.RecognizeDocument(request, timeout=seconds, metadata=self._metadata)
        )

    def batch(
        self,
        items: Iterable[batches.BatchItem],
        *,
        options: recognition.RecognizeOptions | None = None,
        in_order: bool = False,
        item_timeout: float = 0.0,
        timeout: float = BATCH_TIMEOUT,
    ) -> Iterator[BatchAnswer]:
        """Read many images through one call; yield an answer for each, and the summary last.

        Args:
            items: Taken one at a time, in a thread of their own, as fast as the server reads.
            options: For every item that has none of its own.
            in_order: Answer in the order of the items, not as they are ready.
            item_timeout: Seconds each item may take; 0 means the server's default.
            timeout: Seconds the whole call may take.

        Raises:
            OcrClientError: The whole stream failed; items without an answer were not read.
            Exception: Whatever `items` raised.
        """
        config = batches.BatchConfig(
            options=options,
            ordering=batches.ORDERING_IN_ORDER if in_order else batches.ORDERING_UNORDERED,
            item_timeout=Duration(
                seconds=int(item_timeout), nanos=int(item_timeout % 1 * 1_000_000_000)
            ),
        )
        failure: list[Exception] = []
        call = self._ocr.BatchRecognize(
            _batch_requests(config, items, failure), timeout=timeout, metadata=self._metadata
        )
        for message in self._stream(call):
            if message.HasField("result"):
                yield message.result
            elif message.HasField("error"):
                yield message.error
            elif failure:  # the stream ended early because of it
                raise failure[0]
            else:
                yield message.summary

    def find_entities(
        self,
        text: str,
        *,
        options: entities.EntityOptions | None = None,
        timeout: float | None = None,
    ) -> service.FindEntitiesResponse:
        """Find the sensitive data in plain text."""
        request = service.FindEntitiesRequest(text=text, options=options)
        return self._call(self._ocr.FindEntities, request, timeout)

    def redact(
        self, request: service.RedactRequest, *, timeout: float | None = None
    ) -> service.RedactResponse:
        """Paint over the sensitive data of a document."""
        return self._call(self._ocr.Redact, request, timeout)

    def capabilities(self, *, timeout: float | None = None) -> service.GetCapabilitiesResponse:
        """Return what the server can do."""
        return self._call(self._ocr.GetCapabilities, service.GetCapabilitiesRequest(), timeout)

    def issue_api_key(
        self, request: keys.IssueApiKeyRequest, *, timeout: float | None = None
    ) -> keys.IssueApiKeyResponse:
        """Make a key; the reply holds its secret, which is shown this once. Needs ADMIN."""
        return self._call(self._keys.IssueApiKey, request, timeout)

    def get_current_api_key(self, *, timeout: float | None = None) -> keys.ApiKey:
        """Return the key of this client, without its secret."""
        request = keys.GetCurrentApiKeyRequest()
        return self._call(self._keys.GetCurrentApiKey, request, timeout).api_key

    def list_api_keys(
        self, user_id: str = "", *, timeout: float | None = None
    ) -> Iterator[keys.ApiKey]:
        """Yield the keys of every state, newest first, page by page. Needs ADMIN.

        Args:
            user_id: Only this user's; empty for everybody's.
            timeout: Seconds that each page may take.
        """
        request = keys.ListApiKeysRequest(user_id=user_id)
        while True:
            reply = self._call(self._keys.ListApiKeys, request, timeout)
            yield from reply.api_keys
            if not reply.next_page_token:
                return
            request.page_token = reply.next_page_token

    def rotate_api_key(
        self, key_id: str, *, overlap: float | None = None, timeout: float | None = None
    ) -> keys.RotateApiKeyResponse:
        """Replace a key; the reply holds the new secret, which is shown this once. Needs ADMIN.

        Args:
            key_id: The old key.
            overlap: Seconds the old key still works; None for the server's default, 0 for none.
            timeout: Seconds the call may take.
        """
        request = keys.RotateApiKeyRequest(
            id=key_id, overlap=None if overlap is None else Duration(seconds=round(overlap))
        )
        return self._call(self._keys.RotateApiKey, request, timeout)

    def revoke_api_key(self, key_id: str, *, timeout: float | None = None) -> keys.ApiKey:
        """End a key, also if it has ended before. Needs ADMIN."""
        request = keys.RevokeApiKeyRequest(id=key_id)
        return self._call(self._keys.RevokeApiKey, request, timeout).api_key

    def _call(self, method: Callable[..., Reply], request: object, timeout: float | None) -> Reply:
        seconds = self._timeout if timeout is None else timeout
        try:
            return method(request, timeout=seconds, metadata=self._metadata)
        except grpc.RpcError as exc:
            raise translate(exc, self._address) from exc

    def _stream(self, call: _Answers[Reply]) -> Iterator[Reply]:
        try:
            yield from call
        except grpc.RpcError as exc:
            raise translate(exc, self._address) from exc
        finally:
            call.cancel()  # a caller who stops reading stops the server's work too


def _batch_requests(
    config: batches.BatchConfig, items: Iterable[batches.BatchItem], failure: list[Exception]
) -> Iterator[batches.BatchRecognizeRequest]:
    yield batches.BatchRecognizeRequest(config=config)
    try:
        for item in items:
            yield batches.BatchRecognizeRequest(item=item)
    except Exception as exc:  # noqa: BLE001 - gRPC's thread would only log it; raised by the reader
        failure.append(exc)
