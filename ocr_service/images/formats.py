"""What a file is, told from its first bytes, and whether the caller's claim fits."""

from dataclasses import dataclass

from ocr_service.errors import FormatUnsupported, MimeTypeMismatch


@dataclass(frozen=True, slots=True)
class Format:
    """A kind of file.

    Attributes:
        name: What people call it.
        mime_type: Its media type, as replies state it.
        aliases: Other media types in use for it.
        decoder: Pillow's name for its decoder; empty for PDF.
    """

    name: str
    mime_type: str
    aliases: tuple[str, ...]
    decoder: str


JPEG = Format("JPEG", "image/jpeg", ("image/jpg", "image/pjpeg", "image/mpo"), "JPEG")
PNG = Format("PNG", "image/png", ("image/x-png", "image/apng", "image/vnd.mozilla.apng"), "PNG")
GIF = Format("GIF", "image/gif", (), "GIF")
WEBP = Format("WebP", "image/webp", ("image/x-webp",), "WEBP")
BMP = Format("BMP", "image/bmp", ("image/x-bmp", "image/x-ms-bmp", "image/x-windows-bmp"), "BMP")
TIFF = Format("TIFF", "image/tiff", ("image/tif", "image/x-tiff", "image/x-tif"), "TIFF")
PNM = Format(
    "PNM",
    "image/x-portable-anymap",
    tuple(
        f"image/{prefix}{kind}"
        for prefix in ("x-portable-", "")
        for kind in ("bitmap", "graymap", "greymap", "pixmap", "pnm", "pbm", "pgm", "ppm")
    ),
    "PPM",
)
JPEG_2000 = Format(
    "JPEG 2000",
    "image/jp2",
    ("image/jpx", "image/j2k", "image/j2c", "image/jpeg2000", "image/x-jp2", "image/x-jpeg2000"),
    "JPEG2000",
)
PDF = Format("PDF", "application/pdf", ("application/x-pdf", "application/acrobat"), "")

FORMATS = (JPEG, PNG, GIF, WEBP, BMP, TIFF, PNM, JPEG_2000, PDF)
MIME_TYPES: tuple[str, ...] = tuple(format_.mime_type for format_ in FORMATS)

_SIGNATURES = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"BM", BMP),
    (b"II*\0", TIFF),
    (b"MM\0*", TIFF),
    (b"II+\0", TIFF),  # BigTIFF
    (b"MM\0+", TIFF),
    (b"\0\0\0\x0cjP  \r\n\x87\n", JPEG_2000),
    (b"\xff\x4f\xff\x51", JPEG_2000),  # a bare codestream
    *(
        (b"P%d" % kind + space, PNM)
        for kind in range(1, 7)
        for space in (b" ", b"\t", b"\n", b"\r", b"#")
    ),
)
_PDF_SIGNATURE_WITHIN = 1024  # readers accept that much in front, ISO 32000-1 annex H

_BY_MIME_TYPE = {
    mime_type: format_ for format_ in FORMATS for mime_type in (format_.mime_type, *format_.aliases)
}

# What software sends that does not know or does not care; curl names a raw body a form.
_SAYS_NOTHING = frozenset(
    {
        "",
        "*/*",
        "application/octet-stream",
        "application/unknown",
        "application/x-www-form-urlencoded",
        "binary/octet-stream",
    }
)


def sniff(content: bytes) -> Format:
    """Return the format that the first bytes declare.

    Raises:
        FormatUnsupported: None that is read here.
    """
    for signature, format_ in _SIGNATURES:
        if content.startswith(signature):
            return format_
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return WEBP
    if b"%PDF-" in content[:_PDF_SIGNATURE_WITHIN]:
        return PDF
    names = ", ".join(format_.name for format_ in FORMATS)
    raise FormatUnsupported(
        f"The file is of no known format. Send one of {names}.", field="content"
    )


def check_hint(mime_type: str, found: Format) -> None:
    """Return unless the caller's media type contradicts the bytes.

    A type that says nothing is no contradiction, nor is an image type that is not known here:
    telephones convert pictures and keep the type. A type that is no image's is one, though.

    Raises:
        MimeTypeMismatch: It does.
    """
    claimed = mime_type.partition(";")[0].strip().lower()
    if claimed in _SAYS_NOTHING or "/" not in claimed:
        return
    known = _BY_MIME_TYPE.get(claimed)
    if known is found:
        return
    if known is None and claimed.startswith("image/") and found is not PDF:
        return
    raise MimeTypeMismatch(
        f"The file is {found.mime_type}, which is not what mime_type says. Correct mime_type or "
        "leave it empty.",
        field="mime_type",
    )
