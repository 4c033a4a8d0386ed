"""How well and how fast sensitive data is found in text.

    python -m benchmarks.entities cases         --shared-data DIR   by type, by the set's scorer
    python -m benchmarks.entities false-alarms  PATH ...            findings in plain text, listed
    python -m benchmarks.entities damage        --shared-data DIR   confusions at 2 and 5 %
    python -m benchmarks.entities speed         PATH ...            ms per 1,000 characters
    python -m benchmarks.entities growth                            texts that take their square

`cases` reports two halves by a hash of the case id: the second was held out while the rules were
first written, and looked at once afterwards.

`damage` compares with a finder that repairs nothing: findings with corrections are left out.
"""

import argparse
import contextlib
import gzip
import hashlib
import importlib.util
import re
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import hostile
from benchmarks.entity_damage import damaged
from ocr_service.entities import Entity, EntityType, find

CHECKED = (EntityType.CREDIT_CARD_NUMBER, EntityType.ID_NUMBER)
SEEDS = 5
UNITS, SIZES = 500, (30_000, 120_000)  # of growth; characters
_TROFF = re.compile(r"^[.'].*$|\\[fs&-](?:\w|\([A-Z]{2})?|\\", re.MULTILINE)


def load_cases(shared: Path) -> tuple[Any, list[dict[str, Any]]]:
    folder = shared / "entity_cases"
    spec = importlib.util.spec_from_file_location("case_scorer", folder / "score.py")
    assert spec is not None
    assert spec.loader is not None
    scorer = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(scorer)
    return scorer, scorer.load(str(folder / "cases.jsonl"))


def half(case: dict[str, Any]) -> int:
    """Return 0 for a case to develop with, 1 for one held out."""
    return hashlib.sha256(case["id"].encode()).digest()[0] & 1


def prediction(case: dict[str, Any], found: Iterable[Entity]) -> dict[str, Any]:
    rows = [{"type": item.type.value, "start": item.start, "end": item.end} for item in found]
    return {"id": case["id"], "entities": rows}


def cases(arguments: argparse.Namespace) -> None:
    scorer, rows = load_cases(arguments.shared_data)
    predictions = [prediction(case, find(case["text"])) for case in rows]
    groups = {"developed with": [0], "held out": [1], "all": [0, 1]}
    for name, halves in groups.items():
        print(f"\n{name}")
        per, _, absent = scorer.score([row for row in rows if half(row) in halves], predictions)
        scorer.report(per, absent)


def damage(arguments: argparse.Namespace) -> None:
    _, rows = load_cases(arguments.shared_data)
    rows = [row for row in rows if row["spans"]]
    for rate in (0.0, 0.02, 0.05):
        counts: dict[tuple[str, bool], Counter[str]] = {}
        for row in rows:
            for seed in range(SEEDS if rate else 1):
                # an expected span may have other extents that are right too
                extents = [
                    [tuple(span), *map(tuple, others)]
                    for span, others in zip(
                        row["spans"], row.get("alt") or [[]] * len(row["spans"]), strict=True
                    )
                ]
                flat = [span for group in extents for span in group]
                text, moved, _ = damaged(row["text"], flat, rate, f"{row['id']}:{seed}")
                places = iter(moved)
                groups = [[next(places) for _ in group] for group in extents]
                _count(counts, row["type"], groups, find(text))
        print(f"\n{rate:.0%} of the characters      with repair        without repair")
        print(f"{'':24} precision recall   precision recall")
        for kind in EntityType:
            print(f"{kind:24}" + "".join(_rates(counts[kind, repair]) for repair in (True, False)))


def _count(
    counts: dict[tuple[str, bool], Counter[str]],
    kind: str,
    groups: list[list[tuple[int, int]]],
    found: Iterable[Entity],
) -> None:
    own = [item for item in found if item.type == kind]
    for repair in (True, False):
        tally = counts.setdefault((kind, repair), Counter())
        kept = [item for item in own if repair or not item.corrections]
        hit = sum(any(_overlap(span, item) for item in kept for span in group) for group in groups)
        right = sum(
            any(_overlap(span, item) for group in groups for span in group) for item in kept
        )
        tally.update(expected=len(groups), hit=hit, found=len(kept), right=right)


def _overlap(span: tuple[int, int], item: Entity) -> bool:
    shared = min(span[1], item.end) - max(span[0], item.start)
    return shared * 2 >= max(span[1], item.end) - min(span[0], item.start)


def _rates(tally: Counter[str]) -> str:
    precision = tally["right"] / (tally["found"] or 1)
    return f"     {precision:.3f}  {tally['hit'] / (tally['expected'] or 1):.3f}  "


def texts(paths: Iterable[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        for file in files:
            if not file.is_file() or file.is_symlink():
                continue
            data = file.read_bytes()
            if file.suffix == ".gz":
                with contextlib.suppress(OSError, EOFError):
                    data = gzip.decompress(data)
            text = data[:400_000].decode("utf-8", errors="replace")
            if "\0" not in text:
                yield (
                    file,
                    _TROFF.sub("", text) if re.search(r"\.\d\w*(?:\.gz)?$", file.name) else text,
                )


def false_alarms(arguments: argparse.Namespace) -> None:
    """List every finding with its context: whether it is a false one, a reader says."""
    words, found = 0, Counter[str]()
    with arguments.listing.open("w", encoding="utf-8") as listing:
        for path, text in texts(arguments.paths):
            words += len(text.split())
            for item in find(text):
                found[item.type] += 1
                before = text[max(0, item.start - 40) : item.start].replace("\n", "⏎")
                after = text[item.end : item.end + 20].replace("\n", "⏎")
                shown = f"{item.type:18} {item.confidence:.2f} {before}⟦{item.text!r}⟧{after}"
                print(shown, path, sep="\t", file=listing)
    total = sum(found.values())
    print(f"{words} words, {total} findings, listed in {arguments.listing}")
    for kind, count in found.most_common():
        print(f"  {kind:20} {count:6} {count * 5000 / (words or 1):.2f} per 5,000 words")


def speed(arguments: argparse.Namespace) -> None:
    corpus = [text for _, text in texts(arguments.paths)]
    for text in corpus[:3]:
        find(text[:2000])
    for size in (1000, 4000, 16000):
        pieces = [text[at : at + size] for text in corpus for at in range(0, len(text), size)]
        pieces = pieces[:: max(1, len(pieces) * size // 2_000_000)]
        spent = sum(map(seconds, pieces))
        print(f"{spent * 1e6 / sum(map(len, pieces)):.2f} ms per 1,000 characters, texts of {size}")
    for name, recipe in {**hostile.RECIPES, **hostile.mixtures(40)}.items():
        text = hostile.text(recipe, 1_000_000)
        begin = time.process_time()
        found = len(find(text))
        spent = time.process_time() - begin
        print(f"{spent:6.2f} s for 1 MB of {name} ({found} findings)")


def seconds(text: str) -> float:
    """Processor time that it takes to find what is in a text."""
    begin = time.process_time()
    find(text)
    return time.process_time() - begin


def growth(_arguments: argparse.Namespace) -> None:
    """Repeat short units, and look which take far more than four times as long for four times."""
    slowest = [(0.0, "")]
    for unit in hostile.units(UNITS):
        short, long = (seconds(unit * (size // len(unit))) for size in SIZES)
        slowest = sorted([*slowest, (long, unit)], reverse=True)[:5]
        if long > 0.25 and long > 2 * short * SIZES[1] / SIZES[0]:
            print(f"grows: {unit!r} {short:.2f} s, {long:.2f} s")
    print(f"{UNITS} units; the slowest, in seconds for {SIZES[1]:,} characters:")
    print(", ".join(f"{spent:.2f} {unit!r}" for spent, unit in slowest))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=list(DOORS))
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--shared-data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--listing", type=Path, default=Path("findings.txt"))
    arguments = parser.parse_intermixed_args()
    if arguments.what in {"false-alarms", "speed"} and not arguments.paths:
        parser.error("name files or folders of ordinary text")
    DOORS[arguments.what](arguments)


DOORS = {
    "cases": cases,
    "damage": damage,
    "false-alarms": false_alarms,
    "speed": speed,
    "growth": growth,
}

if __name__ == "__main__":
    main()
