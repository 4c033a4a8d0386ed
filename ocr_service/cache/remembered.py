"""What is kept: a reply, or an error that the same input would meet again."""

import json

from ocr_service.errors import BadInput

_REPLY = b"R"
_ERROR = b"E"


def of_reply(reply: bytes) -> bytes:
    """An encoded RecognizeResponse, to be kept."""
    return _REPLY + reply


def of_error(error: BadInput) -> bytes:
    """An error of the input, to be kept."""
    return _ERROR + json.dumps([error.reason, error.message, error.field]).encode()


def reply_in(value: bytes) -> bytes:
    """Return the reply that was kept.

    Raises:
        BadInput: An error was kept.
    """
    if value[:1] == _REPLY:
        return value[1:]
    reason, message, field = json.loads(value[1:])
    kinds = {kind.reason: kind for kind in BadInput.__subclasses__()}
    raise kinds.get(reason, BadInput)(message, field=field)
