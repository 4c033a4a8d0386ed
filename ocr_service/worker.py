"""What runs in a worker: the pipeline, between the bytes that came in and the bytes that go out.

Replies are encoded here, so that the event loop has next to nothing to do. Each worker keeps one
object of each engine it was asked for; no two jobs share one at the same time.
"""

import hashlib
import os
import threading
from dataclasses import astuple, dataclass
from typing import Any

from ocr_service.confinement import Confinement
from ocr_service.confinement import confine as confine_process
from ocr_service.deadline import Deadline
from ocr_service.engines import access
from ocr_service.engines.roster import AUTO, Roster
from ocr_service.engines.settings import DEFAULTS, EngineSettings
from ocr_service.options import EntityOptions, Options, Segmentation
from ocr_service.pb.ocr.v1 import ocr_service_pb2, recognize_pb2

for _variable in ("OMP_THREAD_LIMIT", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_variable, "1")  # a worker is one core; read when the libraries load

import cv2  # noqa: E402
import numpy as np  # noqa: E402

from ocr_service import (  # noqa: E402
    convert,
    convert_entities,
    entities,
    images,
    masking,
    outputs,
    pipeline,
    redact,
)

cv2.setNumThreads(1)
_loaded = threading.local()
_settings = DEFAULTS
_confinement = Confinement()
_WARM_UP_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What can be said of an engine without using it."""

    name: str
    version: str
    languages: tuple[str, ...]


def confine(memory_bytes: int, settings: EngineSettings) -> None:
    """Give up whatever this process does not need for reading documents.

    Args:
        memory_bytes: Most memory that it may have; 0 for no bound.
        settings: Of the engines, which say what they need.
    """
    global _confinement
    _confinement = confine_process(memory_bytes, access.readable(settings))


def confinement(_deadline: Deadline) -> tuple[int, bool, bool]:
    """Tell what is in force in this worker; the fields of `Confinement`."""
    return astuple(_confinement)


def warm_up(engine: str, languages: tuple[str, ...], settings: EngineSettings) -> None:
    """Load an engine and its languages, so that the first job does not wait for them.

    Args:
        engine: Its name.
        languages: BCP-47 tags.
        settings: For this engine and for those that jobs ask for later.

    Raises:
        EngineNotInstalled: The engine is not on this machine.
        LanguageNotInstalled: A language is not.
    """
    global _settings
    _settings = settings
    blank = np.full((32, 32), 255, np.uint8)
    deadline = Deadline.after(_WARM_UP_SECONDS)
    first = _roster().choose(engine, languages)[0]
    first.warm_up(languages)
    first.recognize(blank, languages, Segmentation.SINGLE_BLOCK, deadline)


def describe_engines(_deadline: Deadline) -> tuple[tuple[Any, ...], ...]:
    """Tell which engines are here, with their data; the fields of `EngineFacts` of each."""
    roster = _roster()
    facts = [
        EngineFacts(engine.name, engine.version, engine.languages())
        for engine in roster.installed()
    ]
    if preferred := roster.preferred():
        names = ", ".join(engine.name for engine in preferred)
        languages = {tag for engine in preferred for tag in engine.languages()}
        facts.append(EngineFacts(AUTO, names, tuple(sorted(languages))))
    return tuple(map(astuple, facts))


def probe(
    content: bytes, mime_type: str, limits: images.Limits, _deadline: Deadline
) -> tuple[str, int, str]:
    """Tell what a document is, from its headers: its type, its pages, the SHA-256 of its bytes."""
    source = images.probe(content, mime_type, limits)
    return source.mime_type, source.page_count, hashlib.sha256(content).hexdigest()


def recognize(
    content: bytes,
    mime_type: str,
    options: Options,
    limits: images.Limits,
    detail: recognize_pb2.DetailLevel.ValueType,
    deadline: Deadline,
) -> tuple[bytes, bytes]:
    """Read a document; returns an encoded RecognizeResponse, and its encoded Timings apart."""
    chosen = _roster().choose(options.engine, options.languages)
    wanted = outputs.Outputs(options)
    document = pipeline.run(content, mime_type, options, limits, deadline, chosen, wanted.add)
    if options.entities.mask:
        document = masking.mask(document)
    digest = hashlib.sha256(content).hexdigest()
    response = convert.response_to_proto(document, detail, digest)
    for output in wanted.make(document):
        response.outputs.add(
            format=convert.output_to_proto(output.format),
            mime_type=output.mime_type,
            content=output.content,
        )
    outputs.check_size(response.ByteSize())
    timings = convert.timings_to_proto(document.times)
    return response.SerializeToString(), timings.SerializeToString()


def redact_document(
    content: bytes,
    mime_type: str,
    options: Options,
    limits: images.Limits,
    style: redact.Style,
    padding: int,
    deadline: Deadline,
) -> tuple[bytes, int]:
    """Paint over the findings of a document; returns an encoded RedactResponse, and its pages."""
    chosen = _roster().choose(options.engine, options.languages)
    redacted = redact.run(content, mime_type, options, style, padding, limits, deadline, chosen)
    found = redacted.document
    if options.entities.mask:
        found = masking.mask(found)
    response = ocr_service_pb2.RedactResponse(
        content=redacted.content,
        mime_type=redacted.mime_type,
        entities=convert.findings_to_proto(found),
        residual_count=redacted.residual_count,
    )
    return response.SerializeToString(), len(found.pages)


def find_entities(text: str, options: EntityOptions, _deadline: Deadline) -> bytes:
    """Find sensitive data in plain text; returns an encoded FindEntitiesResponse."""
    found = entities.find(
        text,
        types=options.types,
        regions=options.regions,
        min_confidence=options.min_confidence,
    )
    if options.mask:
        found = tuple(map(masking.mask_entity, found))
    messages = [convert_entities.entity_to_proto(item, 0) for item in found]
    return ocr_service_pb2.FindEntitiesResponse(entities=messages).SerializeToString()


def _roster() -> Roster:
    if not hasattr(_loaded, "roster"):
        _loaded.roster = Roster(_settings)
    roster: Roster = _loaded.roster
    return roster
