"""Images per second: every engine beside the peers, in turns, on the same pictures.

    python benchmarks/throughput.py [--every N] [--rounds N] [--data DIR] [--out DIR]

All contenders are started first, and take turns, so that what else the machine does hits all
alike; each has its best round. This service is called by eight callers, and its time has
everything in it: transport, decoding, finding sensitive data.

Then where a call's time goes beside the engine, by stage: medians of receipts, one caller.
"""

import statistics
import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import contenders, results
from benchmarks.results import FOLDERS, Figures
from benchmarks.runners import WORKERS, Contender, Reader, Service

SAMPLE = 2  # of the pictures: enough to keep all workers busy, half the wait for the slow
STAGES = ("queue", "decode", "preprocess", "recognize", "find_entities", "total")
ALL = "all"
KINDS = (*FOLDERS, ALL)
PAIRS = (
    (contenders.RAPIDOCR, contenders.RAPIDOCR_STOCK),
    (contenders.RAPIDOCR, contenders.RAPIDOCR_960),
    (contenders.AUTO, contenders.RAPIDOCR),
    (contenders.TESSERACT, contenders.OLDER_B),
    (contenders.TESSERACT, contenders.TESSEROCR),
)
"""Whose speeds are compared."""

Pictures = dict[str, list[Path]]


def measure(readers: dict[str, Reader], pictures: Pictures, rounds: int) -> Figures:
    """Return images per second by contender, of each folder and of all."""
    best = {name: dict.fromkeys(pictures, float("inf")) for name in readers}
    for number in range(rounds):
        for name, reader in readers.items():
            for folder, files in pictures.items():
                began = time.perf_counter()
                reader.read(files)
                best[name][folder] = min(best[name][folder], time.perf_counter() - began)
            print(f"round {number + 1}: {sum(best[name].values()):6.1f} s {name}", file=sys.stderr)
    counts = {folder: len(files) for folder, files in pictures.items()}
    return {
        name: {folder: counts[folder] / seconds for folder, seconds in one.items()}
        | {ALL: sum(counts.values()) / sum(one.values())}
        for name, one in best.items()
    }


def stages(service: Service, files: Sequence[Path]) -> dict[str, float]:
    """Return the median milliseconds of each stage, one caller, and what no stage explains."""
    timings = []
    for file in files:
        began = time.perf_counter()
        reply = service.recognize(file)
        seen = time.perf_counter() - began
        took = {name: getattr(reply.timings, name).ToTimedelta().total_seconds() for name in STAGES}
        inside = sum(took[name] for name in STAGES[:-1])
        timings.append(
            took
            | {
                "pool, encoding, event loop": took["total"] - inside,
                "gRPC and client": seen - took["total"],
                "seen by the caller": seen,
            }
        )
    return {
        name: 1e3 * statistics.median(one[name] for one in timings)
        for name in timings[0]
        if name != "total"
    }


def rates_table(figures: Figures) -> str:
    """Return images per second as a table in Markdown."""
    header = ["images/s", *KINDS]
    return results.table(
        header, [[name, *(f"{one[kind]:.2f}" for kind in KINDS)] for name, one in figures.items()]
    )


def pairs_table(figures: Figures) -> str:
    """Return how many times as fast one contender is as another, as a table in Markdown."""
    rows = []
    for fast, slow in PAIRS:
        ours, theirs = figures[fast.name], figures[slow.name]
        ratios = [f"{ours[kind] / theirs[kind]:.1f}" for kind in KINDS]
        rows.append([f"{fast.name} : {slow.name}", *ratios])
    return results.table(["times as fast", *KINDS], rows)


def stages_table(figures: Figures) -> str:
    """Return milliseconds by stage as a table in Markdown."""
    names = list(next(iter(figures.values())))
    rows = [[stage, *(f"{one[stage]:.1f}" for one in figures.values())] for stage in names]
    return results.table(["a receipt, ms", *figures], rows)


def main() -> None:
    """Run, print and save."""
    parser = results.options(__doc__, SAMPLE)
    parser.add_argument("--rounds", type=int, default=2)
    arguments = parser.parse_args()
    pictures = {name: results.pictures(arguments, name) for name in FOLDERS}
    ours: list[Contender] = [contenders.AUTO, contenders.RAPIDOCR, contenders.TESSERACT]
    others = (
        *contenders.easyocr(arguments.easyocr_models),
        *contenders.PEERS,
        *contenders.presidio(),
    )
    with ExitStack() as stack:
        readers = {
            one.name: stack.enter_context(one.running())
            for one in (*ours, contenders.STREAM, *others)
        }
        for name, reader in readers.items():
            print(f"starting {name}", file=sys.stderr)
            reader.read(pictures["pages"][:1] * WORKERS)
        rates = measure(readers, pictures, arguments.rounds)
        spent = {
            one.name: stages(service, pictures["receipts"])
            for one in ours
            if isinstance(service := readers[one.name], Service)
        }
    count = sum(map(len, pictures.values()))
    results.save(arguments, "throughput", count, contenders=rates, stages=spent)
    print(rates_table(rates), pairs_table(rates), stages_table(spent), sep="\n\n")


if __name__ == "__main__":
    main()
