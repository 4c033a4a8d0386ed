"""Client of the OCR service: a Python class, and the `ocr` command.

Needs grpcio, grpcio-status, protobuf and the generated stubs; nothing else of the service.
"""

import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocr_client.client import OcrClient
    from ocr_client.errors import (
        BadInput,
        Cancelled,
        KeyEnded,
        LimitReached,
        NotAuthenticated,
        NotFound,
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
    "KeyEnded",
    "LimitReached",
    "NotAuthenticated",
    "NotFound",
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


def __getattr__(name: str) -> object:
    """Import what is asked for: the command has to set up gRPC's log before grpc is imported."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "client" if name == "OcrClient" else "errors"
    return getattr(importlib.import_module(f"{__name__}.{module}"), name)
