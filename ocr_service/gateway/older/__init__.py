"""The endpoints of the three services that this one replaces, for their clients as they are.

A (port 5000)  POST /generate_api_key, /ocr_process, /batch_process
B (port 9800)  POST /ocr
C (port 8000)  POST /extract and /

Errors are ``{"error": "a sentence"}``.
"""

from flask import Flask

from ocr_service.gateway.front import Front
from ocr_service.gateway.older import service_a, service_b, service_c


def add_routes(app: Flask, front: Front) -> None:
    """Serve them all."""
    for module in (service_a, service_b, service_c):
        for path, view in module.views(front).items():
            app.add_url_rule(path, f"{module.__name__}{path}", view, methods=["POST"])
