"""How a job can fail other than by an `OcrError`."""

import traceback

_OPENCV_NO_MEMORY = -4  # cv::Error::StsNoMem


class WorkerDiedError(Exception):
    """The worker ended while it had a job."""


class JobFailedError(Exception):
    """The job raised something that is no `OcrError`; the text is made by `describe`."""


def describe(exc: BaseException) -> str:
    """Type and place of an exception and its causes, without messages, which may quote content."""
    parts = []
    current: BaseException | None = exc
    while current is not None:
        frames = traceback.extract_tb(current.__traceback__)
        places = " > ".join(f"{f.filename.rpartition('/')[2]}:{f.lineno} {f.name}" for f in frames)
        parts.append(f"{type(current).__name__} at {places or 'an unknown place'}")
        current = current.__cause__
    return " from ".join(parts)


def lacks_memory(exc: BaseException) -> bool:
    """Tell whether an exception says that there was no memory."""
    return isinstance(exc, MemoryError) or getattr(exc, "code", None) == _OPENCV_NO_MEMORY
