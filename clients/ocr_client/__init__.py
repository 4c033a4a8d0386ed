"""Client of the OCR service: a Python class, and the `ocr` command.

Needs grpcio, grpcio-status, protobuf and the generated stubs; nothing else of the service.
"""

from ocr_client.client import OcrClient
from ocr_client.errors import (
    BadInput,
    Cancelled,
    LimitReached,
    NotAuthenticated,
    NotImplementedYet,
    NotInstalled,
    NotPermitted,
    OcrClientError,
    ServerAway,
    ServerFault,
    TimedOut,
    Unavailable,
)

__all__ = [
    "BadInput",
    "Cancelled",
    "LimitReached",
    "NotAuthenticated",
    "NotImplementedYet",
    "NotInstalled",
    "NotPermitted",
    "OcrClient",
    "OcrClientError",
    "ServerAway",
    "ServerFault",
    "TimedOut",
    "Unavailable",
]
