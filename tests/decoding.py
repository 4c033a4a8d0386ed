"""Decodes documents, without a service around it."""

from ocr_service.images import Image, Limits, decode

LIMITS = Limits()


def read(content: bytes, limits: Limits = LIMITS, *, pages: tuple[int, ...] = ()) -> list[Image]:
    return list(decode(content, "", pages, 100, limits)[1])
