"""Structured logs on standard error: one JSON object a line, or coloured text on a terminal.

No log call of this project is given recognised text, keys, image bytes or paths of callers.
"""

import atexit
import logging
import queue
import sys
import threading
from typing import TextIO

import structlog


def configure(level: str, form: str) -> None:
    """Set up logging for the process.

    Args:
        level: debug, info, warning or error.
        form: json, console, or auto for console on a terminal and JSON elsewhere.
    """
    on_terminal = form == "console" or (form == "auto" and sys.stderr.isatty())
    renderer = (
        structlog.dev.ConsoleRenderer() if on_terminal else structlog.processors.JSONRenderer()
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelName(level.upper())),
        logger_factory=structlog.WriteLoggerFactory(_Background(sys.stderr)),  # type: ignore[arg-type]
    )
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")


class _Background:
    """Writes lines from a thread of its own: a terminal or pipe that stalls stops no call."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()
        atexit.register(self._close)

    def write(self, line: str) -> None:
        """Take a line."""
        self._lines.put(line)

    def flush(self) -> None:
        """Return at once; the thread flushes what it writes."""

    def _run(self) -> None:
        while (line := self._lines.get()) is not None:
            self._stream.write(line)
            if self._lines.empty():
                self._stream.flush()

    def _close(self) -> None:
        self._lines.put(None)
        self._thread.join(timeout=1.0)
