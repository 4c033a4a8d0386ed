"""How a worker's answer travels: as plain values, whatever a worker sends.

A worker reads anybody's bytes, so it may be another's by now. Unpickling would run what it sends;
here no class and no function can be named in an answer, only values be given.
"""

import pickle
from io import BytesIO
from typing import Any

from typing_extensions import override

from ocr_service import errors
from ocr_service.errors import OcrError
from ocr_service.pool.failures import JobFailedError

LARGEST = 1 << 30  # bytes of an answer; the largest reply has a quarter of that
_ERRORS = {
    name: kind
    for name, kind in vars(errors).items()
    if isinstance(kind, type) and issubclass(kind, OcrError)
}


def returned(value: object) -> bytes:
    """Encode what a job returned: numbers, texts, bytes, and tuples and the like of them."""
    return pickle.dumps(("returned", value))


def refused(error: OcrError) -> bytes:
    """Encode an error for the caller."""
    told = (type(error).__name__, error.message, error.field, error.retry_after)
    return pickle.dumps(("refused", told))


def failed(description: str) -> bytes:
    """Encode the description of another exception."""
    return pickle.dumps(("failed", description))


def result(answer: bytes) -> Any:
    """Return what a job returned.

    Raises:
        OcrError: As the job raised it.
        JobFailedError: The job raised something else.
        ValueError: It is no answer.
    """
    try:
        outcome, value = _Plain(BytesIO(answer)).load()
        if outcome == "returned":
            return value
        if outcome == "refused":
            name, message, field, retry_after = value
            error: Exception = _ERRORS[name](message, field=field, retry_after=retry_after)
        else:
            error = JobFailedError(str(value))
    except Exception as exc:  # a broken pickle raises anything
        raise ValueError("the worker's answer cannot be read") from exc
    raise error


class _Plain(pickle.Unpickler):
    @override
    def find_class(self, module_name: str, global_name: str, /) -> Any:
        raise pickle.UnpicklingError("an answer holds values only")
