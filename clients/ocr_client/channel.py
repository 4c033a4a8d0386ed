"""Opens the channel: message sizes, retries and keepalive that fit images, and TLS."""

import json
from pathlib import Path
from typing import NamedTuple

import grpc

from ocr_client.errors import BadInput

DEFAULT_PORT = 50051
MIB = 1 << 20

_RETRY_POLICY = {
    "maxAttempts": 4,
    "initialBackoff": "0.2s",
    "maxBackoff": "5s",
    "backoffMultiplier": 2,
    "retryableStatusCodes": ["UNAVAILABLE"],
}
_SERVICE_CONFIG = {
    "methodConfig": [
        {
            # Calls that may safely run twice; IssueApiKey and RotateApiKey are none. BatchRecognize
            # is left out because a retry would keep every item that was sent in memory.
            "name": [
                {"service": "ocr.v1.OcrService", "method": method}
                for method in (
                    "Recognize",
                    "RecognizeDocument",
                    "FindEntities",
                    "Redact",
                    "GetCapabilities",
                )
            ]
            + [
                {"service": "ocr.v1.ApiKeyService", "method": method}
                for method in ("ListApiKeys", "RevokeApiKey", "GetCurrentApiKey")
            ],
            "retryPolicy": _RETRY_POLICY,
        }
    ]
}

OPTIONS: tuple[tuple[str, str | int], ...] = (
    ("grpc.service_config", json.dumps(_SERVICE_CONFIG)),
    ("grpc.enable_retries", 1),
    # By default a request over 256 KiB is never sent again.
    ("grpc.per_rpc_retry_buffer_size", 64 * MIB),
    ("grpc.max_send_message_length", 256 * MIB),
    # By default 4 MiB: less than the words of a long document, or a redacted image.
    ("grpc.max_receive_message_length", 256 * MIB),
    ("grpc.keepalive_time_ms", 60_000),
    ("grpc.keepalive_timeout_ms", 20_000),
    # By default two pings, then silence: a page may take longer than that.
    ("grpc.http2.max_pings_without_data", 0),
    # By default up to two minutes: too long for a server that restarts.
    ("grpc.initial_reconnect_backoff_ms", 200),
    ("grpc.max_reconnect_backoff_ms", 5_000),
)


class Address(NamedTuple):
    """Where the server is.

    Attributes:
        target: What gRPC connects to, such as ``127.0.0.1:50051``.
        tls: True if the address asks for TLS.
        loopback: True if the connection stays on this machine.
    """

    target: str
    tls: bool
    loopback: bool

    @classmethod
    def parse(cls, text: str) -> "Address":
        """Return the address for HOST, HOST:PORT, http://HOST:PORT, https://HOST:PORT or unix:PATH.

        Raises:
            BadInput: It is none of these.
        """
        if text.startswith("unix:"):
            return cls(text, tls=False, loopback=True)
        scheme, separator, target = text.rpartition("://")
        target = target.rstrip("/")
        if scheme not in ("", "http", "https") or not target or "/" in target:
            raise BadInput(
                "The server address must be HOST:PORT, or https://HOST:PORT for TLS.",
                field="address",
            )
        host, colon, port = target.rpartition(":")
        if not colon or target.endswith("]"):  # no port; an IPv6 host stands in brackets
            host, port = target, str(DEFAULT_PORT)
        if not port.isdecimal() or int(port) > 65535 or not host:
            raise BadInput("The server's port must be a number up to 65535.", field="address")
        loopback = host in ("localhost", "[::1]") or host.startswith("127.")
        return cls(f"{host}:{port}", tls=bool(separator) and scheme == "https", loopback=loopback)


def open_channel(
    address: Address,
    *,
    tls: bool = False,
    ca: Path | None = None,
    cert: Path | None = None,
    cert_key: Path | None = None,
) -> grpc.Channel:
    """Return a channel that connects when it is first used.

    Args:
        address: Where the server is.
        tls: Encrypt; also switched on by an https address or any of the files.
        ca: PEM file of the authorities to trust; the system's by default.
        cert: PEM file of this client's certificate, for servers that ask for one.
        cert_key: PEM file of the certificate's private key.

    Raises:
        BadInput: A file cannot be read, or a certificate comes without its key.
    """
    # A proxy from the environment has no way to this machine.
    options = (*OPTIONS, ("grpc.enable_http_proxy", 0)) if address.loopback else OPTIONS
    if not (tls or address.tls or ca or cert or cert_key):
        return grpc.insecure_channel(address.target, options)
    if bool(cert) != bool(cert_key):
        raise BadInput("A client certificate needs both --cert and --cert-key.", field="cert")
    credentials = grpc.ssl_channel_credentials(
        root_certificates=_read(ca, "ca"),
        private_key=_read(cert_key, "cert_key"),
        certificate_chain=_read(cert, "cert"),
    )
    return grpc.secure_channel(address.target, credentials, options)


def _read(path: Path | None, field: str) -> bytes | None:
    if path is None:
        return None
    try:
        return path.read_bytes()
    except OSError as exc:
        raise BadInput(
            f"The file of --{field.replace('_', '-')} cannot be read: {exc.strerror}.", field=field
        ) from exc
