"""Finds and reads the files that a command names."""

import glob
import os
import stat
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from grpc import StatusCode

from ocr_client.errors import BadInput, OcrClientError

MAX_CONTENT_BYTES = 32 << 20
STDIN = "-"
SUFFIXES = (
    *(".jpg", ".jpeg", ".jpe", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff"),
    *(".pbm", ".pgm", ".ppm", ".pnm", ".jp2", ".j2k", ".jpx", ".pdf"),
)


class UnreadableFile(OcrClientError):  # noqa: N818 - says what went wrong
    """The file is not there, is no file, or may not be read."""

    default_code = StatusCode.NOT_FOUND

    def __init__(self, message: str) -> None:
        super().__init__(message, reason="FILE_UNREADABLE")


def expand(names: Iterable[str]) -> list[str]:
    """Return the names, with patterns that the shell left alone replaced by their matches."""
    found: list[str] = []
    for name in names:
        if name == STDIN or not glob.has_magic(name) or os.path.lexists(name):
            found.append(name)
        else:
            # Path.glob takes no absolute patterns.
            found.extend(sorted(glob.glob(name, recursive=True)) or [name])  # noqa: PTH207
    return found


def read(name: str | Path, limit: int = MAX_CONTENT_BYTES) -> bytes:
    """Return the bytes of a file, or of standard input for ``-``.

    Raises:
        UnreadableFile: It cannot be read.
        BadInput: It has more bytes than the limit.
    """
    try:
        content = _read(name, limit)
    except IsADirectoryError as exc:
        raise UnreadableFile("It is a folder. Read folders with `ocr batch`.") from exc
    except (OSError, ValueError) as exc:  # ValueError: a NUL in the name
        why = exc.strerror if isinstance(exc, OSError) else "the name has a NUL"
        raise UnreadableFile(f"The file cannot be read: {why}.") from exc
    if content is None:
        raise BadInput(
            f"The file is larger than {limit >> 20} MiB. Send a smaller one, or fewer pages.",
            reason="CONTENT_TOO_LARGE",
            field="content",
        )
    return content


def _read(name: str | Path, limit: int) -> bytes | None:
    """Return the bytes, or None for too many; never reads more than the limit and one."""
    if name == STDIN:
        content = sys.stdin.buffer.read(limit + 1)
    else:
        with Path(name).open("rb") as file:
            status = os.fstat(file.fileno())
            if stat.S_ISREG(status.st_mode) and status.st_size > limit:
                return None
            content = file.read(limit + 1)  # a pipe has no size
    return None if len(content) > limit else content


def find_documents(folder: Path, on_error: Callable[[OSError], None]) -> list[str]:
    """Return images and PDFs in a folder and below it, as sorted relative paths with slashes.

    Hidden files and folders are left out, and links to folders are not followed.

    Args:
        folder: Where to look.
        on_error: Called for each folder that cannot be listed.
    """
    found: list[str] = []
    for where, folders, names in os.walk(folder, onerror=on_error):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found.extend(
            (Path(where) / name).relative_to(folder).as_posix()
            for name in names
            if not name.startswith(".") and Path(name).suffix.lower() in SUFFIXES
        )
    return sorted(found)


def portable(name: str) -> str:
    """Return the name of a file as text that every reader of JSON takes."""
    return os.fsencode(name).decode("utf-8", "backslashreplace")
