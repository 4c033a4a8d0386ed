"""The parts of a multipart/form-data body, one after another, as they arrive: RFC 7578."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO

from werkzeug.http import parse_options_header
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

from ocr_service.errors import OptionInvalid
from ocr_service.gateway.refusal import Refusal, too_large

MEDIA_TYPE = "multipart/form-data"
_CHUNK = 64 << 10
_FIELD_BYTES = 64 << 10


@dataclass(frozen=True)
class Part:
    """One part.

    Attributes:
        name: Of the form's field; empty if it has none.
        filename: None for a field that is no file.
        content: Its bytes.
    """

    name: str
    filename: str | None
    content: bytes

    @property
    def text(self) -> str:
        """The content of a field that is no file.

        Raises:
            Refusal: It is no UTF-8.
        """
        try:
            return self.content.decode()
        except UnicodeDecodeError as exc:
            raise _broken("A form field is not UTF-8.") from exc


def read(stream: IO[bytes], content_type: str, max_bytes: int) -> Iterator[Part]:
    """Yield the parts.

    Args:
        stream: The body. No more is read than the part at hand needs.
        content_type: The header, with the boundary.
        max_bytes: Of one file; other fields may have 64 KiB.

    Raises:
        Refusal: A part is too large, or the body is no multipart body.
    """
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    decoder = MultipartDecoder(boundary.encode("latin-1", "replace"))
    head: Field | File | None = None
    pieces: list[bytes] = []
    size = 0
    while True:
        try:
            event = decoder.next_event()
        except ValueError as exc:
            raise _broken("The multipart body is broken.") from exc
        if isinstance(event, NeedData):
            decoder.receive_data(stream.read(_CHUNK) or None)
        elif isinstance(event, Field | File):
            head, pieces, size = event, [], 0
        elif isinstance(event, Data) and head is not None:
            filename = head.filename if isinstance(head, File) else None
            pieces.append(event.data)
            size += len(event.data)
            if size > (_FIELD_BYTES if filename is None else max_bytes):
                raise too_large()
            if not event.more_data:
                yield Part(head.name or "", filename, b"".join(pieces))
                head = None
        elif isinstance(event, Epilogue):
            return


def _broken(message: str) -> Refusal:
    return Refusal.of(OptionInvalid(f"{message} Send files as `curl -F file=@FILE` does."))
