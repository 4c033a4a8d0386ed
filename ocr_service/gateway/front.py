"""What every endpoint does alike: ask who calls, call the service, send what comes back."""

import json
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Any

import grpc
from flask import Response, g, request
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

from ocr_service.config import Settings
from ocr_service.errors import Cancelled
from ocr_service.gateway.caller import Anonymous, Caller, key_of, timeout_of, trace_of
from ocr_service.gateway.calls import Backend
from ocr_service.gateway.refusal import Refusal
from ocr_service.gateway.to_json import to_json

NDJSON = "application/x-ndjson"


class Front:
    """The service, as endpoints call it on behalf of the HTTP request at hand.

    Attributes:
        settings: What the operator chose.
        max_file_bytes: Of one file. Larger than the service's limit, which has the better error.
    """

    def __init__(self, settings: Settings, backend: Backend) -> None:
        self.settings = settings
        self.max_file_bytes = 2 * settings.max_content_bytes
        self._backend = backend
        self._anonymous = Anonymous(settings)

    def call(self, method: MethodDescriptor, message: Message, secret: str = "") -> Any:
        """Return the service's reply.

        Args:
            method: The RPC.
            message: Its request.
            secret: The key, if it stands elsewhere than in the headers of the contract.

        Raises:
            Refusal: There is none.
        """
        try:
            return self._backend.unary(method, message, self._caller(secret), _gone())
        except grpc.RpcError as exc:
            raise Refusal.of_rpc(exc) from exc
        except grpc.FutureCancelledError as exc:  # nobody is there any more to read it
            raise Refusal.of(Cancelled("The call was stopped.")) from exc

    @contextmanager
    def stream(
        self, method: MethodDescriptor, message: Message | Iterator[Message], secret: str = ""
    ) -> Iterator[Iterator[Message]]:
        """Open a call that is answered by a stream; its errors are refusals."""
        with self._backend.stream(method, message, self._caller(secret), _gone()) as answers:
            yield _translated(answers)

    def _caller(self, secret: str) -> Caller:
        secret = secret or key_of(request) or self._anonymous.key_for(request)
        return Caller(secret, g.request_id, timeout_of(request), trace_of(request))


def reply(message: Message) -> Response:
    """The message as JSON."""
    return Response(to_json(message).encode(), mimetype="application/json")


def send(value: Any, status: int = 200) -> Response:
    """The value as JSON in UTF-8."""
    return Response(_json(value), status, mimetype="application/json")


def send_stream(messages: Generator[Message]) -> Response:
    """The messages as lines of JSON, each sent when it comes.

    An error before the first message is an error of the request; later it is the last line.

    Raises:
        Refusal: There was no first message.
    """
    lines = _lines(messages)
    first = next(lines)
    response = Response(chain([first], lines), mimetype=NDJSON)
    response.call_on_close(lines.close)
    return response


def _lines(messages: Generator[Message]) -> Generator[bytes]:
    sent = False
    try:
        for message in messages:
            yield to_json(message).encode() + b"\n"
            sent = True
    except Refusal as refusal:
        if not sent:
            raise
        yield _json(refusal.body) + b"\n"
    finally:
        messages.close()


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _translated(answers: Any) -> Iterator[Message]:
    try:
        yield from answers
    except grpc.RpcError as exc:
        raise Refusal.of_rpc(exc) from exc


def _gone() -> Any:
    return request.environ.get("waitress.client_disconnected", lambda: False)
