"""What `ocr batch` does around the stream: what is left to read, progress, and the last word."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text
from typing_extensions import override

from ocr_client import console
from ocr_client.batch import BatchRun
from ocr_client.client import OcrClient
from ocr_client.errors import BadInput, OcrClientError
from ocr_client.files import MAX_CONTENT_BYTES, find_documents, portable
from ocr_client.results_file import ResultsFile
from ocr_service.pb.ocr.v1.recognize_pb2 import RecognizeOptions

INTERRUPTED = 130  # what a shell reports for SIGINT


def read_folder(
    client: OcrClient,
    folder: Path,
    out: Path,
    *,
    options: RecognizeOptions,
    item_timeout: float,
    retry_failed: bool,
) -> bool:
    """Read what the results do not hold yet; return True if all of the folder is read.

    Raises:
        OcrClientError: The server is away or refuses, or the results cannot be written.
    """
    # Before the results file is made: does the server answer, and take this key?
    limit = client.capabilities().limits.max_content_bytes or MAX_CONTENT_BYTES
    closed: list[OSError] = []
    names = {name: portable(name) for name in find_documents(folder, closed.append)}
    for error in closed:
        console.remark(
            f"{portable(str(error.filename))}: The folder cannot be read: {error.strerror}."
        )
    try:
        with ResultsFile(out) as results:
            if retry_failed:
                results.forget(results.failed.intersection(names.values()))
            done = results.succeeded | results.failed
            todo = [name for name, label in names.items() if label not in done]
            with _summary(out, names, results), _progress(len(todo)) as progress:
                BatchRun(
                    client,
                    folder,
                    todo,
                    results,
                    options=options,
                    item_timeout=item_timeout,
                    limit=limit,
                    on_result=progress,
                ).run()
            return not closed and results.failed.isdisjoint(names.values())
    except OSError as exc:
        raise BadInput(f"The results file cannot be written: {exc.strerror}.") from exc


@contextmanager
def _summary(out: Path, names: dict[str, str], results: ResultsFile) -> Iterator[None]:
    """Say at the end how far it came, however it ended."""
    stopped = ""
    try:
        yield
    except KeyboardInterrupt as exc:
        stopped = "stopped; the same command goes on. "
        raise typer.Exit(INTERRUPTED) from exc
    except OcrClientError:
        stopped = "not finished; the same command goes on. "
        raise
    finally:
        labels = set(names.values())
        read, failed = len(labels & results.succeeded), len(labels & results.failed)
        console.remark(f"{stopped}{read} of {len(labels)} files read, {failed} failed: {out}")


class _Rate(ProgressColumn):
    """Files a second."""

    @override
    def render(self, task: Task) -> Text:
        return Text(f"{task.speed:.1f}/s" if task.speed else "-/s")


@contextmanager
def _progress(total: int) -> Iterator[Callable[[], None]]:
    """Show a bar on a terminal; yield what moves it on."""
    terminal = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(compact=True),
    )
    with Progress(*columns, console=terminal, disable=not terminal.is_terminal) as progress:
        task = progress.add_task("reading", total=total)
        yield lambda: progress.advance(task)
