"""Text and trees as XML 1.0."""

import re
from importlib.metadata import version
from xml.etree import ElementTree as ET

SOFTWARE = "ocr-service"
VERSION = version(SOFTWARE)

# https://www.w3.org/TR/xml/#charsets: not even escaped may these stand in a document.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def allowed(text: str) -> str:
    """Return the text with the replacement character for each that XML forbids."""
    return _FORBIDDEN.sub("\ufffd", text)


def serialize(root: ET.Element, doctype: str = "") -> bytes:
    """Return a file, encoded as UTF-8."""
    ET.indent(root)
    declaration = '<?xml version="1.0" encoding="UTF-8"?>\n'
    return f"{declaration}{doctype}{ET.tostring(root, encoding='unicode')}\n".encode()
