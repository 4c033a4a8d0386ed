"""How a job can fail other than by an `OcrError`."""

import traceback


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
