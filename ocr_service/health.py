"""The standard health service, with its List method.

https://github.com/grpc/grpc/blob/master/doc/health-checking.md and grpc/health/v1/health.proto.
The package grpcio-health-checking of our pinned gRPC predates List: its messages are added here to
a copy of the published descriptors. Drop this when the pin moves to a version that has it.
"""

from collections.abc import Iterable
from typing import Any

import grpc
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory
from grpc_health.v1 import health, health_pb2, health_pb2_grpc

POOL = descriptor_pool.DescriptorPool()
"""Knows the health service with List; reflection serves it instead of the published one."""

_PACKAGE = "grpc.health.v1"
_TypeName = descriptor_pb2.FieldDescriptorProto


def _add_list(file: descriptor_pb2.FileDescriptorProto) -> None:
    file.message_type.add(name="HealthListRequest")
    response = file.message_type.add(name="HealthListResponse")
    entry = response.nested_type.add(name="StatusesEntry")
    entry.options.map_entry = True
    entry.field.add(
        name="key", number=1, type=_TypeName.TYPE_STRING, label=_TypeName.LABEL_OPTIONAL
    )
    entry.field.add(
        name="value",
        number=2,
        type=_TypeName.TYPE_MESSAGE,
        type_name=f".{_PACKAGE}.HealthCheckResponse",
        label=_TypeName.LABEL_OPTIONAL,
    )
    response.field.add(
        name="statuses",
        number=1,
        type=_TypeName.TYPE_MESSAGE,
        type_name=f".{_PACKAGE}.HealthListResponse.StatusesEntry",
        label=_TypeName.LABEL_REPEATED,
    )
    file.service[0].method.add(
        name="List",
        input_type=f".{_PACKAGE}.HealthListRequest",
        output_type=f".{_PACKAGE}.HealthListResponse",
    )


_file = descriptor_pb2.FileDescriptorProto()
health_pb2.DESCRIPTOR.CopyToProto(_file)
_add_list(_file)
POOL.Add(_file)


def _message(name: str) -> Any:
    return message_factory.GetMessageClass(POOL.FindMessageTypeByName(f"{_PACKAGE}.{name}"))


class Health:
    """Tells whether the server as a whole, and each service by name, takes calls."""

    def __init__(self, services: Iterable[str], server: grpc.aio.Server) -> None:
        """Register the service; nothing is SERVING yet."""
        self._names = (health.OVERALL_HEALTH, *services)
        self._servicer = health.aio.HealthServicer()
        lister = grpc.unary_unary_rpc_method_handler(
            self._list,
            _message("HealthListRequest").FromString,
            _message("HealthListResponse").SerializeToString,
        )
        health_pb2_grpc.add_HealthServicer_to_server(self._servicer, server)
        server.add_generic_rpc_handlers(
            (grpc.method_handlers_generic_handler(f"{_PACKAGE}.Health", {"List": lister}),)
        )

    async def serve(self) -> None:
        """Say that every service takes calls."""
        for name in self._names:
            await self._servicer.set(name, health_pb2.HealthCheckResponse.SERVING)

    async def drain(self) -> None:
        """Say that no service takes calls, for good."""
        await self._servicer.enter_graceful_shutdown()

    async def _list(self, _request: object, context: Any) -> Any:
        response = _message("HealthListResponse")()
        for name in self._names:
            request = health_pb2.HealthCheckRequest(service=name)
            response.statuses[name].status = (await self._servicer.Check(request, context)).status
        return response
