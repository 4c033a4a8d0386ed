"""How to read a document, checked and with every default filled in."""

from dataclasses import dataclass
from enum import StrEnum

from ocr_service.entities.entity import EntityType


class Preprocessing(StrEnum):
    """What happens to a page before an engine sees it."""

    AUTO = "auto"
    NONE = "none"
    CLASSIC = "classic"


class Preparation(StrEnum):
    """What AUTO preprocessing means for an engine.

    PRINT: grey, level, print of one height, rules erased, for engines trained on clean lines.
    SCENE: the page as it is, for networks trained on photographs.
    """

    PRINT = "print"
    SCENE = "scene"


class Segmentation(StrEnum):
    """How the engine cuts a page into lines."""

    AUTO = "auto"
    SINGLE_COLUMN = "single_column"
    SINGLE_BLOCK = "single_block"
    SINGLE_LINE = "single_line"
    SINGLE_WORD = "single_word"
    SPARSE_TEXT = "sparse_text"


class OutputFormat(StrEnum):
    """Documents that can be made from the recognised layout."""

    HOCR = "hocr"
    ALTO = "alto"
    SEARCHABLE_PDF = "searchable_pdf"


@dataclass(frozen=True, slots=True)
class EntityOptions:
    """What sensitive data to look for, and how to show it.

    Attributes:
        types: What to find.
        regions: ISO 3166-1 alpha-2 codes, most likely first.
        min_confidence: Findings below it are left out, 0 to 1.
        mask: Hide the findings everywhere in the reply.
        skip: Look for nothing.
    """

    types: frozenset[EntityType] = frozenset(EntityType)
    regions: tuple[str, ...] = ()
    min_confidence: float = 0.0
    mask: bool = False
    skip: bool = False


@dataclass(frozen=True, slots=True)
class Options:
    """What the pipeline needs to know.

    Attributes:
        engine: Name of the engine, such as ``tesseract``.
        languages: BCP-47 tags, most likely first.
        preprocessing: What happens to a page before the engine sees it.
        segmentation: How the engine cuts a page into lines.
        min_confidence: Words below it are left out, 0 to 1.
        pages: Pages to read, from 1; empty means all.
        dpi: Resolution at which PDF pages are rendered.
        entities: What sensitive data to look for.
        outputs: Documents to make from the result, each named once.
    """

    engine: str = "tesseract"
    languages: tuple[str, ...] = ("en",)
    preprocessing: Preprocessing = Preprocessing.AUTO
    segmentation: Segmentation = Segmentation.AUTO
    min_confidence: float = 0.0
    pages: tuple[int, ...] = ()
    dpi: int = 200
    entities: EntityOptions = EntityOptions()
    outputs: tuple[OutputFormat, ...] = ()
