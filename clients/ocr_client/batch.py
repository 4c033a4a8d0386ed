"""Reads a folder through BatchRecognize, through restarts of the server and of this command."""

import random
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from google.protobuf.json_format import MessageToDict
from google.rpc import code_pb2

from ocr_client import files
from ocr_client.client import OcrClient
from ocr_client.errors import (
    Cancelled,
    LimitReached,
    OcrClientError,
    ServerFault,
    TimedOut,
    Unavailable,
)
from ocr_client.results_file import ResultsFile
from ocr_service.pb.ocr.v1 import batch_pb2 as batches
from ocr_service.pb.ocr.v1 import recognize_pb2 as recognition

STREAM_SECONDS = 600.0  # a call ends by itself well before the server's limit for one connection
MOST_TRIES = 3  # of an item that the server had no time for
MOST_VAIN_CALLS = 7  # in a row without a result: about half a minute
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 10.0
LONGEST_LIMIT = 120.0  # seconds until the key may ask again; for longer nobody waits at a terminal

_SEND_AGAIN = (Unavailable, TimedOut, Cancelled, LimitReached, ServerFault)
_ITEM_AGAIN = frozenset({code_pb2.UNAVAILABLE, code_pb2.RESOURCE_EXHAUSTED, code_pb2.CANCELLED})


class BatchRun:
    """One run over a folder.

    Args:
        client: The connection.
        folder: Where the names are.
        names: Files to read, relative to the folder.
        results: Gets a line for each.
        options: How to read.
        item_timeout: Seconds for each file; 0 means the server's default.
        limit: Most bytes a file may have.
        on_result: Called after each line.
    """

    def __init__(
        self,
        client: OcrClient,
        folder: Path,
        names: Iterable[str],
        results: ResultsFile,
        *,
        options: recognition.RecognizeOptions,
        item_timeout: float = 0.0,
        limit: int = files.MAX_CONTENT_BYTES,
        on_result: Callable[[], None] = lambda: None,
    ) -> None:
        self._client = client
        self._folder = folder
        self._waiting = deque(names)
        self._results = results
        self._options = options
        self._item_timeout = item_timeout
        self._limit = limit
        self._on_result = on_result
        self._lock = threading.Lock()
        self._tries: Counter[str] = Counter()

    def run(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Read all files; call again and again until each has its line.

        Raises:
            OcrClientError: The server stays away, refuses the whole stream, or lets the key have no
                more for a long time.
            OSError: The results cannot be written.
        """
        vain = 0
        while self._waiting:
            before = self._results.lines
            call = _Call()
            error: OcrClientError | None = None
            drained = False
            try:
                drained = self._one_call(call)
                error = call.refusal
            except _SEND_AGAIN as exc:
                error = exc
            finally:
                self._take_back(call)
            if error is not None and (error.retry_after or 0.0) > LONGEST_LIMIT:
                raise error
            vain = vain + 1 if self._results.lines == before else 0
            if vain >= MOST_VAIN_CALLS:
                raise error or Unavailable("The server takes no items. Run the command again.")
            if self._waiting and (error or drained or vain):
                pause(_pause(vain, error))

    def _one_call(self, call: "_Call") -> bool:
        """Stream until files or time are used up; return True if the server drains."""
        drained = False
        answers = self._client.batch(
            self._items(call), options=self._options, item_timeout=self._item_timeout
        )
        for answer in answers:
            if isinstance(answer, batches.BatchSummary):
                drained = answer.drained
            else:
                self._settle(call, answer)
        return drained

    def _items(self, call: "_Call") -> Iterator[batches.BatchItem]:
        """Yield waiting files, each read when the server has room. Runs in gRPC's thread."""
        until = time.monotonic() + STREAM_SECONDS
        while time.monotonic() < until:
            with self._lock:
                if call.over or not self._waiting:
                    return
                name = self._waiting.popleft()
                call.sent += 1
                item_id = str(call.sent)  # names of files are nobody's business
                call.in_flight[item_id] = name
            try:
                content = files.read(self._folder / name, self._limit)
            except OcrClientError as exc:
                self._fail(call, item_id, exc.code.name, exc.reason, exc.message)
            else:
                yield batches.BatchItem(item_id=item_id, content=content)

    def _settle(
        self, call: "_Call", answer: batches.BatchItemResult | batches.BatchItemError
    ) -> None:
        if isinstance(answer, batches.BatchItemResult):
            name = call.in_flight.pop(answer.item_id, None)
            if name is not None:
                self._write(name, response=MessageToDict(answer.response))
            return
        if answer.reason == "RATE_LIMITED":  # and so are all that follow
            seconds = answer.retry_delay.seconds
            call.refusal = LimitReached(answer.message, reason=answer.reason, retry_after=seconds)
            call.over = True
            return  # stays in flight, and is taken back at the end of the call
        name = call.in_flight.get(answer.item_id, "")
        self._tries[name] += 1
        if answer.code in _ITEM_AGAIN and self._tries[name] < MOST_TRIES:
            return  # stays in flight, and is taken back at the end of the call
        code = (
            code_pb2.Code.Name(answer.code) if answer.code in code_pb2.Code.values() else "UNKNOWN"
        )
        self._fail(call, answer.item_id, code, answer.reason, answer.message)

    def _fail(self, call: "_Call", item_id: str, code: str, reason: str, message: str) -> None:
        with self._lock:
            name = call.in_flight.pop(item_id, None)
        if name is not None:
            self._write(name, error={"code": code, "reason": reason, "message": message})

    def _write(self, name: str, **members: object) -> None:
        self._results.add(name, **members)
        self._on_result()

    def _take_back(self, call: "_Call") -> None:
        """End the call; what it leaves without an answer waits again, first in line."""
        with self._lock:
            call.over = True
            self._waiting.extendleft(reversed(call.in_flight.values()))
            call.in_flight.clear()


class _Call:
    """What one call of BatchRecognize has sent and not yet been answered."""

    def __init__(self) -> None:
        self.over = False
        self.refusal: LimitReached | None = None
        self.sent = 0
        self.in_flight: dict[str, str] = {}


def _pause(vain: int, error: OcrClientError | None) -> float:
    """Return seconds to wait: more after each vain call, never less than the server asks."""
    seconds = min(LONGEST_PAUSE, FIRST_PAUSE * 2.0**vain) * random.uniform(0.8, 1.2)  # noqa: S311
    return max(seconds, (error.retry_after or 0.0) if error else 0.0)
