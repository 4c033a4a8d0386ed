"""How much memory and processor time a hostile input costs, beside its size.

    .venv/bin/python benchmarks/amplification.py [--data FOLDER]

Each input goes through decoding or the entity finders in a process of its own: broken and odd files
of a folder, and the worst within the limits that could be thought of. Memory is what the process
grows by at most, time is what it computes. Exits with 1 if a bound is exceeded:

- memory: 24 bytes for each pixel that a page may have, and 64 MiB; whatever the input's size; of
  text 160 bytes a character
- time: the deadline, at which the pool kills a job
"""

import argparse
import ctypes
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks import hostile
from ocr_service import entities, images
from ocr_service.errors import OcrError
from ocr_service.images import Limits
from tests.data import make

LIMITS = Limits()
BYTES_A_PIXEL = 24
SPARE_BYTES = 64 << 20
MEMORY_BOUND = BYTES_A_PIXEL * LIMITS.max_pixels + SPARE_BYTES
SIDE = math.isqrt(LIMITS.max_pixels)
TEXT = 1_000_000  # code points, the most that FindEntities takes
TEXT_BOUND = 160 * TEXT


@dataclass(frozen=True)
class Cost:
    """What an input took."""

    name: str
    size: int
    memory: int
    seconds: float
    in_time: bool


def made_files() -> Iterator[tuple[str, bytes]]:
    """Files within the limits that say little and mean much."""
    square = (SIDE, SIDE)
    yield "PNG of 1 bit", make.encode(Image.new("1", square), "PNG")
    yield "PNG with alpha", make.encode(Image.new("RGBA", square), "PNG")
    yield "PNG of 16 bits", make.encode(Image.new("I;16", square), "PNG")
    yield "TIFF of 32 bits", tiff(Image.new("I", square))
    yield "TIFF of fractions", tiff(Image.new("F", square))
    yield "TIFF, CMYK", tiff(Image.new("CMYK", square))
    yield "JPEG, progressive", make.encode(Image.new("RGB", square), "JPEG", progressive=True)
    yield "JPEG 2000", make.encode(Image.new("RGB", square), "JPEG2000", irreversible=True)
    yield "WebP", make.encode(Image.new("RGB", square), "WEBP", lossless=True, method=0)
    yield "GIF", make.encode(Image.new("P", square), "GIF")
    small = [Image.new("L", (8, 8), shade) for shade in range(256)] * 2
    yield "TIFF of 500 pages", make.encode_pages(small[: LIMITS.max_pages], "TIFF")
    yield "GIF of 500 frames of 16 MP", gif(LIMITS.max_pages, 4000)
    yield "PDF of 500 pages", make.pdf([make.PdfPage("A")] * LIMITS.max_pages)
    circles = "q 1 0 0 1 5 5 cm 0 0 m 9 99 99 9 50 50 c S Q " * 20_000
    yield "PDF of 20,000 curves", make.pdf([make.PdfPage(drawing=circles)])
    yield "PDF, nested", make.pdf([make.PdfPage(drawing="q " * 200_000 + "[" * 200_000)])


def tiff(image: Image.Image) -> bytes:
    return make.encode(image, "TIFF", compression="tiff_lzw")


def gif(count: int, side: int) -> bytes:
    """Frames that all show one pixel and are laid over the whole canvas, each differently."""
    file = make.encode(Image.new("P", (side, side)), "GIF")
    head = 13 + (3 << ((file[10] & 7) + 1))
    return file[:head] + file[head:-1] * count + b";"


def made_texts() -> Iterator[tuple[str, str]]:
    """What makes patterns try again and again."""
    pieces = ("1", "1 ", "1-", "4111 ", "a@", "a.", "a@b.c:", "http://", "+1 ", "12/", "://.", "\n")
    for piece in pieces:
        yield f"text of {piece!r}", (piece * TEXT)[:TEXT]
    letters = np.random.default_rng(7).integers(32, 127, TEXT, np.uint8).tobytes().decode("ascii")
    yield "text by chance", letters
    digits = np.random.default_rng(7).choice(list("0123456789 -./:"), TEXT)
    yield "digits by chance", "".join(digits)
    for full in ("written dates", "labelled plates"):  # of nothing but findings
        yield full, hostile.text(hostile.RECIPES[full], TEXT)


def decode(content: bytes) -> None:
    """Read all pages, as a job does, one at a time."""
    for page in images.decode(content, "", (), 200, LIMITS)[1]:
        assert page.pixels.size


def cost(name: str, size: int, work: Callable[[], object], deadline: float) -> Cost:
    """Do the work in a child and see what it takes."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # libtiff complains at length
        ctypes.CDLL(None).malloc_trim(0)  # or what was freed before would be used unseen
        Path("/proc/self/clear_refs").write_text("5")  # forget the highest memory so far
        os.write(writing, b"%d" % _highest())
        with suppress(OcrError, MemoryError):
            work()
        os.write(writing, b" %d %f" % (_highest(), time.process_time()))
        os._exit(0)
    os.close(writing)
    highest, seconds = 0, 0.0
    while not os.waitpid(child, os.WNOHANG)[0]:
        highest, seconds = max(highest, _highest(child)), _computed(child)
        if seconds > deadline:
            os.kill(child, signal.SIGKILL)
        time.sleep(0.02)
    with os.fdopen(reading, "rb") as pipe:
        before, *said = pipe.read().split()
    if said:
        highest, seconds = int(said[0]), float(said[1])
    return Cost(name, max(1, size), highest - int(before), seconds, in_time=bool(said))


def _highest(process: int | str = "self") -> int:
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) << 10 if "VmHWM:" in status else 0


def _computed(process: int) -> float:
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure what hostile inputs cost.")
    data = Path(__file__).parents[2] / "shared" / "data"
    parser.add_argument("--data", type=Path, default=data, help="folder with broken/ and formats/")
    parser.add_argument("--deadline", type=float, default=60.0, help="seconds of a job")
    asked = parser.parse_args()
    decode(make.encode(make.gradient(), "PNG"))  # what is loaded once is nobody's cost
    decode(make.pdf([make.PdfPage("A")]))
    entities.find("ann@example.com 4111 1111 1111 1111 +12125550100 1.2.2024", regions=("US",))
    files = dict(made_files())
    for folder in ("broken", "formats"):
        for path in sorted((asked.data / folder).glob("*")):
            files[f"{folder}/{path.name}"] = path.read_bytes()
    works: list[tuple[str, int, Callable[[], object]]] = []
    works += [(name, len(content), partial(decode, content)) for name, content in files.items()]
    works += [(name, TEXT, partial(entities.find, text)) for name, text in made_texts()]
    costs = []
    for name, size, work in works:
        costs.append(cost(name, size, work, asked.deadline))
        print(_line(costs[-1]), flush=True)
    for title, key in (
        ("memory", _memory),
        ("memory for a byte", _memory_a_byte),
        ("time", _seconds),
        ("time for a kilobyte", _seconds_a_byte),
    ):
        print(f"\nMost {title}:")
        for one in sorted(costs, key=key, reverse=True)[:6]:
            print(_line(one))
    texts = {name for name, _ in made_texts()}
    exceeded = [
        one.name
        for one in costs
        if one.memory > (TEXT_BOUND if one.name in texts else MEMORY_BOUND)
    ]
    print(
        f"\nBound of memory: {MEMORY_BOUND >> 20:,} MiB, {BYTES_A_PIXEL} bytes a pixel, and "
        f"{TEXT_BOUND // TEXT} bytes a character of text; "
        f"exceeded by: {', '.join(exceeded) or 'none'}. Bound of time: the deadline."
    )
    sys.exit(bool(exceeded))


def _line(one: Cost) -> str:
    return (
        f"  {one.name:45} {one.size:>10,} bytes {one.memory / 2**20:>7,.0f} MiB "
        f"({one.memory / one.size:>9,.0f} a byte) {one.seconds:>7.2f} s"
        + ("" if one.in_time else "  killed at its deadline")
    )


def _memory(one: Cost) -> float:
    return one.memory


def _memory_a_byte(one: Cost) -> float:
    return one.memory / one.size


def _seconds(one: Cost) -> float:
    return one.seconds


def _seconds_a_byte(one: Cost) -> float:
    return one.seconds / one.size


if __name__ == "__main__":
    main()
