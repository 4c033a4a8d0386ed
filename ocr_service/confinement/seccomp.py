"""Seccomp: a process gives up the system calls that open sockets and start programs.

https://docs.kernel.org/userspace-api/seccomp_filter.html, include/uapi/linux/{seccomp,filter,
audit}.h; numbers of calls from arch/x86/entry/syscalls/syscall_64.tbl and
include/uapi/asm-generic/unistd.h
"""

import ctypes
import errno
import platform
from dataclasses import dataclass

_PR_SET_SECCOMP = 22
_MODE_FILTER = 2
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_CLONE_THREAD = 0x00010000
_CLONE3 = 435  # its flags are in memory, where no filter sees them; without it clone is used
# struct seccomp_data: the call's number, the architecture, then the arguments
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST_ARGUMENT = 0, 4, 16
_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06


@dataclass(frozen=True, slots=True)
class _Architecture:
    audit: int
    clone: int
    refused: tuple[int, ...]
    beyond: int = 0xFFFFFFFF  # numbers from here on are another interface's


_ARCHITECTURES = {
    "x86_64": _Architecture(
        audit=0xC000003E,
        clone=56,
        refused=(
            *(41, 425),  # socket, io_uring_setup
            *(57, 58, 59, 322),  # fork, vfork, execve, execveat
            *(101, 310, 311),  # ptrace, process_vm_readv, process_vm_writev
        ),
        beyond=0x40000000,  # x32
    ),
    "aarch64": _Architecture(
        audit=0xC00000B7,
        clone=220,
        refused=(198, 425, 221, 281, 117, 270, 271),  # likewise; there is no fork and no vfork
    ),
}


class _Instruction(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("jt", ctypes.c_uint8),
        ("jf", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("len", ctypes.c_uint16), ("filter", ctypes.POINTER(_Instruction)))


def restrict() -> bool:
    """Refuse sockets, programs and processes to this thread and those it starts.

    A refused call fails with EPERM. Needs `limits.gain_no_privileges` before.

    Returns:
        Whether it is in force; False if the kernel has no seccomp, or for another processor.
    """
    architecture = _ARCHITECTURES.get(platform.machine())
    if architecture is None:
        return False
    instructions = _filter(architecture)
    program = _Program(len(instructions), (_Instruction * len(instructions))(*instructions))
    libc = ctypes.CDLL(None)
    return bool(libc.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.byref(program), 0, 0) == 0)


def _filter(architecture: _Architecture) -> list[_Instruction]:
    """The program; each test is followed by what happens if it holds."""
    refuse = _Instruction(_RETURN, 0, 0, _ERRNO | errno.EPERM)
    absent = _Instruction(_RETURN, 0, 0, _ERRNO | errno.ENOSYS)
    allow = _Instruction(_RETURN, 0, 0, _ALLOW)
    program = [
        _Instruction(_LOAD, 0, 0, _AT_ARCHITECTURE),
        _Instruction(_EQUAL, 1, 0, architecture.audit),
        _Instruction(_RETURN, 0, 0, _KILL),
        _Instruction(_LOAD, 0, 0, _AT_NUMBER),
        *(_Instruction(_AT_LEAST, 0, 1, architecture.beyond), refuse),
        *(_Instruction(_EQUAL, 0, 1, _CLONE3), absent),
    ]
    for number in architecture.refused:
        program += [_Instruction(_EQUAL, 0, 1, number), refuse]
    return [
        *program,
        *(_Instruction(_EQUAL, 1, 0, architecture.clone), allow),
        _Instruction(_LOAD, 0, 0, _AT_FIRST_ARGUMENT),
        *(_Instruction(_ANY_BIT, 0, 1, _CLONE_THREAD), allow),  # a thread, no process
        refuse,
    ]
