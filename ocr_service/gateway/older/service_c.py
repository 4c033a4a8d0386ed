"""Service C: an image in a form or as the body, its text and sensitive data in JSON.

200 with both, 204 if there is neither, 400 if it cannot be read.
"""

from collections.abc import Callable

from flask import Response, request
from google.protobuf.json_format import MessageToDict

from ocr_service.gateway import multipart
from ocr_service.gateway.front import Front, send
from ocr_service.gateway.older.asked import Asked, answering, error, recognize
from ocr_service.gateway.refusal import Refusal
from ocr_service.pb.ocr.v1 import entity_pb2, recognize_pb2

_SHOWN = ("text", "value", "confidence", "validation", "start", "end")


def views(front: Front) -> dict[str, Callable[[], Response]]:
    """Return the endpoint by its two paths."""

    def extract() -> Response:
        image = _image(front)
        if not image:
            return error("No image provided. Send it in a form, or its bytes as the body.", 400)
        options = recognize_pb2.RecognizeOptions(detail=recognize_pb2.DETAIL_LEVEL_TEXT)
        reply = recognize(front, image, options)
        if not reply.text.strip() and not reply.entities:
            return Response(status=204)
        return send({"text": reply.text, "entities": [_short(found) for found in reply.entities]})

    view = answering(extract, _refused)
    return {"/extract": view, "/": view}


def _image(front: Front) -> bytes:
    """The first file of a form, or the whole body whatever type it claims to be."""
    if request.mimetype == multipart.MEDIA_TYPE:
        return next(iter(Asked.read(front).files.values()), b"")
    return request.get_data(cache=False)


def _short(found: entity_pb2.SensitiveEntity) -> dict[str, object]:
    entity = MessageToDict(found, always_print_fields_with_no_presence=True)
    kind = str(entity["type"]).removeprefix("ENTITY_TYPE_")
    checked = str(entity["validation"]).removeprefix("VALIDATION_")
    return {"type": kind, **{name: entity[name] for name in _SHOWN}, "validation": checked}


def _refused(refusal: Refusal) -> Response:
    return error(refusal.status.message, refusal.http)
