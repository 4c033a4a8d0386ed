"""What the older services' clients send, and what they are told when it does not do."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, request
from google.rpc import error_details_pb2

from ocr_service.gateway import multipart
from ocr_service.gateway.front import Front, send
from ocr_service.gateway.refusal import Refusal
from ocr_service.gateway.request import from_json
from ocr_service.pb.ocr.v1 import ocr_service_pb2, recognize_pb2

RPCS = ocr_service_pb2.DESCRIPTOR.services_by_name["OcrService"].methods_by_name
_FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Asked:
    """A request's parts.

    Attributes:
        fields: Of a form or a JSON object, and headers of these names, which A's clients use.
        files: Of a form, by the field's name.
    """

    fields: dict[str, Any]
    files: dict[str, bytes]

    @classmethod
    def read(cls, front: Front, headers: tuple[str, ...] = ()) -> "Asked":
        """Read the request at hand.

        Raises:
            Refusal: It is broken or too large.
        """
        fields: dict[str, Any] = {}
        files: dict[str, bytes] = {}
        if request.mimetype == multipart.MEDIA_TYPE:
            content_type = request.headers["Content-Type"]
            for part in multipart.read(request.stream, content_type, front.max_file_bytes):
                if part.filename is None:
                    fields[part.name] = part.text
                else:
                    files.setdefault(part.name, part.content)
        elif request.is_json:
            fields = from_json(request.get_data())
        elif request.mimetype == _FORM:
            fields = request.form.to_dict()
        fields |= {name: request.headers[name] for name in headers if name in request.headers}
        return cls(fields, files)

    def text(self, name: str) -> str:
        """Return a field, empty if it is not there or no text."""
        value = self.fields.get(name, "")
        return value if isinstance(value, str) else ""


def recognize(
    front: Front, content: bytes, options: recognize_pb2.RecognizeOptions, secret: str = ""
) -> recognize_pb2.RecognizeResponse:
    """Return what stands on the image.

    Raises:
        Refusal: The service refused it.
    """
    message = recognize_pb2.RecognizeRequest(content=content, options=options)
    reply: recognize_pb2.RecognizeResponse = front.call(RPCS["Recognize"], message, secret)
    return reply


def text_only(
    engine: "recognize_pb2.Engine.ValueType" = recognize_pb2.ENGINE_UNSPECIFIED,
) -> recognize_pb2.RecognizeOptions:
    """Options for a caller who wants the text and nothing else."""
    options = recognize_pb2.RecognizeOptions(engine=engine, detail=recognize_pb2.DETAIL_LEVEL_TEXT)
    options.entities.skip = True
    return options


def reason_of(refusal: Refusal) -> str:
    """The stable reason, as in ErrorInfo."""
    info = error_details_pb2.ErrorInfo()
    return info.reason if refusal.status.details and refusal.status.details[0].Unpack(info) else ""


def error(message: str, status: int) -> Response:
    """An error as all three services tell it."""
    return send({"error": message}, status)


def answering(view: Callable[[], Response], refused: Callable[[Refusal], Response]) -> Any:
    """Return the view with its refusals told in the older service's way."""

    def answer() -> Response:
        try:
            return view()
        except Refusal as refusal:
            response = refused(refusal)
            response.headers.extend(refusal.headers)
            return response

    return answer
