"""Jobs for the pool's tests: workers import them by name."""

import os
import socket
import subprocess
import time
from dataclasses import astuple
from pathlib import Path

from ocr_service.confinement import Confinement
from ocr_service.confinement import confine as confine_process
from ocr_service.deadline import Deadline
from ocr_service.errors import FormatUnsupported, LanguageNotInstalled

MEMORY_BYTES = 1 << 28
_confinement = Confinement()


def nothing() -> None:
    """Warm up with nothing to do."""


def confine() -> None:
    global _confinement
    _confinement = confine_process(MEMORY_BYTES, ())


def confinement(_deadline: Deadline) -> tuple[int, bool, bool]:
    return astuple(_confinement)


def refuse_to_start() -> None:
    raise LanguageNotInstalled("There is no such language.")


def wait_at(gate: Path) -> None:
    """Warm up until a file is there; a process that finds none says so in another."""
    if not gate.exists():
        gate.with_name("waiting").write_text(str(os.getpid()))
    while not gate.exists():
        time.sleep(0.005)


def pid(_deadline: Deadline) -> int:
    return os.getpid()


def echo(value: object, _deadline: Deadline) -> object:
    return value


def wait_for(path: Path, deadline: Deadline) -> str:
    """Work until a file is there; listens to its deadline."""
    while not path.exists():
        deadline.check()
        time.sleep(0.005)
    return path.name


def spin_deaf(started: Path, _deadline: Deadline) -> None:
    """Work for ever and listen to nobody."""
    started.write_text(str(os.getpid()))
    while True:
        pass


def refuse(_deadline: Deadline) -> None:
    raise FormatUnsupported("Send another.", field="content")


def fail(secret: str, _deadline: Deadline) -> None:
    raise ValueError(secret)


def die(tally: Path, _deadline: Deadline) -> None:
    """Die without a word, and count how often."""
    with tally.open("a") as file:
        file.write("x")
    os._exit(1)


def die_once(tally: Path, deadline: Deadline) -> str:
    if not tally.exists():
        die(tally, deadline)
    return "survived"


def open_socket(_deadline: Deadline) -> None:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close()


def start_program(_deadline: Deadline) -> None:
    subprocess.run(["/bin/true"], check=True)


def fork(_deadline: Deadline) -> None:
    if os.fork() == 0:
        os._exit(0)


def write_file(path: Path, _deadline: Deadline) -> None:
    path.write_text("was here")


def read_file(path: Path, _deadline: Deadline) -> None:
    path.read_bytes()


def signal_to(pid: int, _deadline: Deadline) -> None:
    os.kill(pid, 0)


def allocate(size: int, _deadline: Deadline) -> int:
    return len(bytearray(size))


def answer_with_a_class(_deadline: Deadline) -> object:
    return Path()
