"""Word F1 through the service: each preprocessing on the same pictures, in one run.

    python benchmarks/accuracy.py [--data DIR] [--json FILE]

The scorer is the pictures' own, ``score_ocr.py`` beside them; the figure is its loose bag-of-words
F1. Seconds are the engine's and preprocessing's, summed over the folder.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from ocr_service.pb.ocr.v1 import recognize_pb2  # noqa: E402
from tests.servers import Server, running_server  # noqa: E402

FOLDERS = ("receipts", "forms", "pages")
MODES = {
    "AUTO": recognize_pb2.PREPROCESSING_AUTO,
    "NONE": recognize_pb2.PREPROCESSING_NONE,
    "CLASSIC": recognize_pb2.PREPROCESSING_CLASSIC,
}


def read_all(
    server: Server, files: list[Path], mode: recognize_pb2.Preprocessing.ValueType
) -> dict[Path, recognize_pb2.RecognizeResponse]:
    """Read the files with two callers."""

    def read(file: Path) -> recognize_pb2.RecognizeResponse:
        options = recognize_pb2.RecognizeOptions(preprocessing=mode)
        request = recognize_pb2.RecognizeRequest(content=file.read_bytes(), options=options)
        return server.stub.Recognize(request, metadata=server.metadata, timeout=120)

    with ThreadPoolExecutor(2) as callers:
        return dict(zip(files, callers.map(read, files), strict=True))


def score(data: Path, replies: dict[Path, recognize_pb2.RecognizeResponse]) -> dict[str, float]:
    """Loose F1 of each folder."""
    predictions = {
        str(file.relative_to(data)): {"text": reply.text} for file, reply in replies.items()
    }
    figures = {}
    with tempfile.TemporaryDirectory() as folder:
        said, scored = Path(folder) / "said.json", Path(folder) / "scored.json"
        said.write_text(json.dumps(predictions))
        for name in FOLDERS:
            subprocess.run(
                [
                    sys.executable,
                    str(data / "score_ocr.py"),
                    str(data),
                    str(said),
                    f"--only={name}",
                    "--allow-missing",
                    f"--json={scored}",
                ],
                check=True,
                stdout=subprocess.DEVNULL,
            )
            report = json.loads(scored.read_text())
            figures[name] = report["categories"][name]["bag"]["loose"]["f1"]
    return figures


def main() -> None:
    """Run and print a table."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--json", type=Path, default=None, help="write the figures there too")
    arguments = parser.parse_args()
    files = [
        file
        for name in FOLDERS
        for file in sorted((arguments.data / name).glob("*"))
        if file.suffix in {".jpg", ".png"}
    ]
    if not files:
        sys.exit(f"No pictures below {arguments.data}; see --data.")
    figures: dict[str, dict[str, float]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder), "--workers=2") as server,
    ):
        print(f"{'loose F1':10}" + "".join(f"{name:>10}" for name in FOLDERS) + f"{'seconds':>10}")
        for name, mode in MODES.items():
            replies = read_all(server, files, mode)
            figures[name] = score(arguments.data, replies)
            figures[name]["seconds"] = sum(map(seconds_of, replies.values()))
            print(f"{name:10}" + "".join(f"{figure:10.3f}" for figure in figures[name].values()))
    if arguments.json:
        arguments.json.write_text(json.dumps(figures, indent=1))


def seconds_of(reply: recognize_pb2.RecognizeResponse) -> float:
    """Time in preprocessing and engine."""
    stages = (reply.timings.preprocess, reply.timings.recognize)
    return sum(stage.ToTimedelta().total_seconds() for stage in stages)


if __name__ == "__main__":
    main()
