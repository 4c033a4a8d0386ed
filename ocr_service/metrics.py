"""What Prometheus is told: names, labels and buckets, all in one place.

Names follow https://prometheus.io/docs/practices/naming/. No label comes from a caller: methods are
those of our services, codes gRPC's, reasons those of `errors`, all else names of our own.
"""

from collections.abc import Callable, Iterator
from functools import cache

from google.rpc import code_pb2
from prometheus_client import CollectorRegistry, Counter, Histogram, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from typing_extensions import override

from ocr_service.cache import ResultCache
from ocr_service.observation import CACHE_RESULTS, ENTITY_TYPES, Observation
from ocr_service.pb.ocr.v1 import batch_pb2, document_pb2
from ocr_service.pool import Pool

_CALL_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
_STAGE_BUCKETS = (0.0005, 0.001, 0.0025, *_CALL_BUCKETS[:-1])


class Metrics:
    """The counts of one server. To be used from any thread.

    Attributes:
        registry: What an endpoint shows.
    """

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "ocr_requests",
            "Calls that ended, by gRPC code and, if refused or failed, by the reason of ErrorInfo.",
            ("method", "code", "reason"),
            registry=registry,
        )
        self._request_seconds = Histogram(
            "ocr_request_seconds",
            "From a call's arrival to its status, its body's transfer included.",
            ("method",),
            buckets=_CALL_BUCKETS,
            registry=registry,
        )
        self._items = Counter(
            "ocr_stream_items",
            "Items of BatchRecognize and pages of RecognizeDocument that were answered.",
            ("method", "code", "reason"),
            registry=registry,
        )
        self._stage_seconds = Histogram(
            "ocr_stage_seconds",
            "Time of one reply in a stage, all workers together; replies of the cache have none.",
            ("stage", "engine"),
            buckets=_STAGE_BUCKETS,
            registry=registry,
        )
        self._pages = Counter(
            "ocr_pages_read",
            "Pages that an engine read; auto: of documents whose pages had several.",
            ("engine",),
            registry=registry,
        )
        self._entities = Counter(
            "ocr_entities_found", "Findings in what was read.", ("type",), registry=registry
        )
        self._cache = Counter(
            "ocr_cache_results", "Replies by their cache_status.", ("result",), registry=registry
        )
        self._counted = cache(self._requests.labels)  # which looks up under a lock
        self._timed = cache(self._request_seconds.labels)
        self._came_from = cache(self._cache.labels)
        for type_ in ENTITY_TYPES:
            self._entities.labels(type_)
        for result in CACHE_RESULTS:
            self._cache.labels(result)

    def watch(
        self, pool: Pool, cache: ResultCache | None, key_store_failures: Callable[[], int]
    ) -> None:
        """Tell of these, too, each time somebody asks."""
        self.registry.register(_State(pool, cache, key_store_failures))

    def call_ended(
        self, method: str, code: str, reason: str = "", seconds: float | None = None
    ) -> None:
        """Count a call.

        Args:
            method: As `observation.method_name` tells it.
            code: Name of its status code.
            reason: Of an error of ours.
            seconds: How long it took; None for calls whose time tells nothing.
        """
        self._counted(method, code, reason).inc()
        if seconds is not None:
            self._timed(method).observe(seconds)

    def item_answered(
        self,
        method: str,
        answer: batch_pb2.BatchRecognizeResponse | document_pb2.RecognizeDocumentResponse,
    ) -> None:
        """Count a message of a stream, if it answers an item or a page."""
        match answer.ListFields()[0][0].name:
            case "result" | "page":
                self._items.labels(method, "OK", "").inc()
            case "error":
                code = code_pb2.Code.Name(answer.error.code)
                self._items.labels(method, code, answer.error.reason).inc()

    def add(self, seen: Observation) -> None:
        """Count what a reply tells."""
        for stage, seconds in seen.stages.items():
            self._stage_seconds.labels(stage, seen.engine).observe(seconds)
        for type_, count in seen.entities.items():
            self._entities.labels(type_).inc(count)
        if seen.pages:
            self._pages.labels(seen.engine).inc(seen.pages)
        if seen.cache:
            self._came_from(seen.cache).inc()


class _State(Collector):
    """What is looked up when somebody asks, and costs nothing until then."""

    def __init__(
        self, pool: Pool, cache: ResultCache | None, key_store_failures: Callable[[], int]
    ) -> None:
        self._pool = pool
        self._cache = cache
        self._key_store_failures = key_store_failures

    @override
    def collect(self) -> Iterator[Metric]:
        pool = self._pool.state()
        yield GaugeMetricFamily("ocr_queue_jobs", "Jobs that wait for a worker.", pool.waiting)
        yield GaugeMetricFamily("ocr_queue_bytes", "Content that waits.", pool.waiting_bytes)
        yield GaugeMetricFamily(
            "ocr_queue_oldest_seconds", "How long the oldest of them has waited.", pool.oldest
        )
        yield GaugeMetricFamily("ocr_workers_alive", "Workers that are there.", pool.alive)
        ended = CounterMetricFamily(
            "ocr_workers_replaced",
            "Workers that another took the place of: recycled after worker_max_jobs, killed because"
            " a job was out of time or its caller gone, or crashed.",
            labels=("cause",),
        )
        for cause, count in pool.replaced.items():
            ended.add_metric((cause,), count)
        yield ended
        if self._cache is not None:
            yield GaugeMetricFamily(
                "ocr_cache_store_away", "1 while Redis does not answer.", self._cache.is_away
            )
        yield CounterMetricFamily(
            "ocr_key_store_failures",
            "Times that the key store was asked in vain.",
            self._key_store_failures(),
        )
