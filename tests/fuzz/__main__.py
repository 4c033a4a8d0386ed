"""Fuzz a target, guided by coverage: ``python -m tests.fuzz TARGET [--seconds N] …``.

Inputs that reach new code are kept in ``.build/fuzz/TARGET``, inputs that fail in
``.build/fuzz/failed``. What found a fault goes into ``tests/fuzz/corpus/TARGET`` and is run by the
tests for ever. Atheris runs libFuzzer, https://llvm.org/docs/LibFuzzer.html, whose flags these are.
"""

import argparse
import logging
import random
import sys
import time
from collections.abc import Callable
from pathlib import Path

import atheris
import structlog

with atheris.instrument_imports(
    include=["ocr_service", "PIL", "werkzeug", "google.protobuf.json_format"]
):
    from tests.fuzz import targets
from tests.fuzz import mutations, seeds

Target = Callable[[bytes], None]

WORK = Path(__file__).parents[2] / ".build" / "fuzz"
CORPUS = Path(__file__).parent / "corpus"
_MOST_BYTES = 65_536
_PATIENCE = 20  # times as long by the clock: then it hangs, however busy the machine
_MEMORY_MIB = 1024  # of the whole process, with what instruments it


def main() -> None:
    """Run until the time or the number is reached, or something is found."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description="Fuzz a target.")
    parser.add_argument("target", choices=targets.TARGETS)
    parser.add_argument("--seconds", type=int, default=0, help="how long; 0 for no end")
    parser.add_argument("--runs", type=int, default=-1, help="how many inputs; -1 for no end")
    parser.add_argument("--files", type=Path, help="folder of files that decode begins with")
    parser.add_argument(
        "--hang", type=int, default=1, help="seconds of computing that an input may take"
    )
    parser.add_argument("--work", type=Path, default=WORK, help="where inputs are kept")
    asked = parser.parse_args()
    folder, failed = asked.work / asked.target, asked.work / "failed"
    failed.mkdir(parents=True, exist_ok=True)
    seeds.write(asked.target, folder, asked.files)
    flags = [
        f"-max_len={_MOST_BYTES}",
        f"-timeout={_PATIENCE * asked.hang}",
        f"-rss_limit_mb={_MEMORY_MIB}",
        f"-artifact_prefix={failed}/{asked.target}-",
        f"-max_total_time={asked.seconds}",
        f"-runs={asked.runs}",
        "-reload=0",
        "-print_final_stats=1",
    ]
    found = [str(CORPUS / asked.target)] if (CORPUS / asked.target).is_dir() else []
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    atheris.Setup(
        [sys.argv[0], *flags, str(folder), *found],
        _timed(targets.TARGETS[asked.target], asked.hang),
        **({"custom_mutator": _mutate} if asked.target == "decode" else {}),
    )
    atheris.Fuzz()


def _timed(target: Target, most: float) -> Target:
    """The target, which fails if an input makes it compute for longer than that."""

    def run(content: bytes) -> None:
        began = time.process_time()
        target(content)
        taken = time.process_time() - began
        if taken > most:
            raise TimeoutError(f"{taken:.1f} seconds")

    return run


def _mutate(content: bytes, most: int, seed: int) -> bytes:
    """Change a file by its structure, or any bytes of it, by turns."""
    generator = random.Random(seed)  # noqa: S311
    if generator.random() < 0.5:
        return mutations.change(content, generator)[:most]
    mutated: bytes = atheris.Mutate(content, most)
    return mutated


if __name__ == "__main__":
    main()
