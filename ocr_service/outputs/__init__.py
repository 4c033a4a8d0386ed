"""Documents made from what was recognised: hOCR, ALTO and searchable PDF."""

from dataclasses import dataclass, field

from ocr_service.errors import ContentTooLarge
from ocr_service.images import Image
from ocr_service.options import Options, OutputFormat
from ocr_service.outputs import alto, hocr, searchable_pdf
from ocr_service.outputs.searchable_pdf import PageImage
from ocr_service.results import Document, Page

MAX_REPLY_BYTES = 256 * 2**20  # what clients/README.md tells every client to accept

__all__ = ["MAX_REPLY_BYTES", "Output", "Outputs", "check_size"]


@dataclass(frozen=True, slots=True)
class Output:
    """A document.

    Attributes:
        format: What it is.
        mime_type: Its media type.
        content: Its bytes.
    """

    format: OutputFormat
    mime_type: str
    content: bytes


def check_size(size: int, limit: int = MAX_REPLY_BYTES) -> None:
    """Return if a reply of that many bytes can be sent.

    Raises:
        ContentTooLarge: It cannot.
    """
    if size > limit:
        raise ContentTooLarge(
            f"The documents asked for take more than {limit >> 20} MiB in one reply. Ask for fewer "
            "of them, for fewer pages at a time, or for a lower dpi.",
            field="options.outputs",
        )


@dataclass(slots=True)
class Outputs:
    """The documents that a request asks for, while its pages are read.

    Attributes:
        options: How the document is read.
        limit: Bytes of a reply.
        images: The pages so far, compressed, if a document shows them.
    """

    options: Options
    limit: int = MAX_REPLY_BYTES
    images: list[PageImage] = field(default_factory=list)

    def add(self, image: Image, page: Page) -> None:
        """Keep what a document shows of a page, its findings painted over if they are masked.

        Raises:
            ContentTooLarge: The pages so far are more than a reply can hold.
        """
        if OutputFormat.SEARCHABLE_PDF in self.options.outputs:
            self.images.append(PageImage.of(image, page, mask=self.options.entities.mask))
            check_size(sum(len(image.picture) for image in self.images), self.limit)

    def make(self, document: Document) -> tuple[Output, ...]:
        """Return the documents, in the order in which they are asked for.

        Args:
            document: All pages that were added, masked if it must be.
        """
        return tuple(self._make(document, format_) for format_ in self.options.outputs)

    def _make(self, document: Document, format_: OutputFormat) -> Output:
        match format_:
            case OutputFormat.HOCR:
                return Output(format_, hocr.MIME_TYPE, hocr.write(document))
            case OutputFormat.ALTO:
                return Output(format_, alto.MIME_TYPE, alto.write(document))
            case OutputFormat.SEARCHABLE_PDF:
                content = searchable_pdf.write(document.pages, self.images)
                return Output(format_, "application/pdf", content)
