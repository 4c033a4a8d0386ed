"""The contract's RPCs at the addresses that gateway.yaml gives them."""

from collections.abc import Callable, Generator

from flask import Flask, Response, request
from google.protobuf.message import Message

from ocr_service.gateway.batch import Batch
from ocr_service.gateway.bindings import Binding, bindings
from ocr_service.gateway.front import Front, reply, send_stream
from ocr_service.gateway.request import from_http


def add_routes(app: Flask, front: Front) -> None:
    """Serve every binding."""
    for binding in bindings():
        view = _view(binding, front)
        app.add_url_rule(binding.rule, binding.method.full_name, view, methods=[binding.verb])


def _view(binding: Binding, front: Front) -> Callable[..., Response]:
    method = binding.method

    def unary(**path: str) -> Response:
        message = from_http(binding, request, path, front.max_file_bytes)
        return reply(front.call(method, message))

    def server_stream(**path: str) -> Response:
        message = from_http(binding, request, path, front.max_file_bytes)
        return send_stream(answers(message))

    def answers(message: Message) -> Generator[Message]:
        with front.stream(method, message) as replies:
            yield from replies

    def both_streams() -> Response:
        return send_stream(Batch(front, request).answers(method))

    if method.client_streaming:
        return both_streams
    return server_stream if method.server_streaming else unary
