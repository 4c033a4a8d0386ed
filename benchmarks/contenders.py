"""Who is measured: this service's engines and modes, and what else reads pictures.

All run on the same pictures with as many processes or threads as `WORKERS`, or as their users
start them. This service is asked through gRPC, at a real server; a peer is a program of its own.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

from ocr_service.pb.ocr.v1 import batch_pb2, recognize_pb2
from tests.servers import Server, running_server

WORKERS = 2
CALLERS = 8
_PEERS = Path(__file__).with_name("peers.py")
_PATIENT = "--queue-seconds=600"  # a slow engine's queue holds all callers


class Reader(Protocol):
    """A contender that runs."""

    @property
    def pid(self) -> int:
        """Of the process that started all others."""
        ...

    def read(self, files: Sequence[Path]) -> list[str]:
        """Return the texts of pictures, in the same order."""
        ...


class Contender(Protocol):
    """One row of the tables."""

    @property
    def name(self) -> str:
        """For people; no two are alike."""
        ...

    @property
    def workers(self) -> int:
        """How many pictures it reads at once."""
        ...

    @contextmanager
    def running(self) -> Iterator[Reader]:
        """Start it, and end it at last."""
        ...


class Service:
    """A server of ours, read from by several callers or by one stream."""

    def __init__(
        self, server: Server, preprocessing: recognize_pb2.Preprocessing.ValueType, *, stream: bool
    ) -> None:
        self.pid = server.process.pid
        self._server = server
        self._options = recognize_pb2.RecognizeOptions(preprocessing=preprocessing)
        self._stream = stream

    def read(self, files: Sequence[Path]) -> list[str]:
        """See `Reader`."""
        if self._stream:
            return self._read_stream(files)
        with ThreadPoolExecutor(CALLERS) as callers:
            return [reply.text for reply in callers.map(self.recognize, files)]

    def recognize(self, file: Path) -> recognize_pb2.RecognizeResponse:
        """Read one picture."""
        request = recognize_pb2.RecognizeRequest(content=file.read_bytes(), options=self._options)
        return self._server.stub.Recognize(request, metadata=self._server.metadata, timeout=300)

    def _read_stream(self, files: Sequence[Path]) -> list[str]:
        requests = (
            batch_pb2.BatchRecognizeRequest(
                item=batch_pb2.BatchItem(
                    item_id=str(file), content=file.read_bytes(), options=self._options
                )
            )
            for file in files
        )
        *answers, _ = self._server.stub.BatchRecognize(requests, metadata=self._server.metadata)
        texts = {answer.result.item_id: answer.result.response.text for answer in answers}
        return [texts[str(file)] for file in files]


@dataclass(frozen=True, slots=True)
class Ours:
    """This service, with one engine in one mode.

    Attributes:
        name: See `Contender`.
        flags: Of the server.
        preprocessing: Asked for with every picture.
        stream: Send all through one BatchRecognize, not by many calls of Recognize.
        workers: Processes, of one thread each.
    """

    name: str
    flags: tuple[str, ...] = ()
    preprocessing: recognize_pb2.Preprocessing.ValueType = recognize_pb2.PREPROCESSING_UNSPECIFIED
    stream: bool = False
    workers: int = WORKERS

    @contextmanager
    def running(self) -> Iterator[Service]:
        """See `Contender`."""
        with (
            tempfile.TemporaryDirectory() as folder,
            running_server(
                Path(folder), f"--workers={self.workers}", _PATIENT, *self.flags
            ) as server,
        ):
            yield Service(server, self.preprocessing, stream=self.stream)


class Program:
    """A peer's process, which answers lines with lines."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.pid = process.pid
        self._process = process

    def read(self, files: Sequence[Path]) -> list[str]:
        """See `Reader`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(list(map(str, files))), file=self._process.stdin, flush=True)
        texts: list[str] = json.loads(self._process.stdout.readline())
        return texts


@dataclass(frozen=True, slots=True)
class Peer:
    """Another way to read pictures.

    Attributes:
        name: See `Contender`.
        program: What to run, a name in `peers.PEERS`.
        workers: Processes. Each takes as many threads as the library likes.
        one_thread: Keep Tesseract from starting as many threads as there are cores.
        words_of: The contender whose words it reads, where only the threads differ; or empty.
        models: Folder of weights.
    """

    name: str
    program: str
    workers: int = WORKERS
    one_thread: bool = True
    words_of: str = ""
    models: str = ""

    @contextmanager
    def running(self) -> Iterator[Program]:
        """See `Contender`."""
        environ = {name: value for name, value in os.environ.items() if name != "OMP_THREAD_LIMIT"}
        if self.one_thread:
            environ["OMP_THREAD_LIMIT"] = "1"
        with subprocess.Popen(
            [sys.executable, _PEERS, self.program, str(self.workers), self.models],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environ,
        ) as process:
            yield Program(process)  # the end of its input ends it


AUTO = Ours("AUTO, the default")
RAPIDOCR = Ours("RAPIDOCR", ("--engine=rapidocr",))
TESSERACT = Ours("TESSERACT", ("--engine=tesseract",))
TESSERACT_MODES = tuple(
    Ours(f"TESSERACT, preprocessing {name}", TESSERACT.flags, mode)
    for name, mode in (
        ("NONE", recognize_pb2.PREPROCESSING_NONE),
        ("CLASSIC", recognize_pb2.PREPROCESSING_CLASSIC),
    )
)
STREAM = Ours("AUTO, one BatchRecognize", stream=True)
RAPIDOCR_STOCK = Peer("RapidOCR()", "rapidocr_stock", workers=1, one_thread=False)
RAPIDOCR_960 = Peer("RapidOCR, side 960, 2 processes", "rapidocr_960")
ONE_THREAD = Peer("pytesseract, 1 thread, 2 processes", "pytesseract_plain")
OLDER_B = Peer("pytesseract as it comes", "pytesseract_plain", 1, False, ONE_THREAD.name)
OLDER_A = Peer("pytesseract behind blur, equalising", "pytesseract_chain", 1, False)
TESSEROCR = Peer("tesserocr, 2 processes", "tesserocr")
PEERS = (OLDER_B, OLDER_A, ONE_THREAD, TESSEROCR, RAPIDOCR_STOCK, RAPIDOCR_960)


def easyocr(models: Path | None) -> tuple[Contender, ...]:
    """EasyOCR, ours and as it comes; nothing but a sentence where it cannot run.

    Args:
        models: Folder of the weights that EasyOCR publishes.
    """
    if models is None or find_spec("easyocr") is None:
        print(
            "EasyOCR is left out: run `make easyocr` and name a folder with the weights that it "
            "publishes by --easyocr-models.",
            file=sys.stderr,
        )
        return ()
    return (
        Ours("EASYOCR", ("--engine=easyocr", f"--easyocr-models={models}")),
        Peer("EasyOCR", "easyocr", workers=1, one_thread=False, models=str(models)),
    )
