"""What metrics, logs and traces may tell of a reply: times, counts and names out of our own tables.

Nothing that was read, no key and no path goes through here, so none can come out there.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ocr_service.pb.ocr.v1 import (
    api_key_service_pb2,
    entity_pb2,
    ocr_service_pb2,
    recognize_pb2,
)

STAGES = ("queue", "decode", "preprocess", "recognize", "find_entities")
"""Fields of the contract's Timings, in the order in which a page goes through them."""

OTHER = "other"
CACHE_RESULTS = ("miss", "hit", "bypass")
ENTITY_TYPES = tuple(
    entity_pb2.EntityType.Name(value).removeprefix("ENTITY_TYPE_")
    for value in entity_pb2.EntityType.values()[1:]
)
_METHODS = frozenset(
    f"/{service.full_name}/{method.name}"
    for file in (ocr_service_pb2, api_key_service_pb2)
    for service in file.DESCRIPTOR.services_by_name.values()
    for method in service.methods
) | {
    "/grpc.health.v1.Health/Check",
    "/grpc.health.v1.Health/List",
    "/grpc.health.v1.Health/Watch",
    "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
    "/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo",
}


def method_name(path: str) -> str:
    """The path of a method, as ``/package.Service/Method``, if we have it; else `OTHER`."""
    return path if path in _METHODS else OTHER


@dataclass(frozen=True, slots=True)
class Observation:
    """One reply of the pool or the cache.

    Attributes:
        stages: Seconds in each stage; of these only the queue's for replies that tell no others.
        entities: Findings by type.
        engine: Which read it: its name, ``auto`` if several did, empty if none.
        pages: How many were read.
        cache: One of `CACHE_RESULTS`; empty where the cache plays no part.
    """

    stages: dict[str, float] = field(default_factory=dict)
    entities: Mapping[str, int] = field(default_factory=dict)
    engine: str = ""
    pages: int = 0
    cache: str = ""

    @classmethod
    def of_reply(
        cls, encoded: bytes, cache_status: recognize_pb2.CacheStatus.ValueType
    ) -> "Observation":
        """Observe a RecognizeResponse; one out of the cache took no stage and need not be read."""
        if cache_status == recognize_pb2.CACHE_STATUS_HIT:
            return _HIT
        status = recognize_pb2.CacheStatus.Name(cache_status)
        cache = status.removeprefix("CACHE_STATUS_").lower()
        response = recognize_pb2.RecognizeResponse.FromString(encoded)
        timings = response.timings
        return cls(
            {stage: getattr(timings, stage).ToMicroseconds() / 1e6 for stage in STAGES},
            _types(response.entities),
            recognize_pb2.Engine.Name(response.engine).removeprefix("ENGINE_").lower(),
            len(response.pages),
            cache,
        )

    @classmethod
    def of_findings(
        cls, queued: float, entities: Iterable[entity_pb2.SensitiveEntity]
    ) -> "Observation":
        """Observe a reply that has findings but no timings; it waited so many seconds."""
        return cls({"queue": queued}, _types(entities))


_HIT = Observation(cache="hit")
Counts = defaultdict[str, int]


def _counts() -> Counts:
    return defaultdict(int)  # a Counter takes ten times as long to make


@dataclass(slots=True)
class Tally:
    """Sums over the observations of one call."""

    stages: Counts = field(default_factory=_counts)  # microseconds
    entities: Counts = field(default_factory=_counts)
    pages: Counts = field(default_factory=_counts)
    cache: Counts = field(default_factory=_counts)

    def add(self, seen: Observation) -> None:
        """Add one."""
        for stage, seconds in seen.stages.items():
            self.stages[stage] += round(seconds * 1e6)
        for type_, count in seen.entities.items():
            self.entities[type_] += count
        if seen.pages:
            self.pages[seen.engine] += seen.pages
        if seen.cache:
            self.cache[seen.cache] += 1

    def fields(self) -> dict[str, object]:
        """For a log line: seconds by stage, and counts by engine, cache result and type."""
        seconds = {stage: round(spent / 1e6, 4) for stage, spent in self.stages.items()}
        everything: dict[str, Mapping[str, float]] = {
            "stages": seconds,
            "pages": self.pages,
            "cache": self.cache,
            "entities": self.entities,
        }
        return {name: dict(counts) for name, counts in everything.items() if counts}


def _types(entities: Iterable[entity_pb2.SensitiveEntity]) -> Counter[str]:
    found = Counter(entity.type for entity in entities)
    return Counter({ENTITY_TYPES[value - 1]: count for value, count in found.items()})
