"""Counts pages from a file's structure, without decoding and without reading on past a bound.

Pillow counts too, but only to the end: a file of 32 MiB can hold millions of empty frames.
"""

import re
import struct
from collections.abc import Iterator

GIF_TRAILER, GIF_EXTENSION = b";!"
_GIF_BLOCKS = 1_000_000  # encoders fill blocks of 255 bytes: that is 255 MB; then the count ends
_GIF_BLOCK = re.compile(b"[;!,]")


def gif_frames(content: bytes, bound: int) -> list[tuple[int, int]]:
    """Return the canvas's width and height with each frame, for at most `bound` + 1 frames.

    A frame that reaches beyond the canvas enlarges it from then on. Bytes that belong to nothing
    are skipped, as decoders do.
    https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    """
    position = 13 + _colour_table(content[10:11])
    right, bottom = struct.unpack("<2H", content[6:10].ljust(4, b"\0"))
    frames: list[tuple[int, int]] = []
    budget = iter(range(_GIF_BLOCKS))
    while len(frames) <= bound and (block := _GIF_BLOCK.search(content, position)):
        position = block.start()
        introducer = content[position]
        if introducer == GIF_TRAILER:
            break
        if introducer == GIF_EXTENSION:
            position = _skip_blocks(content, position + 2, budget)
        else:
            if position + 10 >= len(content):
                break
            left, top, width, height = struct.unpack_from("<4H", content, position + 1)
            right, bottom = max(right, left + width), max(bottom, top + height)
            frames.append((right, bottom))
            flags = content[position + 9 : position + 10]
            position = _skip_blocks(content, position + 11 + _colour_table(flags), budget)
    return frames


def _colour_table(flags: bytes) -> int:
    """Return the size in bytes of the table that the flags announce."""
    return 3 << ((flags[0] & 7) + 1) if flags and flags[0] & 0x80 else 0


def _skip_blocks(content: bytes, position: int, budget: Iterator[int]) -> int:
    """Return the position after a chain of data blocks, each led by its length, ended by 0."""
    for _ in budget:
        if position >= len(content) or not content[position]:
            return position + 1
        position += 1 + content[position]
    return len(content)


def count_tiff_directories(content: bytes, bound: int) -> int:
    """Return the number of image file directories, at most `bound` + 1; loops end the count.

    TIFF revision 6.0, section 2, and the BigTIFF extension.
    """
    order = "<" if content[:1] == b"I" else ">"
    big = content[2:4] in {b"+\0", b"\0+"}
    pointer = struct.Struct(order + ("Q" if big else "I"))
    length = struct.Struct(order + ("Q" if big else "H"))
    entry = 20 if big else 12
    seen: set[int] = set()
    try:
        (offset,) = pointer.unpack_from(content, 8 if big else 4)
        while offset and offset not in seen and len(seen) <= bound:
            (entries,) = length.unpack_from(content, offset)
            seen.add(offset)
            (offset,) = pointer.unpack_from(content, offset + length.size + entries * entry)
    except (struct.error, OverflowError):
        pass  # the chain leaves the file: what was found counts
    return len(seen)
