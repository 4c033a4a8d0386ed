"""The story of a redaction: read, cover what was found, write anew, read again.

A page with boxes on it reads a little differently, and now and then the second reading makes out a
further copy of what the first one found. It is covered too, and the result read once more.

The result is made of pixels alone. Pages are decoded as for reading, which lays transparency on a
background and applies orientation tags, and are written by encoders that are given nothing else, so
that no notes, thumbnails, profiles, text layers or hidden content of the original get through.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace

import cv2
import numpy as np

from ocr_service import images, pipeline
from ocr_service.deadline import Deadline
from ocr_service.engines import Engine
from ocr_service.errors import OptionInvalid
from ocr_service.images import Limits
from ocr_service.options import Options
from ocr_service.redact.encoding import encode
from ocr_service.redact.painting import Covered, Pixels, Style, paint
from ocr_service.results import Document, Region

_ROUNDS = 2  # of covering; the second is needed on one receipt in twenty

__all__ = ["Redacted", "Style", "run"]


@dataclass(frozen=True, slots=True)
class Redacted:
    """A document whose findings are covered.

    Attributes:
        content: The new file.
        mime_type: Its kind, which is the submitted one's.
        document: What was read and found before, with places in pixels of the pages, which are the
            same in the new file.
        residual_count: How many findings of the last reading, of the new file, are still something
            that was covered: those that share area with the place of one, or have the type and the
            value of one and stand elsewhere. 0 is good.
    """

    content: bytes
    mime_type: str
    document: Document
    residual_count: int


def run(
    content: bytes,
    mime_type: str,
    options: Options,
    style: Style,
    padding: int,
    limits: Limits,
    deadline: Deadline,
    engines: Sequence[Engine],
) -> Redacted:
    """Cover the findings of a document.

    Args:
        content: The file.
        mime_type: What the caller believes it to be; empty if unknown.
        options: How to read it and what to look for.
        style: What covers a finding.
        padding: Pixels added on every side of a finding, besides the few that are always added.
        limits: What the submitted file may not exceed; the new one may have more bytes.
        deadline: When to give up; checked between pages too.
        engines: See `pipeline.run`.

    Returns:
        The new file, of the same kind, with as many pages of the same size. A document without
        findings is written anew too.

    Raises:
        OptionInvalid: The padding is below 0, or the options leave pages or all findings out, or
            ask for other documents.
        BadInput, LanguageNotInstalled, DeadlineExceeded, Cancelled: As `pipeline.run` does.
    """
    _check(options, padding)
    options = replace(options, min_confidence=0.0)  # what is not searched cannot be covered
    document = pipeline.run(content, mime_type, options, limits, deadline, engines)
    covered = [item for page in document.pages for item in Covered.on(page)]
    rounds = _ROUNDS
    while True:
        _, decoded = images.decode(content, mime_type, (), options.dpi, limits)
        with closing(decoded):
            painted = _paint(decoded, covered, style, padding, deadline)
            redacted = encode(
                painted, document.mime_type, document.page_count, content, options.dpi
            )
        deadline.check()
        enough = replace(limits, max_bytes=max(limits.max_bytes, len(redacted)))
        again = pipeline.run(redacted, document.mime_type, options, enough, deadline, engines)
        residual = _residual(covered, again)
        rounds -= 1
        if not residual or not rounds:
            return Redacted(redacted, document.mime_type, document, len(residual))
        covered += residual


def _check(options: Options, padding: int) -> None:
    if padding < 0:
        raise OptionInvalid("Ask for a padding of 0 pixels or more.", field="padding")
    if options.outputs:
        raise OptionInvalid(
            "A redaction makes one document, of the kind submitted. Leave the outputs empty.",
            field="options.outputs",
        )
    if options.pages:
        raise OptionInvalid(
            "Pages that are not read cannot be redacted. Leave the pages empty, and send the "
            "others in a file of their own.",
            field="options.pages",
        )
    if options.entities.skip:
        raise OptionInvalid(
            "A redaction looks for sensitive data. Do not skip it.", field="options.entities.skip"
        )


def _paint(
    decoded: Iterator[images.Image],
    covered: Sequence[Covered],
    style: Style,
    padding: int,
    deadline: Deadline,
) -> Iterator[Pixels]:
    for image in decoded:
        deadline.check()
        yield paint(image, covered, style, padding)


def _residual(covered: Iterable[Covered], again: Document) -> list[Covered]:
    findings = [item.finding for item in covered]
    values = {(finding.entity.type, finding.entity.value) for finding in findings}
    places = [region for finding in findings for region in finding.regions]
    return [
        item
        for page in again.pages
        for item in Covered.on(page)
        if (item.finding.entity.type, item.finding.entity.value) in values
        or any(_overlaps(region, places) for region in item.finding.regions)
    ]


def _overlaps(region: Region, places: Sequence[Region]) -> bool:
    outline = np.array(region.poly.vertices, np.float32)
    return any(
        cv2.intersectConvexConvex(outline, np.array(place.poly.vertices, np.float32))[0] > 0
        for place in places
        if place.page_number == region.page_number
    )
