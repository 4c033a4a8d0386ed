"""Bounds that a process sets for itself: setrlimit(2), prctl(2), fcntl(2)."""

import ctypes
import fcntl
import math
import os
import resource
import sys
import time

_PR_SET_DUMPABLE, _PR_SET_NO_NEW_PRIVS = 4, 38
_MOST_FILES = 128
_SPARE_SECONDS = 2.0  # the server stops a job at its deadline; the kernel only if it did not


def end_with(pipe: int) -> None:
    """Be ended by the kernel when the other end of a pipe is closed, whatever is computed then.

    Args:
        pipe: The reading end; nothing is sent through it.
    """
    fcntl.fcntl(pipe, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(pipe, fcntl.F_SETFL, os.O_ASYNC)  # SIGIO, which ends who does not handle it


def leave_no_dump() -> None:
    """Leave no core dump, which would hold what was read, and let no process of the user look in.

    The bound on its size alone does not do: the kernel ignores it where dumps go to a program.
    """
    _prctl(_PR_SET_DUMPABLE, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def gain_no_privileges() -> None:
    """Make setuid programs ordinary ones; Landlock and seccomp ask for it."""
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def bound_files() -> None:
    """Bound the number of open files."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (_MOST_FILES, _MOST_FILES))


def bound_memory(size: int) -> bool:
    """Bound the memory that this process can write to and shares with no other.

    Not its address space: what is only reserved or mapped from a file takes none.

    Returns:
        Whether it is in force.
    """
    if not size or sys.platform != "linux":
        return False
    resource.setrlimit(resource.RLIMIT_DATA, (size, size))
    return True


def bound_processor(seconds: float) -> None:
    """Let the kernel kill this process once it has computed for that long from now.

    The server does that by the clock. This is for a server that is stopped or hangs.
    """
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    until = math.ceil(time.process_time() + max(0.0, seconds) + _SPARE_SECONDS)
    resource.setrlimit(resource.RLIMIT_CPU, (until, most))


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)
