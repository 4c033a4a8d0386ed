"""The file that `ocr batch` writes: a line of JSON for each file, whole after any stop."""

import json
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ocr_client.errors import BadInput
from ocr_client.files import portable

_BEGINNING = b'{"file":'


class ResultsFile:
    """Lines of results; knows which files it already has.

    Attributes:
        succeeded: Files that were read.
        failed: Files that could not be read.
        lines: Lines added since it was opened.

    Args:
        path: Made if it is not there. A half-written last line is taken off.

    Raises:
        BadInput: The file holds something else.
        OSError: It cannot be read or written.
    """

    def __init__(self, path: Path) -> None:
        self.succeeded: set[str] = set()
        self.failed: set[str] = set()
        self.lines = 0
        self._path = path
        self._lock = threading.Lock()
        if path.exists():
            self._load()
            self.failed -= self.succeeded
        self._file = path.open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def add(self, name: str, **members: Any) -> None:
        """Append the line of one file; any thread may."""
        file, ok = portable(name), "error" not in members
        document = {"file": file, "ok": ok} | members
        line = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        with self._lock:
            self._file.write(line.encode() + b"\n")
            self._file.flush()
            (self.succeeded if ok else self.failed).add(file)
            self.lines += 1

    def forget(self, names: set[str]) -> None:
        """Take the lines of these files out, so that they can be tried again."""
        self._file.close()
        kept = self._path.with_name(self._path.name + ".new")
        with self._path.open("rb") as old, kept.open("wb") as new:
            new.writelines(line for line in old if json.loads(line)["file"] not in names)
        kept.replace(self._path)
        self._file = self._path.open("ab")
        self.failed -= names

    def _load(self) -> None:
        end = 0
        with self._path.open("r+b") as file:
            for number, line in enumerate(file, start=1):
                whole = line.endswith(b"\n")
                if self._note(line):
                    if not whole:
                        file.seek(0, os.SEEK_END)
                        file.write(b"\n")
                        break
                    end += len(line)
                elif not whole and line[: len(_BEGINNING)] == _BEGINNING[: len(line)]:
                    file.truncate(end)
                    break
                else:
                    raise BadInput(
                        f"Line {number} of the results file is no result of `ocr batch`. "
                        "Give another --out."
                    )

    def _note(self, line: bytes) -> bool:
        """Remember the file of a line; return False if it is no line of results."""
        try:
            document = json.loads(line)
            (self.succeeded if document["ok"] else self.failed).add(document["file"])
        except (ValueError, TypeError, KeyError):
            return False
        return True
