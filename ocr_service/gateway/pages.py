"""Files for people: the page at /, the reference at /docs, and the reference for programs."""

import gzip
from pathlib import Path

from flask import Flask, Response, request, send_from_directory

_HERE = Path(__file__).parent
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


def add_routes(app: Flask) -> None:
    """Serve them."""

    def page(name: str = "index.html") -> Response:
        return _file("page", name)

    def docs(name: str = "index.html") -> Response:
        return _file("reference", name)

    def openapi() -> Response:
        return send_from_directory(_HERE, "openapi.json")

    app.add_url_rule("/", "page", page, methods=["GET"])
    app.add_url_rule("/page/<path:name>", "page_file", page, methods=["GET"])
    app.add_url_rule("/docs", "docs", docs, methods=["GET"])
    app.add_url_rule("/docs/<path:name>", "docs_file", docs, methods=["GET"])
    app.add_url_rule("/openapi.json", "openapi", openapi, methods=["GET"])


def _file(folder: str, name: str) -> Response:
    response = send_from_directory(_HERE / folder, name)
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Cache-Control"] = "no-cache"
    if response.status_code == 200:
        _compress(response)
    return response


def _compress(response: Response) -> None:
    """Send a third of the bytes to those who can read them."""
    response.vary.add("Accept-Encoding")
    etag, _ = response.get_etag()
    response.set_etag(etag or "", weak=True)  # of the content, however it is encoded
    if request.accept_encodings["gzip"]:
        response.direct_passthrough = False
        response.set_data(gzip.compress(response.get_data()))
        response.content_encoding = "gzip"
