"""ALTO XML 4.2: https://www.loc.gov/standards/alto/.

All measures are pixels of the submitted page. What does not lie level has its outline as a shape.
"""

import math
from xml.etree import ElementTree as ET

from ocr_service.outputs.xml_text import SOFTWARE, VERSION, allowed, serialize
from ocr_service.results import Block, BoundingPoly, Document, Line, Page, Word

MIME_TYPE = "application/alto+xml"

_NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_SCHEMA = "http://www.loc.gov/standards/alto/v4/alto-4-2.xsd"
_PROCESSING = "processing_1"
_LEAST_RISE = 0.5  # pixels by which a level polygon may differ from its box


def write(document: Document) -> bytes:
    """Return all pages as one file."""
    root = ET.Element(
        "alto",
        {
            "xmlns": _NAMESPACE,
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xsi:schemaLocation": f"{_NAMESPACE} {_SCHEMA}",
            "SCHEMAVERSION": "4.2",
        },
    )
    _describe(root, document.engine)
    layout = ET.SubElement(root, "Layout")
    for page in document.pages:
        _add_page(layout, page)
    return serialize(root)


def _describe(root: ET.Element, engine: str) -> None:
    description = ET.SubElement(root, "Description")
    ET.SubElement(description, "MeasurementUnit").text = "pixel"
    processing = ET.SubElement(description, "Processing", {"ID": _PROCESSING})
    ET.SubElement(processing, "processingCategory").text = "contentGeneration"
    ET.SubElement(processing, "processingStepDescription").text = "OCR"
    software = ET.SubElement(processing, "processingSoftware")
    ET.SubElement(software, "softwareName").text = SOFTWARE
    ET.SubElement(software, "softwareVersion").text = VERSION
    ET.SubElement(software, "applicationDescription").text = f"Engine: {engine}"


def _add_page(layout: ET.Element, page: Page) -> None:
    name = f"page_{page.number}"
    size = {"WIDTH": str(page.width), "HEIGHT": str(page.height)}
    attributes = {
        "ID": name,
        "PHYSICAL_IMG_NR": str(page.number),
        **size,
        "PC": f"{page.confidence:.4f}",
        "PROCESSINGREFS": _PROCESSING,
    }
    element = ET.SubElement(layout, "Page", attributes)
    space = ET.SubElement(element, "PrintSpace", {"HPOS": "0", "VPOS": "0", **size})
    for number, block in enumerate(page.blocks, start=1):
        _add_block(space, block, f"{name}_block_{number}")


def _add_block(parent: ET.Element, block: Block, name: str) -> None:
    element = ET.SubElement(parent, "TextBlock", {"ID": name, **_place(block.poly)})
    _add_shape(element, block.poly)
    for number, line in enumerate(block.lines, start=1):
        _add_line(element, line, f"{name}_line_{number}")


def _add_line(parent: ET.Element, line: Line, name: str) -> None:
    *_, end, start = line.poly.vertices
    attributes = {"ID": name, **_place(line.poly), "BASELINE": _points(start, end)}
    element = ET.SubElement(parent, "TextLine", attributes)
    _add_shape(element, line.poly)
    before: Word | None = None
    for number, word in enumerate(line.words, start=1):
        if before:
            _add_space(element, before, word)
        attributes = {
            "ID": f"{name}_word_{number}",
            **_place(word.poly),
            "CONTENT": allowed(word.text),
            "WC": f"{word.confidence:.4f}",
        }
        _add_shape(ET.SubElement(element, "String", attributes), word.poly)
        before = word


def _add_space(parent: ET.Element, before: Word, after: Word) -> None:
    """Add what lies between two words of a line."""
    _, top_left, bottom_left, _ = before.poly.vertices
    top_right, _, _, bottom_right = after.poly.vertices
    gap = BoundingPoly((top_left, top_right, bottom_right, bottom_left))
    ET.SubElement(parent, "SP", _place(gap))


def _add_shape(parent: ET.Element, poly: BoundingPoly) -> None:
    upright = BoundingPoly.box(*poly.bounds)
    if any(map(_apart, poly.vertices, upright.vertices)):
        shape = ET.SubElement(parent, "Shape")
        ET.SubElement(shape, "Polygon", {"POINTS": _points(*poly.vertices)})


def _apart(one: tuple[float, float], other: tuple[float, float]) -> bool:
    return math.dist(one, other) > _LEAST_RISE


def _place(poly: BoundingPoly) -> dict[str, str]:
    left, top, right, bottom = poly.bounds
    return {
        "HPOS": f"{left:.2f}",
        "VPOS": f"{top:.2f}",
        "WIDTH": f"{right - left:.2f}",
        "HEIGHT": f"{bottom - top:.2f}",
    }


def _points(*points: tuple[float, float]) -> str:
    return " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
