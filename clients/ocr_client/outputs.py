"""The documents that `ocr recognize` writes besides the text."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from ocr_client.errors import BadInput
from ocr_service.pb.ocr.v1 import recognize_pb2 as recognition


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Where documents made from the result go."""

    pdf: Annotated[
        Path | None,
        typer.Option(
            "--pdf", metavar="OUT.pdf", help="Write the pages as a PDF that can be searched."
        ),
    ] = None
    hocr: Annotated[
        Path | None, typer.Option("--hocr", metavar="OUT.hocr", help="Write the layout as hOCR.")
    ] = None
    alto: Annotated[
        Path | None, typer.Option("--alto", metavar="OUT.xml", help="Write the layout as ALTO XML.")
    ] = None

    @property
    def files(self) -> dict[recognition.OutputFormat.ValueType, Path]:
        """The files that were asked for, by what goes into them."""
        wanted = {
            recognition.OUTPUT_FORMAT_SEARCHABLE_PDF: self.pdf,
            recognition.OUTPUT_FORMAT_HOCR: self.hocr,
            recognition.OUTPUT_FORMAT_ALTO: self.alto,
        }
        return {kind: path for kind, path in wanted.items() if path}

    def write(self, reply: recognition.RecognizeResponse) -> None:
        """Write the documents of a reply.

        Raises:
            BadInput: A file cannot be written.
        """
        for output in reply.outputs:
            path = self.files[output.format]
            try:
                path.write_bytes(output.content)
            except OSError as exc:
                raise BadInput(f"{path} cannot be written: {exc.strerror}.") from exc
