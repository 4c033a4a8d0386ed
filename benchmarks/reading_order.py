"""Reading order: boxes in any order, put in order, against the order and rows that are known.

    python benchmarks/reading_order.py [--data DIR] [--seeds N]

Layouts are those of ``tests/layouts.py``, as they are and as detectors give them: boxes jittered,
lines cut in two, pages skewed. `next` is the share of words followed by the right word, `rows` the
share of visual rows that come as one line each. Of the pictures only rows can be told, by boxes
that overlap in height by half: their files are not in the order of reading. Each figure is given
for lines sorted by their top edge, then for `arrange`.
"""

import argparse
import json
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from itertools import chain, pairwise
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from ocr_service.reading_order import arrange  # noqa: E402
from ocr_service.results import Line, Word  # noqa: E402
from tests import layouts  # noqa: E402
from tests.layouts import Row  # noqa: E402

Arranger = Callable[[Sequence[Line]], list[Line]]
MOST_SKEW = 5.0  # degrees
MANY = 2000  # lines of a page whose time is taken
CUT = 0.15  # share of lines that a detector cuts in two


def by_top(lines: Sequence[Line]) -> list[Line]:
    """The order without any layout: lines by their top edge."""
    return sorted(lines, key=lambda line: line.poly.vertices[0][::-1])


def arranged(lines: Sequence[Line]) -> list[Line]:
    """The order under test."""
    return [line for block in arrange(lines) for line in block.lines]


def as_is(rows: list[Row], _: random.Random) -> list[Row]:
    """Boxes as the layout has them."""
    return rows


def jittered(rows: list[Row], source: random.Random) -> list[Row]:
    """Boxes off by up to a tenth of a line."""
    return [[layouts.jittered(line, source, 0.1) for line in row] for row in rows]


def cut(rows: list[Row], source: random.Random) -> list[Row]:
    """Some lines in two pieces."""

    def pieces(line: Line) -> Row:
        if len(line.words) < 2 or source.random() > CUT:
            return [line]
        return layouts.split(line, source.randrange(1, len(line.words)))

    return [[piece for line in row for piece in pieces(line)] for row in rows]


def skewed(rows: list[Row], source: random.Random) -> list[Row]:
    """The page turned by some degrees."""
    degrees = source.uniform(-MOST_SKEW, MOST_SKEW)
    return [[layouts.skewed(line, degrees) for line in row] for row in rows]


def everything(rows: list[Row], source: random.Random) -> list[Row]:
    """All of these together."""
    return skewed(jittered(cut(rows, source), source), source)


DAMAGES = (as_is, jittered, cut, skewed, everything)


def score(rows: list[Row], arranger: Arranger, source: random.Random) -> tuple[float, float]:
    """Shares of right successors among words, and of rows that are one line."""
    lines = [line for row in rows for line in row]
    source.shuffle(lines)
    found = arranger(lines)
    wanted = [_words(row) for row in rows]
    return _successors(_words(chain(*rows)), _words(found)), _whole(wanted, found)


def _words(lines: Iterable[Line]) -> list[Word]:
    return [word for line in lines for word in line.words]


def _successors(wanted: list[Word], found: list[Word]) -> float:
    pairs = set(pairwise(wanted))
    return len(pairs & set(pairwise(found))) / max(1, len(pairs))


def _whole(wanted: list[list[Word]], found: list[Line]) -> float:
    lines = {frozenset(line.words) for line in found}
    return sum(frozenset(row) in lines for row in wanted) / len(wanted)


def read_rows(file: Path) -> list[Row]:
    """Rows of a picture: boxes of which one overlaps half the height of the next."""
    boxes = [
        (line["text"], *line["box"])
        for line in json.loads(file.read_text())["lines"]
        if "box" in line and not line.get("vertical") and line["text"].strip()
    ]
    rows: list[list[tuple[str, float, float, float, float]]] = []
    for box in sorted(boxes, key=lambda box: box[1]):
        _, _, top, _, bottom = box
        for row in rows:
            _, _, above, _, below = row[-1]
            if min(bottom, below) - max(top, above) >= 0.5 * min(bottom - top, below - above):
                row.append(box)
                break
        else:
            rows.append([box])
    return [[_line(*box) for box in sorted(row, key=lambda box: box[1])] for row in rows]


def _line(text: str, left: float, top: float, right: float, bottom: float) -> Line:
    height = max(1.0, bottom - top)
    line = layouts.piece(text, 0.0, 0.0, height)
    stretch = (right - left) / (len(text) * layouts.ADVANCE * height)
    return layouts.moved(line, lambda p: (left + p[0] * stretch, top + p[1]))


def dice(seed: int) -> random.Random:
    """Chance that is the same in each run."""
    return random.Random(seed)  # noqa: S311  # not for secrets


def pages(layout: Callable[[layouts.Sheet], None], seeds: int) -> dict[str, list[list[Row]]]:
    """Damaged copies of a layout, by damage."""
    return {
        damage.__name__: [
            damage(layouts.rows_of(layout, seed), dice(seed)) for seed in range(seeds)
        ]
        for damage in DAMAGES
    }


def report(name: str, found: list[list[Row]], *, order: bool = True) -> None:
    """Print the mean figures of some pages."""
    print(f"{name:36}", end="")
    for index, shown in ((0, order), (1, True)):
        for arranger in (by_top, arranged):
            figures = [score(rows, arranger, dice(0))[index] for rows in found]
            print(f"{sum(figures) / len(figures):9.3f}" if shown else f"{'':9}", end="")
    print()


def main() -> None:
    """Run and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--seeds", type=int, default=20)
    arguments = parser.parse_args()
    print(f"{'':36}{'next: top':>9}{'here':>9}{'rows: top':>9}{'here':>9}")
    for layout in layouts.LAYOUTS:
        for damage, found in pages(layout, arguments.seeds).items():
            report(f"{layout.__name__} {damage}", found)
    for folder in ("receipts", "forms", "pages"):
        files = sorted((arguments.data / folder).glob("*.json"))
        if found := [rows for file in files if (rows := read_rows(file))]:
            report(folder, found, order=False)
    for layout in (layouts.table, layouts.two_columns):
        sheet = layouts.Sheet.of(0)
        while sum(map(len, sheet.rows)) < MANY:
            layout(sheet)
        lines = [line for row in sheet.rows for line in row]
        began = time.process_time()
        arrange(lines)
        print(f"{layout.__name__}, {len(lines)} lines: {time.process_time() - began:.3f} s")


if __name__ == "__main__":
    main()
