"""Reads a server's metrics as Prometheus does."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import requests
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families

from ocr_service.pb.ocr.v1 import recognize_pb2
from tests.data import make
from tests.gate import Gate, reciting_server
from tests.servers import Server, eventually

Samples = Mapping[str, float]
LISTEN = "--metrics-listen=127.0.0.1:0"
OCR = "ocr.v1.OcrService"


@contextmanager
def metered_server(data_dir: Path, gate: Gate, redis_url: str = "") -> Iterator[Server]:
    """One worker process, a queue of one, and an engine that reads a card and waits at the gate."""
    flags = ("--pool=process", "--queue-seconds=0.001", LISTEN)
    environ = {"OCR_REDIS_URL": redis_url}
    with reciting_server(data_dir, gate, *flags, environ=environ) as running:
        yield running


def text(server: Server) -> str:
    """The exposition."""
    reply = requests.get(f"http://{server.metrics_address}/metrics", timeout=30)
    reply.raise_for_status()
    return reply.text


def samples(exposition: str) -> Samples:
    """Values by ``name{label="value",...}``; the labels by name, the empty ones left out."""
    found = {}
    for family in text_string_to_metric_families(exposition):
        for sample in family.samples:
            labels = [f'{name}="{value}"' for name, value in sorted(sample.labels.items()) if value]
            found[sample.name + ("{" + ",".join(labels) + "}" if labels else "")] = sample.value
    return found


def names(exposition: str) -> tuple[set[str], set[str]]:
    """All names of samples, also of those that have none yet, and of labels."""
    samples_of = {"counter": ("_total",), "histogram": ("_bucket", "_count", "_sum")}
    known, labels = set[str](), set[str]()
    for family in text_string_to_metric_families(exposition):
        known |= {family.name + ending for ending in samples_of.get(family.type, ("",))}
        labels |= {name for sample in family.samples for name in sample.labels}
    return known, labels


@contextmanager
def moving(server: Server, expected: Samples) -> Iterator[None]:
    """Check that the block moves counters of that server so; those that it does not name are free.

    A call is counted before its answer leaves, but a killed worker is replaced for the next job and
    a cancelled call ends after its caller has gone, so that is waited for.
    """
    before = samples(text(server))
    yield

    def moved() -> Samples:
        now = samples(text(server))
        return {name: now.get(name, 0.0) - before.get(name, 0.0) for name in expected}

    with suppress(AssertionError):
        eventually(lambda: moved() == expected)
    assert moved() == expected


def value(server: Server, name: str) -> float:
    """One sample; 0 if there is none."""
    return samples(text(server)).get(name, 0.0)


def call(method: str, code: str, reason: str = "", service: str = OCR) -> str:
    """Name of the counter of such calls."""
    ending = f',reason="{reason}"' if reason else ""
    return f'ocr_requests_total{{code="{code}",method="/{service}/{method}"{ending}}}'


def item(method: str, code: str, reason: str = "") -> str:
    ending = f',reason="{reason}"' if reason else ""
    return f'ocr_stream_items_total{{code="{code}",method="{method}"{ending}}}'


def seconds(stage: str) -> str:
    return f'ocr_stage_seconds_count{{engine="tesseract",stage="{stage}"}}'


def page(width: int) -> bytes:
    """A page with ink; each test has widths of its own, so that the cache knows none."""
    return make.encode(Image.new("L", (width, 40)), "PNG")


def recognize(
    server: Server, content: bytes, key: str = "", request_id: str = "planted-id", **options: Any
) -> Any:
    request = recognize_pb2.RecognizeRequest(
        content=content, options=recognize_pb2.RecognizeOptions(**options)
    )
    metadata = (("x-api-key", key or server.key), ("x-request-id", request_id))
    return server.stub.Recognize.future(request, metadata=metadata, timeout=60)
