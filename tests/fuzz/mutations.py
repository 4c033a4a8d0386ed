"""Changes to files that leave their structure whole, so that what lies behind it is reached.

A flipped bit in a PNG is refused for its sum, one in a TIFF's pixels says little. Here a part is
chosen, changed, and put back so that the file still holds together.
"""

import random
import re
import struct
import zlib
from collections.abc import Callable

Change = Callable[[bytes, random.Random], bytes]

PNG = b"\x89PNG\r\n\x1a\n"
_ODD = (0, 1, 2, 7, 8, 16, 127, 128, 255, 256, 32767, 65535, 2**24, 2**31 - 1, 2**32 - 1)
_NUMBER = re.compile(rb"\d{1,9}")


def change(content: bytes, generator: random.Random) -> bytes:
    """Change a part of a file as its kind allows; other files come back as they are."""
    if content.startswith(PNG):
        return _change_png(content, generator)
    if content[:4] in {b"II*\0", b"MM\0*"}:
        return _change_tiff(content, generator)
    if content.startswith(b"\xff\xd8"):
        return _change_jpeg(content, generator)
    if content[:4] == b"RIFF" and len(content) > 12:
        return _change_riff(content, generator)
    if b"%PDF-" in content[:1024]:
        return _change_pdf(content, generator)
    return content


def _change_png(content: bytes, generator: random.Random) -> bytes:
    """Drop, repeat, move or change a chunk; sums are made right."""
    chunks, position = [], len(PNG)
    while position + 8 <= len(content):
        (length,) = struct.unpack_from(">I", content, position)
        data = content[position + 8 : position + 8 + length]
        chunks.append((content[position + 4 : position + 8], data))
        position += 12 + length
    if not chunks:
        return content
    place = generator.randrange(len(chunks))
    kind, data = chunks.pop(place)
    match generator.randrange(5):
        case 0:
            pass
        case 1:
            chunks[place:place] = [(kind, data)] * generator.choice((2, 3, 50))
        case 2:
            chunks.insert(generator.randint(0, len(chunks)), (kind, data))
        case 3 if kind == b"IDAT":
            chunks.insert(place, (kind, _repacked(data, generator)))
        case _:
            chunks.insert(place, (kind, _with_odd_number(data, generator, ">")))
    return PNG + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _repacked(data: bytes, generator: random.Random) -> bytes:
    """Change what is compressed; pixels that cannot be unpacked become others."""
    try:
        plain = zlib.decompress(data)
    except zlib.error:
        plain = data * 4
    return zlib.compress(_with_odd_number(plain, generator, ">"))


def _change_tiff(content: bytes, generator: random.Random) -> bytes:
    """Change the type, count or value of an entry of a directory, or where the next one is."""
    order = "<" if content[:1] == b"I" else ">"
    changed = bytearray(content)
    try:
        (offset,) = struct.unpack_from(order + "I", content, 4)
        (count,) = struct.unpack_from(order + "H", content, offset)
        place = offset + 2 + 12 * generator.randrange(count + 1)
        part = generator.choice(((0, "H"), (2, "H"), (4, "I"), (8, "I"), (8, "H")))
        value = generator.choice((*_ODD, offset, len(content), generator.randrange(65536)))
        limit = 2 ** (8 * struct.calcsize(part[1]))
        struct.pack_into(order + part[1], changed, place + part[0], value % limit)
    except (struct.error, ValueError):
        return content
    return bytes(changed)


def _change_jpeg(content: bytes, generator: random.Random) -> bytes:
    """Drop, repeat or change a segment; lengths stay right."""
    segments, position = [], 2
    while (marker := content[position : position + 2])[:1] == b"\xff" and marker != b"\xff\xda":
        (length,) = struct.unpack_from(">H", content.ljust(position + 4, b"\0"), position + 2)
        segments.append(content[position : position + 2 + length])
        position += 2 + max(length, 2)
        if position + 4 > len(content):
            break
    if not segments:
        return content
    place = generator.randrange(len(segments))
    segment = segments.pop(place)
    match generator.randrange(4):
        case 0:
            pass
        case 1:
            segments[place:place] = [segment] * generator.choice((2, 20))
        case _:
            changed = _with_odd_number(segment[4:], generator, ">")[:65533]
            head = segment[:2] + struct.pack(">H", len(changed) + 2)
            segments.insert(place, head + changed)
    return content[:2] + b"".join(segments) + content[position:]


def _change_riff(content: bytes, generator: random.Random) -> bytes:
    """Change the data of a chunk, its length or its name; the whole's length stays right."""
    changed = content[:12] + _with_odd_number(content[12:], generator, "<")
    return changed[:4] + struct.pack("<I", len(changed) - 8) + changed[8:]


def _change_pdf(content: bytes, generator: random.Random) -> bytes:
    """Change a number: a reference, a length, a size, a coordinate."""
    numbers = list(_NUMBER.finditer(content))
    if not numbers:
        return content
    match = generator.choice(numbers)
    other = generator.choice((b"%d" % generator.choice(_ODD), b"-1", generator.choice(numbers)[0]))
    return content[: match.start()] + other + content[match.end() :]


def _with_odd_number(data: bytes, generator: random.Random, order: str) -> bytes:
    """Overwrite one, two or four bytes with a number that is often a border case."""
    kind = generator.choice("BHI")
    size = struct.calcsize(kind)
    if len(data) < size:
        return data
    place = generator.randrange(min(len(data) - size + 1, generator.choice((8, 32, 1 << 20))))
    number = struct.pack(order + kind, generator.choice(_ODD) % 2 ** (8 * size))
    return data[:place] + number + data[place + size :]
