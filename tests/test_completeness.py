"""What was promised is there: stubs, reasons, RPCs, layers."""

from pathlib import Path

import grpc
import pytest
from google.protobuf.descriptor import ServiceDescriptor

from ocr_service import convert, errors
from ocr_service.key_servicer import ApiKeyServicer
from ocr_service.options import OutputFormat, Preprocessing, Segmentation
from ocr_service.pb.ocr.v1 import (
    api_key_service_pb2,
    ocr_service_pb2,
    recognize_pb2,
)
from ocr_service.servicer import OcrServicer

ROOT = Path(__file__).parents[1]

REASONS = {
    "UNAUTHENTICATED": {"API_KEY_MISSING", "API_KEY_INVALID"},
    "PERMISSION_DENIED": {"SCOPE_INSUFFICIENT"},
    "INVALID_ARGUMENT": {
        "CONTENT_EMPTY",
        "CONTENT_UNDECODABLE",
        "FORMAT_UNSUPPORTED",
        "MIME_TYPE_MISMATCH",
        "CONTENT_TOO_LARGE",
        "PIXELS_EXCEEDED",
        "PAGES_EXCEEDED",
        "PAGE_OUT_OF_RANGE",
        "OPTION_INVALID",
        "STREAM_PROTOCOL",
        "BAD_HTTP",
        "MEDIA_TYPE_UNSUPPORTED",
    },
    "FAILED_PRECONDITION": {"LANGUAGE_NOT_INSTALLED", "ENGINE_NOT_INSTALLED", "API_KEY_ENDED"},
    "RESOURCE_EXHAUSTED": {"RATE_LIMITED"},
    "UNAVAILABLE": {"OVERLOADED", "DRAINING", "KEY_STORE_UNAVAILABLE", "SERVER_AWAY"},
    "DEADLINE_EXCEEDED": {"DEADLINE_EXCEEDED"},
    "CANCELLED": {"CANCELLED"},
    "UNIMPLEMENTED": {"NOT_IMPLEMENTED", "METHOD_NOT_ALLOWED"},
    "NOT_FOUND": {"API_KEY_NOT_FOUND", "ROUTE_NOT_FOUND"},
    "INTERNAL": {"ENGINE_CRASHED", "INTERNAL"},
}


def error_classes(base: type[errors.OcrError] = errors.OcrError) -> list[type[errors.OcrError]]:
    return [cls for child in base.__subclasses__() for cls in (child, *error_classes(child))]


def test_every_error_has_the_code_of_its_reason() -> None:
    found: dict[str, set[str]] = {}
    for cls in error_classes():
        if cls is not errors.BadInput:
            found.setdefault(cls.code.name, set()).add(cls.reason)
    assert found == REASONS
    assert all(cls.__name__ in str(errors.__doc__) for cls in error_classes())


def test_committed_stubs_are_what_the_contract_generates(tmp_path: Path) -> None:
    generate = pytest.importorskip("protos.generate").generate
    generate(tmp_path)
    committed = ROOT / "ocr_service" / "pb"
    fresh = {path.relative_to(tmp_path): path.read_text() for path in tmp_path.rglob("*.py*")}
    here = {
        path.relative_to(committed): path.read_text()
        for path in committed.rglob("*.py*")
        if "__pycache__" not in path.parts
    }
    assert fresh
    assert fresh == here


@pytest.mark.parametrize(
    ("descriptor", "servicer"),
    [
        (ocr_service_pb2.DESCRIPTOR.services_by_name["OcrService"], OcrServicer),
        (api_key_service_pb2.DESCRIPTOR.services_by_name["ApiKeyService"], ApiKeyServicer),
    ],
    ids=["OcrService", "ApiKeyService"],
)
def test_every_rpc_is_answered(descriptor: ServiceDescriptor, servicer: type) -> None:
    assert {method.name for method in descriptor.methods} <= set(vars(servicer))


def test_every_choice_of_the_contract_is_known() -> None:
    assert set(convert._PREPROCESSING) == set(recognize_pb2.Preprocessing.values())
    assert set(convert._PREPROCESSING.values()) == set(Preprocessing)
    assert set(convert._SEGMENTATION) == set(recognize_pb2.PageSegmentation.values())
    assert set(convert._SEGMENTATION.values()) == set(Segmentation)
    assert set(convert._OUTPUTS.values()) == set(OutputFormat)
    assert set(convert._OUTPUTS) | {0} == set(recognize_pb2.OutputFormat.values())
    unset = recognize_pb2.ENGINE_UNSPECIFIED
    assert set(convert._ENGINES) | {unset} == set(recognize_pb2.Engine.values())


def test_codes_are_grpcs() -> None:
    assert set(REASONS) <= {code.name for code in grpc.StatusCode}
