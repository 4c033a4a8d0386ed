"""A font for text that can be searched and copied but not seen.

Its one glyph fills a square as high as the type but has no area, so that a character's box is what
the text matrix says. Every character has a code, as they come, and a map says what the codes mean:
that is what readers go by, so that no script needs a font of its own.

ISO 32000-1, sections 9.7 (composite fonts) and 9.10.3 (ToUnicode);
https://learn.microsoft.com/typography/opentype/spec/otff for the font file.
"""

import struct
from collections.abc import Iterator

from ocr_service import pdf_file

_EM = 1000  # units of the font, and of PDF's glyph space
_TOP = 985  # of the glyph: PDFium adds a 64th, cut down, and is then at 1000
_CODES = 0x10000
_A_BLOCK = 100  # entries of a map that may stand together


class GlyphlessFont:
    """Gives codes to characters."""

    OBJECTS = 6

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}

    def encode(self, text: str) -> str:
        """Return the text as a hexadecimal string of two bytes for each code point."""
        return "".join(
            f"{self._codes.setdefault(character, len(self._codes) + 1):04X}" for character in text
        )

    def objects(self, first: int) -> dict[int, bytes]:
        """Return the font, numbered from `first` on, once all text has its codes."""
        font, descendant, descriptor, program, glyphs, meaning = range(first, first + self.OBJECTS)
        name = "/OCRGlyphless"
        return {
            font: (
                f"<< /Type /Font /Subtype /Type0 /BaseFont {name} /Encoding /Identity-H "
                f"/DescendantFonts [{descendant} 0 R] /ToUnicode {meaning} 0 R >>"
            ).encode(),
            descendant: (
                f"<< /Type /Font /Subtype /CIDFontType2 /BaseFont {name} /DW {_EM} "
                "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> "
                f"/FontDescriptor {descriptor} 0 R /CIDToGIDMap {glyphs} 0 R >>"
            ).encode(),
            descriptor: (
                f"<< /Type /FontDescriptor /FontName {name} /Flags 5 /ItalicAngle 0 /StemV 80 "
                f"/FontBBox [0 0 {_EM} {_EM}] /Ascent {_EM} /Descent -1 /CapHeight {_EM} "
                f"/FontFile2 {program} 0 R >>"
            ).encode(),
            program: pdf_file.compressed(_TRUE_TYPE, f"/Length1 {len(_TRUE_TYPE)}"),
            glyphs: pdf_file.compressed(bytes(2 * _CODES)),  # all have the one glyph, number 0
            meaning: pdf_file.compressed("\n".join(self._map()).encode()),
        }

    def _map(self) -> Iterator[str]:
        yield "/CIDInit /ProcSet findresource begin 12 dict begin begincmap"
        yield "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def"
        yield "/CMapName /Adobe-Identity-UCS def /CMapType 2 def"
        yield "1 begincodespacerange <0000> <FFFF> endcodespacerange"
        entries = list(self._codes.items())
        for start in range(0, len(entries), _A_BLOCK):
            block = entries[start : start + _A_BLOCK]
            yield f"{len(block)} beginbfchar"
            yield from (
                f"<{code:04X}> <{character.encode('utf-16-be').hex().upper()}>"
                for character, code in block
            )
            yield "endbfchar"
        yield "endcmap CMapName currentdict /CMap defineresource pop end end"


def _true_type() -> bytes:
    """Return a font file with the tables that PDF asks of it, in the order of their names."""
    tables = {
        b"glyf": struct.pack(  # one contour, there and back between two corners
            ">5hHH2B4h", 1, 0, 0, _EM, _TOP, 1, 0, 1, 1, 0, _EM, 0, _TOP
        ),
        b"head": struct.pack(
            ">4I2H2q4h2H3h",
            *(0x10000, 0x10000, 0, 0x5F0F3CF5),  # version, revision, checksum, magic number
            *(0, _EM, 0, 0),  # flags, units, created, modified
            *(0, 0, _EM, _TOP),  # box
            *(0, 8, 2, 0, 0),  # style, smallest size, direction, format of loca, of glyf
        ),
        b"hhea": struct.pack(">I3hH11hH", 0x10000, _EM, 0, 0, _EM, *(0, 0, _EM, 1), *(0,) * 7, 1),
        b"hmtx": struct.pack(">Hh", _EM, 0),
        b"loca": struct.pack(">2H", 0, 24 // 2),
        b"maxp": struct.pack(">IH13H", 0x10000, 1, 2, 1, 0, 0, 1, *(0,) * 8),
    }
    start = 12 + 16 * len(tables)
    directory, data = struct.pack(">I4H", 0x10000, len(tables), 64, 2, 32), b""
    for tag, table in tables.items():
        directory += struct.pack(">4s3I", tag, _checksum(table), start + len(data), len(table))
        data += table + bytes(-len(table) % 4)
    return directory + data


def _checksum(table: bytes) -> int:
    padded = table + bytes(-len(table) % 4)
    words: tuple[int, ...] = struct.unpack(f">{len(padded) // 4}I", padded)
    return sum(words) % 2**32


_TRUE_TYPE = _true_type()
