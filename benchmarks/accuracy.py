"""Words, findings, plates, start and memory: every engine and mode beside the peers.

    python benchmarks/accuracy.py [--every N] [--easyocr-models DIR] [--data DIR] [--out DIR]

All read the same pictures; the scorer is the pictures' own, ``score_ocr.py`` beside them.

    words      its loose bag-of-words F1
    findings   F1 of the sensitive data in receipts, forms and pages, all types together
    plates     share of photographs in whose text, less all that is no letter or digit and its
               lines put together, the plate's characters stand
    start      from starting the process to the answer for a picture of one word
    memory     of a worker after receipts, forms and pages; without the program that pytesseract
               starts for each picture
"""

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import contenders, footprint, results
from benchmarks.peers import Answer
from benchmarks.results import FOLDERS, Figures
from benchmarks.runners import Contender, Peer
from tests.data import make

PLATES = "plates"
FINDINGS = "findings"


def measure(
    contender: Contender, files: list[Path], plates: list[Path], data: Path
) -> dict[str, object]:
    """Return a contender's figures."""
    with tempfile.TemporaryDirectory() as folder:
        word = Path(folder) / "word.png"
        word.write_bytes(make.encode(make.text_image(["Hello"]), "PNG"))
        began = time.perf_counter()
        with contender.running() as reader:
            reader.read([word])
            start = time.perf_counter() - began
            answers = reader.read(files)
            workers = contender.workers
            figures: dict[str, object] = {
                "peer": isinstance(contender, Peer),
                "start seconds": round(start, 2),
                "worker MiB": round(footprint.worker_mib(reader.pid, workers)),
                "libraries": footprint.libraries(reader.pid),
            }
            answers += reader.read(plates)
    return score(data, dict(zip([*files, *plates], answers, strict=True))) | figures


def score(data: Path, answers: dict[Path, Answer]) -> dict[str, object]:
    """Return the loose F1 of each folder, of the findings, and the share of plates in the text."""
    said = {str(file.relative_to(data)): answer for file, answer in answers.items()}
    with tempfile.TemporaryDirectory() as folder:
        predictions, scored = Path(folder) / "said.json", Path(folder) / "scored.json"
        predictions.write_text(json.dumps(said))
        subprocess.run(
            [
                sys.executable,
                data / "score_ocr.py",
                data,
                predictions,
                f"--only={','.join((*FOLDERS, PLATES))}",
                "--allow-missing",
                f"--json={scored}",
            ],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        kinds = json.loads(scored.read_text())["categories"]
    words = {name: kinds[name]["bag"]["loose"]["f1"] for name in FOLDERS}
    found = [one for name in FOLDERS for one in kinds[name].get("entities", {}).values()]
    hits, false, missed = (sum(one[kind] for one in found) for kind in ("tp", "fp", "fn"))
    looks = any("entities" in answer for answer in answers.values())
    return words | {
        FINDINGS: 2 * hits / max(1, 2 * hits + false + missed) if looks else None,
        PLATES: kinds[PLATES]["plates"]["in_ocr_text"],
    }


def words_table(figures: Figures) -> str:
    """Return words, findings and plates as a table in Markdown."""
    header = ["F1 of words by kind", *FOLDERS, "F1 of findings", "plates in the text"]
    rows = [
        [
            name,
            *(f"{one[kind]:.3f}" for kind in FOLDERS),
            "" if one[FINDINGS] is None else f"{one[FINDINGS]:.3f}",
            f"{one[PLATES]:.2f}",
        ]
        for name, one in figures.items()
    ]
    return results.table(header, rows)


def footprint_table(figures: Figures) -> str:
    """Return start, memory and libraries as a table in Markdown."""
    header = ["", "first answer after, s", "MiB a worker", "libraries in its processes"]
    rows = [
        [
            name,
            f"{one['start seconds']:.1f}",
            f"{one['worker MiB']}",
            ", ".join(one["libraries"]) or "none of the engines'",
        ]
        for name, one in figures.items()
    ]
    return results.table(header, rows)


def main() -> None:
    """Run, print and save."""
    arguments = results.options(__doc__).parse_args()
    files = [file for name in FOLDERS for file in results.pictures(arguments, name)]
    plates = results.pictures(arguments, PLATES)
    figures: Figures = {}
    for contender in (
        contenders.AUTO,
        contenders.RAPIDOCR,
        contenders.TESSERACT,
        *contenders.TESSERACT_MODES,
        *contenders.easyocr(arguments.easyocr_models),
        *contenders.PEERS,
        *contenders.presidio(),
    ):
        if isinstance(contender, Peer) and contender.words_of:
            continue
        began = time.perf_counter()
        figures[contender.name] = measure(contender, files, plates, arguments.data)
        print(f"{time.perf_counter() - began:6.1f} s {contender.name}", file=sys.stderr)
    results.save(arguments, "accuracy", len(files) + len(plates), contenders=figures)
    print(words_table(figures), footprint_table(figures), sep="\n\n")


if __name__ == "__main__":
    main()
