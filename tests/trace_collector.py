"""A collector of traces: takes what a server sends it by OTLP over gRPC."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import grpc
from opentelemetry.proto.collector.trace.v1 import trace_service_pb2, trace_service_pb2_grpc
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from typing_extensions import override

from tests.servers import eventually


@dataclass
class Node:
    """A span and those below it, in the order in which they began."""

    span: Span
    children: list["Node"]

    @property
    def names(self) -> Any:
        """Its name, with those below it if there are any: ``(name, [...])``."""
        names = [child.names for child in self.children]
        return (self.span.name, names) if names else self.span.name


@dataclass
class Collector(trace_service_pb2_grpc.TraceServiceServicer):
    """What has come so far."""

    port: int = 0
    requests: list[trace_service_pb2.ExportTraceServiceRequest] = field(default_factory=list)

    @override
    def Export(self, request: Any, context: Any) -> Any:
        self.requests.append(request)
        return trace_service_pb2.ExportTraceServiceResponse()

    @property
    def environ(self) -> dict[str, str]:
        """For a server that is to send its spans here, soon."""
        endpoint = f"http://127.0.0.1:{self.port}"
        return {"OTEL_EXPORTER_OTLP_ENDPOINT": endpoint, "OTEL_BSP_SCHEDULE_DELAY": "50"}

    @property
    def spans(self) -> list[Span]:
        return [
            span
            for request in self.requests
            for resource in request.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def tree(self, trace_id: str, root: str) -> Node:
        """The span whose parent is the caller's span, once it is here: it comes last."""
        ours = bytes.fromhex(trace_id)
        parent = bytes.fromhex(root)

        def mine() -> list[Span]:
            return [span for span in self.spans if span.trace_id == ours]

        assert eventually(lambda: any(span.parent_span_id == parent for span in mine()))
        (top,) = _below(parent, mine())
        return top


def _below(parent: bytes, spans: list[Span]) -> list[Node]:
    below = [span for span in spans if span.parent_span_id == parent]
    below.sort(key=lambda span: span.start_time_unix_nano)
    return [Node(span, _below(span.span_id, spans)) for span in below]


@contextmanager
def running_collector() -> Iterator[Collector]:
    server = grpc.server(ThreadPoolExecutor(2))
    collector = Collector(server.add_insecure_port("127.0.0.1:0"))
    trace_service_pb2_grpc.add_TraceServiceServicer_to_server(  # type: ignore[no-untyped-call]
        collector, server
    )
    server.start()
    try:
        yield collector
    finally:
        server.stop(None).wait()
