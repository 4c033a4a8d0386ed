"""What a worker process may do: the bytes it reads are anybody's, and its libraries are large.

It is applied before the first byte of a document is there, while the process has one thread, and
cannot be undone. Whatever the kernel does not offer is left out; `Confinement` says what is in
force.
"""

import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ocr_service.confinement import landlock, limits, seccomp

__all__ = ["Confinement", "confine"]

_OF_THE_SYSTEM = (
    "/usr",  # libraries, fonts for PDF, data of Tesseract
    "/lib",
    "/lib64",
    "/etc/ld.so.cache",  # where libraries are
    "/etc/localtime",
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/sys/devices/system",  # what processors there are,
    "/sys/fs/cgroup",  # and how much of them a container may use
    "/dev/null",
    "/dev/urandom",
)


@dataclass(frozen=True, slots=True)
class Confinement:
    """What is in force in a process.

    Attributes:
        memory_bytes: Most memory that it may have; 0 if there is no bound.
        files: It can read a few folders, write nothing, and touch no other process.
        network: It can open no socket and start no program.
    """

    memory_bytes: int = 0
    files: bool = False
    network: bool = False


def confine(memory_bytes: int, readable: Sequence[Path] | None) -> Confinement:
    """Confine this process for good.

    Args:
        memory_bytes: Most memory that it may have; 0 for no bound.
        readable: Folders and files that it reads beside those of Python and the system's
            libraries; None if it must write files, open connections or start programs, so that
            only its memory is bound.

    Returns:
        What is in force now.
    """
    limits.leave_no_dump()
    bound = memory_bytes if limits.bound_memory(memory_bytes) else 0
    if readable is None or sys.platform != "linux":
        return Confinement(bound)
    limits.gain_no_privileges()
    limits.bound_files()
    os.environ["PATH"] = ""  # or Torch looks for a compiler, to ask it where libraries are
    files = landlock.restrict([*_of_python(), *map(Path, _OF_THE_SYSTEM), *readable])
    return Confinement(bound, files, seccomp.restrict())


def _of_python() -> Iterator[Path]:
    """Where modules are that are not imported yet; not the folder the program was started in."""
    yield Path(sys.prefix)
    yield Path(sys.base_prefix)
    yield Path(__file__).parents[1]
    for folder in map(Path, sys.path):
        if folder.name in {"site-packages", "dist-packages"}:
            yield folder
