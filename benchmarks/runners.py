"""How contenders run: this service behind a real server, a peer as a program of its own."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.peers import Answer
from ocr_service.pb.ocr.v1 import batch_pb2, entity_pb2, recognize_pb2
from tests.servers import Server, running_server

WORKERS = 2
CALLERS = 8
_PEERS = Path(__file__).with_name("peers.py")
_PATIENT = "--queue-seconds=600"  # a slow engine's queue holds all callers
_EVERY_TIME = "--cache-bytes=0"  # pictures are sent in several rounds


class Reader(Protocol):
    """A contender that runs."""

    @property
    def pid(self) -> int:
        """Of the process that started all others."""
        ...

    def read(self, files: Sequence[Path]) -> list[Answer]:
        """Return what pictures hold, in the same order."""
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

    def read(self, files: Sequence[Path]) -> list[Answer]:
        """See `Reader`."""
        if self._stream:
            return self._read_stream(files)
        with ThreadPoolExecutor(CALLERS) as callers:
            return list(map(_answer, callers.map(self.recognize, files)))

    def recognize(self, file: Path) -> recognize_pb2.RecognizeResponse:
        """Read one picture."""
        request = recognize_pb2.RecognizeRequest(content=file.read_bytes(), options=self._options)
        return self._server.stub.Recognize(request, metadata=self._server.metadata, timeout=300)

    def _read_stream(self, files: Sequence[Path]) -> list[Answer]:
        requests = (
            batch_pb2.BatchRecognizeRequest(
                item=batch_pb2.BatchItem(
                    item_id=str(file), content=file.read_bytes(), options=self._options
                )
            )
            for file in files
        )
        *answers, _ = self._server.stub.BatchRecognize(requests, metadata=self._server.metadata)
        replies = {answer.result.item_id: answer.result.response for answer in answers}
        return [_answer(replies[str(file)]) for file in files]


def _answer(reply: recognize_pb2.RecognizeResponse) -> Answer:
    entities = [
        {
            "type": entity_pb2.EntityType.Name(item.type).removeprefix("ENTITY_TYPE_"),
            "text": item.text,
        }
        for item in reply.entities
    ]
    return {"text": reply.text, "entities": entities}


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
                Path(folder), f"--workers={self.workers}", _PATIENT, _EVERY_TIME, *self.flags
            ) as server,
        ):
            yield Service(server, self.preprocessing, stream=self.stream)


class Program:
    """A peer's process, which answers lines with lines."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.pid = process.pid
        self._process = process

    def read(self, files: Sequence[Path]) -> list[Answer]:
        """See `Reader`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(list(map(str, files))), file=self._process.stdin, flush=True)
        line = self._process.stdout.readline()
        if not line:
            command = " ".join(map(str, self._process.args))  # type: ignore[arg-type]
            raise RuntimeError(f"A peer ended. To see why, run: {command}")
        answers: list[Answer] = json.loads(line)
        return answers


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
        python: Of the environment that has the library.
    """

    name: str
    program: str
    workers: int = WORKERS
    one_thread: bool = True
    words_of: str = ""
    models: str = ""
    python: str = sys.executable

    @contextmanager
    def running(self) -> Iterator[Program]:
        """See `Contender`."""
        environ = {name: value for name, value in os.environ.items() if name != "OMP_THREAD_LIMIT"}
        if self.one_thread:
            environ["OMP_THREAD_LIMIT"] = "1"
        with subprocess.Popen(
            [self.python, _PEERS, self.program, str(self.workers), self.models],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environ,
        ) as process:
            yield Program(process)  # the end of its input ends it
