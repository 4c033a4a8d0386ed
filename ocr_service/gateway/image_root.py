"""Files that callers name by their path: only below one folder, and never through a link.

Each part of a path is opened from the folder before it, and the kernel refuses links (O_NOFOLLOW),
so nothing that is moved or replaced meanwhile leads outside. What is read is what was checked.
"""

import os
import stat
from contextlib import ExitStack
from pathlib import Path, PurePosixPath

from ocr_service.errors import OptionInvalid
from ocr_service.gateway.refusal import Refusal, too_large

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK  # a pipe would wait for ever


def read(root: Path, path: str, max_bytes: int) -> bytes:
    """Return a file's bytes.

    Args:
        root: The folder that the operator allows.
        path: Below it: relative, or absolute and beginning with the folder's own path.
        max_bytes: That it may have.

    Raises:
        Refusal: There is no such file below the folder, or it is too large. The message does not
            say whether there is one elsewhere.
    """
    try:
        with ExitStack() as opened:
            *folders, name = _parts(root, path)
            at = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
            opened.callback(os.close, at)
            for folder in folders:
                at = os.open(folder, _FOLDER, dir_fd=at)
                opened.callback(os.close, at)
            file = opened.enter_context(os.fdopen(os.open(name, _FILE, dir_fd=at), "rb"))
            if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
                raise _not_there()
            content = file.read(max_bytes + 1)
    except (OSError, ValueError) as exc:  # ValueError: a zero byte, or nothing that can be a name
        raise _not_there() from exc
    if len(content) > max_bytes:
        raise too_large()
    return content


def _parts(root: Path, path: str) -> tuple[str, ...]:
    pure = PurePosixPath(path)
    if pure.is_absolute():
        pure = pure.relative_to(root.absolute())  # ValueError if it is elsewhere
    if not pure.parts or ".." in pure.parts:
        raise ValueError("no file's name")
    return pure.parts


def _not_there() -> Refusal:
    text = "This path is no file below the folder that this server reads from."
    return Refusal.of(OptionInvalid(text, field="image_paths"))
