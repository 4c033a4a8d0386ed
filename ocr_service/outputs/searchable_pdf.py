"""PDF of page images with an invisible text layer.

Page images are compressed as the pages are read, so that only their bytes are kept; the text comes
last, when it is known what of it may be shown.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from PIL import Image as Pillow

from ocr_service import pdf_file
from ocr_service.images import Image
from ocr_service.outputs.glyphless_font import GlyphlessFont
from ocr_service.outputs.placement import Place
from ocr_service.pdf_file import POINTS_PER_INCH
from ocr_service.redact.painting import Covered, Style, paint
from ocr_service.results import Line, Page, Word

_QUALITY, _SUBSAMPLING = 85, 2  # of JPEG, for looking at
_USUAL_DPI = 200.0  # of images that state no resolution, as PDF pages are rendered
_FONT = 3
_RIGHT_TO_LEFT = frozenset({"R", "AL"})  # UAX 9, classes of letters
_LEFT_TO_RIGHT = frozenset({"L", "EN", "AN"})  # and of digits, which keep their order


@dataclass(frozen=True, slots=True)
class PageImage:
    """What a page looks like.

    Attributes:
        picture: An image object of a PDF file.
        points: Width and height of the paper.
    """

    picture: bytes
    points: tuple[float, float]

    @classmethod
    def of(cls, image: Image, page: Page, *, mask: bool) -> "PageImage":
        """Compress a page, its findings painted over if they are to be masked."""
        pixels = paint(image, Covered.on(page), Style.BLACK, 0) if mask else image.pixels
        across, down = image.dpi or (_USUAL_DPI, _USUAL_DPI)
        return cls(
            pdf_file.picture(Pillow.fromarray(pixels), _QUALITY, _SUBSAMPLING),
            (image.width * POINTS_PER_INCH / across, image.height * POINTS_PER_INCH / down),
        )


def write(pages: Sequence[Page], images: Sequence[PageImage]) -> bytes:
    """Return a PDF file.

    Args:
        pages: What was read.
        images: What each of them looks like.
    """
    font = GlyphlessFont()
    objects: dict[int, bytes] = {}
    leaves: list[int] = []
    start = _FONT + font.OBJECTS
    for page, image in zip(pages, images, strict=True):
        picture, content, leaf = range(start + len(objects), start + len(objects) + 3)
        resources = f"/XObject << /I {picture} 0 R >> /Font << /F {_FONT} 0 R >>"
        objects[picture] = image.picture
        objects[content] = pdf_file.compressed("\n".join(_draw(page, image, font)).encode())
        objects[leaf] = pdf_file.page(*image.points, resources, content)
        leaves.append(leaf)
    return pdf_file.join(objects | font.objects(_FONT), leaves)


def _draw(page: Page, image: PageImage, font: GlyphlessFont) -> Iterator[str]:
    """Yield operators, in pixels of the page, which the first of them makes of points."""
    width, height = image.points
    yield f"{width / page.width:.8f} 0 0 {height / page.height:.8f} 0 0 cm"
    yield f"q {page.width} 0 0 {page.height} 0 0 cm /I Do Q"
    yield "BT 3 Tr /F 1 Tf"
    for block in page.blocks:
        for line in block.lines:
            for word, text, end in _as_seen(line):
                place = Place.of(word, page.height)
                yield f"{place.matrix()} Tm <{font.encode(text)}> Tj"
                if end:
                    yield f"{place.aside()} Tm <{font.encode(end)}> Tj"
    yield "ET"


def _as_seen(line: Line) -> Iterator[tuple[Word, str, str]]:
    """Yield words, what is written of each, and what is written aside.

    Words and characters come from left to right: readers expect that of right-to-left text and turn
    it round themselves. A space parts words where readers would not see the gap.
    """
    words = line.words
    classes = [unicodedata.bidirectional(character) for character in line.text]
    if sum(kind in _RIGHT_TO_LEFT for kind in classes) > classes.count("L"):
        words = words[::-1]
    for word, following in zip(words, (*words[1:], None), strict=True):
        kinds = {unicodedata.bidirectional(character) for character in word.text}
        turned = kinds & _RIGHT_TO_LEFT and not kinds & _LEFT_TO_RIGHT
        text = word.text[::-1] if turned else word.text
        if following is None:
            yield word, text, "\n"
        elif _is_left_of(following, word):
            yield word, text, " "
        else:
            yield word, f"{text} ", ""


def _is_left_of(word: Word, other: Word) -> bool:
    """Tell whether a word stands beside another and before it, as on pages upside down."""
    (x, y), (other_x, other_y) = word.poly.vertices[3], other.poly.vertices[3]
    return x < other_x and abs(y - other_y) < other_x - x
