"""Server reflection under both its names: tools ask for v1 first and fall back to v1alpha.

grpcio-reflection ships v1alpha only; v1 has the same messages under another package name.
"""

from collections.abc import Iterable
from typing import Any

import grpc
from google.protobuf import descriptor_pool
from grpc_reflection.v1alpha import reflection, reflection_pb2, reflection_pb2_grpc

from ocr_service import health

_V1 = "grpc.reflection.v1.ServerReflection"


class _Pools:
    """The default descriptor pool, with the health service of our own in front."""

    def __init__(self) -> None:
        self._default = descriptor_pool.Default()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._default, name)

    def FindFileContainingSymbol(self, symbol: str) -> Any:  # noqa: N802  protobuf's name
        try:
            return health.POOL.FindFileContainingSymbol(symbol)
        except KeyError:
            return self._default.FindFileContainingSymbol(symbol)

    def FindFileByName(self, name: str) -> Any:  # noqa: N802  protobuf's name
        try:
            return health.POOL.FindFileByName(name)
        except KeyError:
            return self._default.FindFileByName(name)


def add(services: Iterable[str], server: grpc.aio.Server) -> None:
    """Register reflection for these services, health and itself."""
    names = ("grpc.health.v1.Health", *services, reflection.SERVICE_NAME)
    servicer = reflection.aio.ReflectionServicer(service_names=names, pool=_Pools())
    reflection_pb2_grpc.add_ServerReflectionServicer_to_server(  # type: ignore[no-untyped-call]
        servicer, server
    )
    handler = grpc.stream_stream_rpc_method_handler(
        servicer.ServerReflectionInfo,
        reflection_pb2.ServerReflectionRequest.FromString,
        reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler(_V1, {"ServerReflectionInfo": handler}),)
    )
