"""The Flask application: routes, refusals, and the headers that every answer carries."""

import threading

import structlog
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from ocr_service.config import Settings
from ocr_service.errors import BadHttp, MethodNotAllowed, RouteNotFound
from ocr_service.gateway import older, pages, rest
from ocr_service.gateway.caller import request_id_of
from ocr_service.gateway.calls import Backend
from ocr_service.gateway.front import Front, send
from ocr_service.gateway.refusal import (
    Refusal,
    busy,
    internal,
)
from ocr_service.pool.failures import describe

_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}

log = structlog.get_logger()


def create_app(settings: Settings, backend: Backend, places: int) -> Flask:
    """Return the application.

    Args:
        settings: What the operator chose.
        backend: The service.
        places: Calls that may be in hand at once. Fewer than there are threads, so that health is
            answered when all of them are taken.
    """
    app = Flask(__name__, static_folder=None)
    app.url_map.merge_slashes = False
    app.config["PROVIDE_AUTOMATIC_OPTIONS"] = False
    app.config["MAX_FORM_MEMORY_SIZE"] = 2 * settings.max_content_bytes
    front = Front(settings, backend)
    rest.add_routes(app, front)
    older.add_routes(app, front)
    pages.add_routes(app)
    _add_health(app, backend)
    _add_errors(app)
    _add_places(app, places)
    return app


def _add_health(app: Flask, backend: Backend) -> None:
    def healthz() -> Response:
        return send({"status": "SERVING"})

    def readyz() -> Response:
        if backend.is_serving():
            return send({"status": "SERVING"})
        return send({"status": "NOT_SERVING"}, 503)

    app.add_url_rule("/healthz", "healthz", healthz, methods=["GET"])
    app.add_url_rule("/readyz", "readyz", readyz, methods=["GET"])


def _add_errors(app: Flask) -> None:
    def refused(refusal: Refusal) -> Response:
        response = send(refusal.body, refusal.http)
        response.headers.extend(refusal.headers)
        return response

    def http_error(error: HTTPException) -> Response:
        response = refused(_refusal_of(error))
        for name, value in error.get_headers():
            if name == "Allow":
                response.headers[name] = value
        return response

    def unknown(error: Exception) -> Response:
        log.error("internal error of the gateway", cause=describe(error), request_id=g.request_id)
        return refused(internal())

    app.register_error_handler(Refusal, refused)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, unknown)
    app.before_request(lambda: setattr(g, "request_id", request_id_of(request)))
    app.after_request(_with_headers)


def _refusal_of(error: HTTPException) -> Refusal:
    code = error.code or 500
    if code == 404:
        return Refusal.of(RouteNotFound("Nothing is here. /docs lists what there is."))
    if code == 405:
        return Refusal.of(MethodNotAllowed("This address takes another HTTP method."), 405)
    return Refusal.of(BadHttp(f"This request cannot be read: {error.name}."), code)


def _with_headers(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers[name] = value
    response.headers["X-Request-Id"] = g.request_id
    response.headers.setdefault("Content-Security-Policy", "default-src 'none'; sandbox")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _add_places(app: Flask, places: int) -> None:
    """Refuse at once what there is no place for; a queue of our own would hide the service's."""
    free = threading.BoundedSemaphore(places)

    def enter() -> None:
        if request.method == "POST":
            if not free.acquire(blocking=False):
                raise busy()
            g.has_place = True

    def leave(response: Response) -> Response:
        if g.pop("has_place", False):
            response.call_on_close(free.release)
        return response

    app.before_request(enter)
    app.after_request(leave)
