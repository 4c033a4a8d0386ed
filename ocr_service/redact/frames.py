"""Joins pictures of one frame each to a file of several.

Pillow's own writers hold all frames at once and leave out those that equal the one before, so that
later pages would change their numbers. Here a frame is compressed before the next is drawn. The
files play each frame for no time at all, once: what they held of timing is not theirs to keep.
"""

import struct
import zlib
from collections.abc import Iterator, Sequence

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_GIF_TABLE = 0x80
_GIF_TABLE_SIZE = 0x07
_GIF_INTERLACED = 0x40


def join_gif(pictures: Sequence[bytes]) -> bytes:
    """Return a GIF file of these GIF pictures; the first sets the size of the canvas.

    https://www.w3.org/Graphics/GIF/spec-gif89a.txt
    """
    first = pictures[0]
    if len(pictures) == 1:
        return first
    screen = first[6:10] + bytes(3)  # no colour table for all: each frame has its own
    return b"".join([b"GIF89a", screen, *map(_gif_frame, pictures), b";"])


def _gif_frame(picture: bytes) -> bytes:
    flags = picture[10]
    table = picture[13 : 13 + (3 << (flags & _GIF_TABLE_SIZE) + 1)] if flags & _GIF_TABLE else b""
    position = 13 + len(table)
    while picture[position] != ord(","):  # extensions, each a label and blocks led by their length
        position += 2
        while picture[position]:
            position += 1 + picture[position]
        position += 1
    descriptor, data = picture[position : position + 10], picture[position + 10 :]
    packed = descriptor[9] & _GIF_INTERLACED | flags & (_GIF_TABLE | _GIF_TABLE_SIZE)
    return descriptor[:9] + bytes([packed]) + table + data.removesuffix(b";")


def join_png(pictures: Sequence[bytes]) -> bytes:
    """Return a PNG file of these PNG pictures, all of one size and colour type.

    https://www.w3.org/TR/png-3/, section 11.3.6
    """
    if len(pictures) == 1:
        return pictures[0]
    _, header = next(_png_chunks(pictures[0]))
    parts = [_PNG_SIGNATURE, _png_chunk(b"IHDR", header)]
    parts.append(_png_chunk(b"acTL", struct.pack(">II", len(pictures), 1)))
    number = 0
    for index, picture in enumerate(pictures):
        control = struct.pack(">I8sIIHHBB", number, header[:8], 0, 0, 0, 0, 0, 0)
        parts.append(_png_chunk(b"fcTL", control))
        number += 1
        for kind, data in _png_chunks(picture):
            if kind != b"IDAT":
                continue
            if index == 0:
                parts.append(_png_chunk(b"IDAT", data))
            else:
                parts.append(_png_chunk(b"fdAT", struct.pack(">I", number) + data))
                number += 1
    return b"".join([*parts, _png_chunk(b"IEND", b"")])


def _png_chunks(picture: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = len(_PNG_SIGNATURE)
    while position < len(picture):
        length, kind = struct.unpack_from(">I4s", picture, position)
        yield kind, picture[position + 8 : position + 8 + length]
        position += 12 + length


def _png_chunk(kind: bytes, data: bytes) -> bytes:
    checksum = zlib.crc32(data, zlib.crc32(kind))
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", checksum)


def join_webp(pictures: Sequence[bytes], width: int, height: int) -> bytes:
    """Return a WebP file of these opaque WebP pictures of one chunk, all of one size.

    RFC 9649, section 2.7.
    """
    if len(pictures) == 1:
        return pictures[0]
    animated = 0x02
    size = _three(width - 1) + _three(height - 1)
    parts = [
        _webp_chunk(b"VP8X", bytes([animated, 0, 0, 0]) + size),
        _webp_chunk(b"ANIM", b"\xff\xff\xff\xff" + struct.pack("<H", 1)),
    ]
    for picture in pictures:
        place = bytes(6) + size + bytes(4)  # at the corner, for no time, laid over the last
        parts.append(_webp_chunk(b"ANMF", place + picture[12:]))
    return _webp_chunk(b"RIFF", b"WEBP" + b"".join(parts))


def _webp_chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
