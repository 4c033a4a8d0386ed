"""Writes what `accuracy.py` and `throughput.py` measured as tables and as a plot.

    python benchmarks/report.py [--out DIR]

``measured.md``, ``accuracy_and_speed.svg`` and ``.png`` go to the folder that the figures are in.
Takes the options of the other two, of which only ``--out`` matters here.
"""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import accuracy, results, throughput
from benchmarks.contenders import PEERS
from benchmarks.results import FOLDERS, Figures

if TYPE_CHECKING:
    from matplotlib.axes import Axes

DOT = 5  # pixels from a point's centre that no name may cover
Side = Literal["left", "center", "right"]
PLOT = "accuracy_and_speed"
COLOURS = ("#0b6e4f", "#8a4f00")
"""Of this service, of peers."""
PLACES: tuple[tuple[int, int, Side], ...] = (
    (8, 0, "left"),
    (-8, 0, "right"),
    (0, 11, "center"),
    (0, -11, "center"),
    (8, 11, "left"),
    (-8, 11, "right"),
    (8, -11, "left"),
    (-8, -11, "right"),
)
"""Where a label may stand beside its point: points to the right, points up, alignment."""


@dataclass(frozen=True, slots=True)
class Point:
    """A contender in the plot.

    Attributes:
        name: Its name.
        place: Images per second, mean F1.
        is_peer: Whether it is not this service.
    """

    name: str
    place: tuple[float, float]
    is_peer: bool


def points(words: Figures, rates: Figures) -> list[Point]:
    """Return a point for each contender of which both words and speed are known."""
    same = {peer.name: peer.words_of for peer in PEERS if peer.words_of}
    found = []
    for name, rate in rates.items():
        if one := words.get(same.get(name, name)):
            mean = sum(one[kind] for kind in FOLDERS) / len(FOLDERS)
            found.append(Point(name, (rate[throughput.ALL], mean), one["peer"]))
    return found


def plot(found: list[Point], folder: Path) -> None:
    """Draw accuracy against speed."""
    import matplotlib as mpl
    from matplotlib import pyplot as plt
    from matplotlib.ticker import FixedLocator, LogLocator, NullLocator

    plt.switch_backend("agg")
    mpl.rcParams["svg.hashsalt"] = PLOT  # equal figures make equal files

    figure, axes = plt.subplots(figsize=(9, 5.5), layout="constrained")
    axes.set_xscale("log")
    axes.set_xlabel("images per second, logarithmic: receipts, forms and pages together")
    axes.set_ylabel("word F1, mean of receipts, forms and pages")
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter("{x:g}")
    axes.xaxis.set_minor_locator(NullLocator())
    axes.grid(visible=True, color="#e6e6e6")
    axes.set_yscale("logit")  # of errors, .98 is as far from .96 as .96 is from .92
    axes.yaxis.set_major_locator(FixedLocator((0.05, 0.1, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 0.98)))
    axes.yaxis.set_major_formatter("{x:g}")
    axes.yaxis.set_minor_locator(NullLocator())
    axes.set_axisbelow(True)
    axes.margins(x=0.1, y=0.1)
    for is_peer, label in ((False, "this service"), (True, "others")):
        xs, ys = zip(*(point.place for point in found if point.is_peer is is_peer), strict=True)
        axes.scatter(xs, ys, c=COLOURS[is_peer], marker="os"[is_peer], s=50, label=label)
    axes.set_xlim(right=3 * max(point.place[0] for point in found))  # room for names
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1), ncols=2, frameon=False)
    figure.draw_without_rendering()  # so that places on paper are known
    _label(axes, found)
    for suffix, metadata in (("svg", {"Date": None}), ("png", None)):
        figure.savefig(folder / f"{PLOT}.{suffix}", dpi=150, metadata=metadata)


def _label(axes: "Axes", found: list[Point]) -> None:
    """Write each name where it covers no point and no other name, if there is such a place."""
    from matplotlib.transforms import Bbox

    centres = axes.transData.transform([point.place for point in found])
    taken = [Bbox([centre, centre]).padded(DOT) for centre in centres]
    for point in found:
        text = axes.annotate(
            point.name,
            point.place,
            (0, 0),
            textcoords="offset points",
            va="center",
            color=COLOURS[point.is_peer],
            fontsize=9,
        )
        for right, up, side in PLACES:
            text.set_position((right, up))
            text.set_horizontalalignment(side)
            box = text.get_window_extent()
            inside = axes.bbox.x0 < box.x0 and box.x1 < axes.bbox.x1
            if inside and not box.count_overlaps(taken):
                break
        taken.append(text.get_window_extent())


def main() -> None:
    """Write all."""
    folder: Path = results.options(__doc__).parse_args().out
    words, speed = results.load(folder, "accuracy"), results.load(folder, "throughput")
    contenders = words["contenders"]
    parts = (
        "# Words, findings, plates, speed, start and memory",
        "Written by `make bench`; what the columns mean stands in [README.md](README.md).",
        f"![Accuracy against speed]({PLOT}.svg)",
        "## Words, findings and plates",
        results.told(words["facts"]),
        accuracy.words_table(contenders),
        "## Speed",
        results.told(speed["facts"]),
        throughput.rates_table(speed["contenders"]),
        throughput.pairs_table(speed["contenders"]),
        throughput.stages_table(speed["stages"]),
        "## Start and memory",
        accuracy.footprint_table(contenders),
    )
    (folder / "measured.md").write_text("\n\n".join(parts) + "\n")
    plot(points(contenders, speed["contenders"]), folder)


if __name__ == "__main__":
    main()
