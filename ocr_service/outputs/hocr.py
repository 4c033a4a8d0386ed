"""hOCR 1.2, an HTML microformat: https://kba.github.io/hocr-spec/1.2/.

Boxes are whole pixels of the submitted page, upright ones around the polygons.
"""

import math
from xml.etree import ElementTree as ET

from ocr_service.outputs.xml_text import SOFTWARE, VERSION, allowed, serialize
from ocr_service.results import Block, BoundingPoly, Document, Line, Page

MIME_TYPE = "application/xhtml+xml"

_DOCTYPE = (
    '<!DOCTYPE html PUBLIC "-//W3C//DTD XHTML 1.0 Transitional//EN" '
    '"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd">\n'
)
_CAPABILITIES = "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_wconf"
_LEVEL = 45  # degrees up to which a line has a baseline; a steeper one has an angle
_LEAST_RISE = 0.5  # pixels over the length of a line


def write(document: Document) -> bytes:
    """Return all pages as one file."""
    html = ET.Element("html", {"xmlns": "http://www.w3.org/1999/xhtml"})
    head = ET.SubElement(html, "head")
    ET.SubElement(head, "title").text = "Recognised text"
    for name, content in (
        ("ocr-system", f"{SOFTWARE} {VERSION} {document.engine}"),
        ("ocr-capabilities", _CAPABILITIES),
        ("ocr-number-of-pages", str(len(document.pages))),
    ):
        ET.SubElement(head, "meta", {"name": name, "content": content})
    body = ET.SubElement(html, "body")
    for page in document.pages:
        _add_page(body, page)
    return serialize(html, _DOCTYPE)


def _add_page(body: ET.Element, page: Page) -> None:
    name = f"page_{page.number}"
    whole = BoundingPoly.box(0, 0, page.width, page.height)
    element = _add(body, "div", "ocr_page", name, f"{_box(whole, page)}; ppageno {page.number - 1}")
    for number, block in enumerate(page.blocks, start=1):
        _add_block(element, page, block, f"{name}_block_{number}")


def _add_block(parent: ET.Element, page: Page, block: Block, name: str) -> None:
    box = _box(block.poly, page)
    area = _add(parent, "div", "ocr_carea", name, box)
    paragraph = _add(area, "p", "ocr_par", f"{name}_par", box)
    for number, line in enumerate(block.lines, start=1):
        _add_line(paragraph, page, line, f"{name}_line_{number}")


def _add_line(parent: ET.Element, page: Page, line: Line, name: str) -> None:
    properties = f"{_box(line.poly, page)}{_slope(line.poly)}"
    element = _add(parent, "span", "ocr_line", name, properties)
    for number, word in enumerate(line.words, start=1):
        properties = f"{_box(word.poly, page)}; x_wconf {round(word.confidence * 100)}"
        child = _add(element, "span", "ocrx_word", f"{name}_word_{number}", properties)
        child.text = allowed(word.text)


def _add(parent: ET.Element, tag: str, kind: str, name: str, properties: str) -> ET.Element:
    return ET.SubElement(parent, tag, {"class": kind, "id": name, "title": properties})


def _box(poly: BoundingPoly, page: Page) -> str:
    left, top, right, bottom = poly.bounds
    edges = (
        *(min(max(round(left), 0), page.width), min(max(round(top), 0), page.height)),
        *(min(max(round(right), 0), page.width), min(max(round(bottom), 0), page.height)),
    )
    return "bbox {} {} {} {}".format(*edges)


def _slope(poly: BoundingPoly) -> str:
    """How a line lies: nothing if level, its baseline if askew, its angle if it runs up or down.

    A baseline is a slope and the height above the lower left corner of the box, where it starts,
    with y downwards. Angles are counted against the clock.
    """
    _, _, end, start = poly.vertices
    x, y = end[0] - start[0], end[1] - start[1]
    if abs(y) <= _LEAST_RISE and x >= 0:
        return ""
    angle = math.degrees(math.atan2(-y, x))
    if abs(angle) > _LEVEL:
        return f"; textangle {angle % 360:.1f}"
    left, _, _, bottom = poly.bounds
    slope = y / x
    return f"; baseline {slope:.4f} {start[1] + slope * (left - start[0]) - bottom:.1f}"
