"""The entity cases as pictures: rendered, damaged, recognised, found; beside Presidio's rules.

    python -m benchmarks.entities_rendered [--engine tesseract] [--share 0.33] [--json FILE]

Each case is drawn in five fonts and three sizes (`--share` takes a part of these, seeded), with
noise, blur, skew and JPEG loss. The running service recognises the pictures and finds entities in
what it read; Presidio's analyzer gets the very same text, in an environment of its own that the
first run makes under `.build/`. Expected spans are carried over to the recognised text by aligning
the two texts, and the set's own scorer counts.

Fonts: Debian's fonts-dejavu-core and fonts-liberation. Cases that need other scripts are left out.
"""

import argparse
import difflib
import hashlib
import io
import json
import random
import subprocess
import sys
import tempfile
import unicodedata
import venv
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from benchmarks.entities import load_cases
from ocr_service.pb.ocr.v1 import entity_pb2, ocr_service_pb2, recognize_pb2
from tests.servers import Server, running_server

ROOT = Path(__file__).parents[1]
FONTS = (
    "dejavu/DejaVuSans.ttf",
    "dejavu/DejaVuSerif.ttf",
    "liberation/LiberationSans-Regular.ttf",
    "liberation/LiberationSerif-Regular.ttf",
    "liberation/LiberationMono-Regular.ttf",
)
FONT_FOLDER = Path("/usr/share/fonts/truetype")
SIZES = (18, 26, 38)
MARGIN = 24
PRESIDIO = "presidio-analyzer==2.2.366"

Case = dict[str, Any]


def readable(text: str) -> bool:
    """Tell whether the fonts have every character, and the engines' languages may know it."""
    return "\t" not in text and all(
        char.isascii() or unicodedata.name(char, "").startswith("LATIN ") or char in "°€£©"
        for char in text
    )


def picture(text: str, font: str, size: int, seed: str) -> bytes:
    """Return a JPEG of the text as a worn scan would show it."""
    digest = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:8])
    dice = random.Random(digest)  # noqa: S311  # not for secrets
    face = ImageFont.truetype(str(FONT_FOLDER / font), size)
    pen = ImageDraw.Draw(Image.new("L", (1, 1)))
    _, _, right, bottom = pen.multiline_textbbox((MARGIN, MARGIN), text, face)
    page = Image.new("L", (int(right) + MARGIN, int(bottom) + MARGIN), 255)
    ImageDraw.Draw(page).multiline_text((MARGIN, MARGIN), text, dice.randint(0, 60), face)
    page = page.rotate(dice.uniform(-1.5, 1.5), Image.Resampling.BICUBIC, True, fillcolor=255)
    page = page.filter(ImageFilter.GaussianBlur(dice.uniform(0.0, 0.045) * size / 2))
    grain = np.random.default_rng(digest).normal(0, dice.uniform(3, 14), page.size[::-1])
    pixels = np.clip(np.asarray(page) + grain, 0, 255).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=dice.randint(35, 85))
    return out.getvalue()


def variants(case: Case, share: float) -> Iterator[tuple[Case, str, int]]:
    """Yield the fonts and sizes that a case is drawn in."""
    every = list(product(FONTS, SIZES))
    dice = random.Random(case["id"])  # noqa: S311  # not for secrets
    for font, size in dice.sample(every, max(1, round(share * len(every)))):
        yield {**case, "id": f"{case['id']}:{Path(font).stem}:{size}"}, font, size


def carried(case: Case, read: str) -> Case:
    """Return the case with its spans at the places of the recognised text."""
    text = case["text"]
    places = [len(read)] * (len(text) + 1)
    matcher = difflib.SequenceMatcher(None, text, read, autojunk=False)
    for _, start, end, new_start, new_end in matcher.get_opcodes():
        for offset in range(start, end):
            ratio = (offset - start) / (end - start)
            places[offset] = new_start + round(ratio * (new_end - new_start))

    def moved(spans: Iterable[list[int]]) -> list[list[int]]:
        return [[places[start], max(places[end], places[start] + 1)] for start, end in spans]

    changes = {"text": read, "spans": moved(case["spans"])}
    if "alt" in case:
        changes["alt"] = [moved(spans) for spans in case["alt"]]
    if "ignore" in case:
        changes["ignore"] = moved(case["ignore"])
    return {**case, **changes}


def read_and_find(
    server: Server, engine: recognize_pb2.Engine.ValueType, case: Case, font: str, size: int
) -> tuple[Case, dict[str, Any]]:
    """Return the case as it was read, and what the service finds in it."""
    options = recognize_pb2.RecognizeOptions(
        engine=engine, entities=entity_pb2.EntityOptions(skip=True)
    )
    content = picture(case["text"], font, size, case["id"])
    request = recognize_pb2.RecognizeRequest(content=content, options=options)
    reply = server.stub.Recognize(request, metadata=server.metadata, timeout=120)
    found = server.stub.FindEntities(
        ocr_service_pb2.FindEntitiesRequest(text=reply.text), metadata=server.metadata, timeout=60
    )
    rows = [
        {
            "type": entity_pb2.EntityType.Name(item.type).removeprefix("ENTITY_TYPE_"),
            "start": item.start,
            "end": item.end,
        }
        for item in found.entities
    ]
    return carried(case, reply.text), {"id": case["id"], "entities": rows}


def presidio(cases: list[Case]) -> list[dict[str, Any]]:
    """Return what Presidio's rules find in the same texts."""
    home = ROOT / ".build" / "presidio"
    python = home / "bin" / "python"
    if not python.exists():
        venv.create(home, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", PRESIDIO], check=True)
    lines = "\n".join(json.dumps({"id": case["id"], "text": case["text"]}) for case in cases)
    said = subprocess.run(
        [python, ROOT / "benchmarks" / "entities_presidio.py"],
        input=lines,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in said.stdout.splitlines()]


def main() -> None:
    """Run and print two tables."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--shared-data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--engine", default="tesseract")
    parser.add_argument("--share", type=float, default=1.0, help="of the 15 fonts and sizes")
    parser.add_argument("--json", type=Path, help="write the figures and texts there too")
    arguments = parser.parse_args()
    absent = [font for font in FONTS if not (FONT_FOLDER / font).exists()]
    if absent:
        sys.exit(f"skipped: install fonts-dejavu-core and fonts-liberation ({', '.join(absent)})")
    scorer, rows = load_cases(arguments.shared_data)
    kept = [row for row in rows if readable(row["text"])]
    drawn = [item for row in kept for item in variants(row, arguments.share)]
    engine = recognize_pb2.Engine.Value(f"ENGINE_{arguments.engine.upper()}")
    with (
        tempfile.TemporaryDirectory() as folder,
        running_server(Path(folder)) as server,
        ThreadPoolExecutor(2) as callers,
    ):
        done = list(callers.map(lambda item: read_and_find(server, engine, *item), drawn))
    cases = [case for case, _ in done]
    figures = {}
    print(f"{arguments.engine}: {len(drawn)} pictures of {len(kept)} cases (of {len(rows)})")
    for name, said in (("ocr-service", [row for _, row in done]), ("Presidio", presidio(cases))):
        print(f"\n{name}")
        per, _, _ = scorer.score(cases, said)
        scorer.report(per, 0)
        figures[name] = {"types": per, "micro": scorer.totals(per), "findings": said}
    if arguments.json:
        arguments.json.write_text(json.dumps({"figures": figures, "cases": cases}, indent=1))


if __name__ == "__main__":
    main()
