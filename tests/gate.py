"""A folder by which a test counts and holds the runs of `tests.fakes.reciting`."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Server, running_server

RECITING = ("-m", "tests.fakes.serve", "reciting")


@dataclass
class Gate:
    folder: Path

    @property
    def runs(self) -> int:
        """Times that the engine has begun to read a page with ink."""
        return len(list(self.folder.glob("run-*")))

    def close(self) -> None:
        """Hold all runs that have not passed yet."""
        (self.folder / "closed").touch()

    def open(self) -> None:
        (self.folder / "closed").unlink(missing_ok=True)


@contextmanager
def reciting_server(
    data_dir: Path, gate: Gate, *flags: str, environ: dict[str, str] | None = None
) -> Iterator[Server]:
    """A server whose only engine recites, with one thread as its worker."""
    ours = ("--pool=thread", "--workers=1", "--engine=tesseract", *flags)
    environ = {"GATE": str(gate.folder)} | (environ or {})
    with running_server(data_dir, *ours, program=RECITING, environ=environ) as server:
        try:
            yield server
        finally:
            gate.open()
