"""Service B: an image in a form, its text in JSON. Its clients send no key: ``anonymous_user``."""

from collections.abc import Callable

from flask import Response

from ocr_service.gateway.front import Front, send
from ocr_service.gateway.older.asked import Asked, answering, error, recognize, text_only
from ocr_service.gateway.refusal import Refusal


def views(front: Front) -> dict[str, Callable[[], Response]]:
    """Return the endpoint by its path."""

    def ocr() -> Response:
        image = Asked.read(front).files.get("image")
        if not image:
            return error("No image provided. Send it as the form's file `image`.", 400)
        return send({"text": recognize(front, image, text_only()).text})

    return {"/ocr": answering(ocr, _refused)}


def _refused(refusal: Refusal) -> Response:
    """B said 500 whenever an image was there and could not be read."""
    http = 500 if refusal.http == 400 else refusal.http
    return error(refusal.status.message, http)
