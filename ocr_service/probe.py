"""Asks the server on this machine whether it takes calls; what a container's health check runs."""

import socket
import ssl
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from ocr_service.config import Settings

SERVING = "SERVING"
_SECONDS = 2.0


def status_of(settings: Settings) -> str:
    """Return SERVING, NOT_SERVING or UNREACHABLE.

    With TLS only the handshake is tried: the certificate is made for the outside, and neither its
    name nor a client's certificate is at hand here.
    """
    port = settings.listen.rpartition(":")[2]
    if settings.tls_certificate is not None:
        return _shake_hands(settings.local_host.strip("[]"), int(port))
    request = health_pb2.HealthCheckRequest()
    with grpc.insecure_channel(f"{settings.local_host}:{port}") as channel:
        try:
            stub: Any = health_pb2_grpc.HealthStub(channel)  # its published types know no method
            reply = stub.Check(request, timeout=_SECONDS)
        except grpc.RpcError:
            return "UNREACHABLE"
    name: str = health_pb2.HealthCheckResponse.ServingStatus.Name(reply.status)
    return name


def _shake_hands(host: str, port: int) -> str:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2"])
    try:
        with (
            socket.create_connection((host, port), timeout=_SECONDS) as connection,
            context.wrap_socket(connection),
        ):
            return SERVING
    except OSError:
        return "UNREACHABLE"
