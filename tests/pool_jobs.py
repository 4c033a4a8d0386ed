"""Jobs for the pool's tests: workers import them by name."""

import os
import time
from pathlib import Path

from ocr_service.deadline import Deadline
from ocr_service.errors import FormatUnsupported, LanguageNotInstalled


def nothing() -> None:
    """Warm up with nothing to do."""


def refuse_to_start() -> None:
    raise LanguageNotInstalled("There is no such language.")


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
