"""What a command writes: plain UTF-8 on standard output, remarks on standard error."""

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import StringIO, TextIOWrapper

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from rich.console import Console
from rich.table import Table

from ocr_client.errors import OcrClientError

USAGE = 2  # and no connection, and no right to call
_NO_WRAP = 100_000  # columns; what is piped is not wrapped
KILLED_BY_PIPE = 128 + 13  # what a shell reports for SIGPIPE

_HINTS = {
    "API_KEY_MISSING": "Give a key with OCR_API_KEY, OCR_API_KEY_FILE or --api-key.",
    "API_KEY_INVALID": "Check OCR_API_KEY, OCR_API_KEY_FILE or --api-key.",
    "SCOPE_INSUFFICIENT": "`ocr keys whoami` shows what this key allows.",
}


def use_utf8() -> None:
    """Write UTF-8 whatever the locale says; what cannot be encoded becomes a question mark."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="replace")


def write(text: str) -> None:
    """Write to standard output at once; end quietly if nobody reads any more."""
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except OSError as exc:
        # What is still buffered goes nowhere, or Python complains about it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(exc, BrokenPipeError):
            raise typer.Exit(KILLED_BY_PIPE) from exc
        remark(f"ocr: The output cannot be written: {exc.strerror}.")
        raise typer.Exit(USAGE) from exc


def write_json(message: Message, **extra: str) -> None:
    """Write one JSON document by protobuf's mapping: a line, or indented for a person.

    Args:
        message: What to write.
        extra: Members to put before the message's own.
    """
    document = extra | MessageToDict(message)
    write(json.dumps(document, ensure_ascii=False, indent=2 if sys.stdout.isatty() else None))
    write("\n")


def write_table(rows: list[tuple[str, ...]], headings: tuple[str, ...] = ()) -> None:
    """Write aligned columns without frames."""
    table = Table(*headings, box=None, pad_edge=False, show_header=bool(headings))
    for row in rows:
        table.add_row(*row)
    width = None if sys.stdout.isatty() else _NO_WRAP
    shown = StringIO()
    Console(file=shown, width=width, markup=False, highlight=False, emoji=False).print(table)
    write("".join(f"{line.rstrip()}\n" for line in shown.getvalue().splitlines()))


def remark(text: str) -> None:
    """Write a line to standard error."""
    typer.echo(text, err=True)


@contextmanager
def stopping() -> Iterator[None]:
    """End the command with code 2 and a sentence when the client raises."""
    try:
        yield
    except OcrClientError as exc:
        remark(f"ocr: {describe(exc)}")
        raise typer.Exit(USAGE) from exc


def describe(error: OcrClientError) -> str:
    """Return the error's sentence, with a hint where the command line has one."""
    hint = _HINTS.get(error.reason, "")
    return f"{error.message} {hint}".rstrip()
