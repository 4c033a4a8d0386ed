"""RecognizeDocument: pages of one document, each sent once it and those before it are read."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from dataclasses import replace

from ocr_service import convert, images
from ocr_service.deadline import Deadline
from ocr_service.errors import OcrError, OptionInvalid
from ocr_service.pb.ocr.v1 import document_pb2, recognize_pb2
from ocr_service.recognizer import Recognizer, Work
from ocr_service.status import code_number, known

_STAGES = ("queue", "decode", "preprocess", "recognize", "find_entities")


async def read_pages(
    recognizer: Recognizer, work: Work, in_flight: int, deadline: Deadline
) -> AsyncGenerator[document_pb2.RecognizeDocumentResponse]:
    """Yield what was submitted, a page or an error for each page in order, and a summary.

    Args:
        recognizer: Reads pages.
        work: The document and how to read it.
        in_flight: Pages that are worked on at once.
        deadline: For the whole document.

    Raises:
        OptionInvalid: A document is to be made of the pages.
        OcrError: The document as a whole cannot be read.
    """
    if work.options.outputs:
        raise OptionInvalid(
            "Pages are sent one by one, so that no document is made of them. Leave the outputs "
            "empty, or call Recognize.",
            field="options.outputs",
        )
    began = time.monotonic()
    source, digest = await recognizer.probe(work, deadline)
    work = replace(work, content_sha256=digest)  # of all pages
    numbers = images.select(work.options.pages, source.page_count)
    yield document_pb2.RecognizeDocumentResponse(
        started=document_pb2.DocumentStarted(
            page_count=source.page_count, mime_type=source.mime_type
        )
    )
    summary = document_pb2.DocumentSummary(content_sha256=digest)
    stages = dict.fromkeys(_STAGES, 0.0)
    waiting = deque(numbers)
    reading: deque[asyncio.Task[recognize_pb2.RecognizeResponse | OcrError]] = deque()
    try:
        for number in numbers:
            while waiting and len(reading) < in_flight:
                page = _one_page(work, waiting.popleft())
                reading.append(asyncio.create_task(_read(recognizer, page, deadline)))
            answer = await reading.popleft()
            if isinstance(answer, OcrError):
                summary.failed += 1
            else:
                summary.succeeded += 1
                summary.engine = answer.engine
                for stage in _STAGES:
                    stages[stage] += convert.seconds(getattr(answer.timings, stage))
            yield _event(number, answer)
    finally:
        for task in reading:
            task.cancel()
    for stage in _STAGES:
        getattr(summary.timings, stage).CopyFrom(convert.duration(stages[stage]))
    summary.timings.total.CopyFrom(convert.duration(time.monotonic() - began))
    yield document_pb2.RecognizeDocumentResponse(summary=summary)


def _one_page(work: Work, number: int) -> Work:
    return replace(work, options=replace(work.options, pages=(number,)), patient=True)


async def _read(
    recognizer: Recognizer, page: Work, deadline: Deadline
) -> recognize_pb2.RecognizeResponse | OcrError:
    try:
        encoded = await recognizer.recognize(page, deadline)
        return recognize_pb2.RecognizeResponse.FromString(encoded)
    except Exception as exc:  # noqa: BLE001  one page's error is that page's answer
        return known(exc)


def _event(
    number: int, answer: recognize_pb2.RecognizeResponse | OcrError
) -> document_pb2.RecognizeDocumentResponse:
    if isinstance(answer, OcrError):
        return document_pb2.RecognizeDocumentResponse(
            error=document_pb2.PageError(
                page_number=number,
                code=code_number(answer),
                reason=answer.reason,
                message=answer.message,
            )
        )
    return document_pb2.RecognizeDocumentResponse(
        page=document_pb2.PageResult(
            page=answer.pages[0],
            text=answer.text,
            entities=answer.entities,
            warnings=answer.warnings,
        )
    )
