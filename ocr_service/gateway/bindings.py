"""The RPCs' places in HTTP, as gateway.yaml says: https://google.aip.dev/127."""

import re
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import yaml
from google.protobuf import descriptor_pool
from google.protobuf.descriptor import MethodDescriptor

from ocr_service.pb.ocr.v1 import api_key_service_pb2, ocr_service_pb2

_FILES = (ocr_service_pb2, api_key_service_pb2)  # imported, so that the pool knows their services
_VERBS = ("get", "post", "put", "patch", "delete")
_VARIABLE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Binding:
    """One RPC's place.

    Attributes:
        method: The RPC.
        verb: HTTP method, upper-case.
        path: Template such as ``/v1/apiKeys/{id}:rotate``; each variable is a field of the request.
        has_body: True if the request's other fields stand in the body, False if in the query.
    """

    method: MethodDescriptor
    verb: str
    path: str
    has_body: bool

    @property
    def rule(self) -> str:
        """The path as Flask writes it."""
        return _VARIABLE.sub(r"<\1>", self.path)

    @property
    def rpc(self) -> str:
        """The method's name as gRPC writes it."""
        return f"/{self.method.containing_service.full_name}/{self.method.name}"


@cache
def bindings() -> tuple[Binding, ...]:
    """Return the place of every RPC, in the order of gateway.yaml."""
    text = files("ocr_service.pb.ocr.v1").joinpath("gateway.yaml").read_text(encoding="utf-8")
    return parse(text)


def parse(text: str) -> tuple[Binding, ...]:
    """Return the bindings that a google.api.Service in YAML lists.

    Raises:
        KeyError: It names an RPC that the contract does not have.
        ValueError: A rule has no verb that is known here, or a body other than ``*``.
    """
    found = []
    for rule in yaml.safe_load(text)["http"]["rules"]:
        verb = next((verb for verb in _VERBS if verb in rule), None)
        if verb is None or rule.get("body", "*") != "*":
            raise ValueError(f"the rule of {rule['selector']} is of a kind that is not known here")
        method = descriptor_pool.Default().FindMethodByName(rule["selector"])
        found.append(Binding(method, verb.upper(), rule[verb], "body" in rule))
    return tuple(found)
