"""Every reason that a caller can meet, on the wire."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import cast

import grpc
import pytest
from google.rpc import error_details_pb2, status_pb2
from grpc_status import rpc_status
from PIL import Image

from ocr_service.api_keys import Scope, new_secret
from ocr_service.pb.ocr.v1 import (
    api_key_service_pb2,
    batch_pb2,
    document_pb2,
    ocr_service_pb2,
    recognize_pb2,
)
from tests.data import make
from tests.servers import DEFAULT_SCOPES, Server

Options = recognize_pb2.RecognizeOptions
INVALID = grpc.StatusCode.INVALID_ARGUMENT
PNG = make.encode(make.text_image(["Total 12.50"]), "PNG")
GIF_TWO_PAGES = make.encode_pages([make.text_image(["one"]), make.text_image(["two"])], "GIF")
MAX_BYTES = 100_000  # of the server below, so that its limits can be met with small files


@dataclass(frozen=True)
class Failure:
    """What an error says to a program."""

    code: grpc.StatusCode
    reason: str
    field: str
    retry_seconds: float | None
    message: str


def failure_of(error: grpc.RpcError) -> Failure:
    """Read code and details; every error must carry ErrorInfo and stay below 4 KiB."""
    call = cast("grpc.Call", error)
    status: status_pb2.Status | None = rpc_status.from_call(call)
    assert status is not None, f"no details with {call.code()}: {call.details()}"
    assert status.ByteSize() < 4096
    reason, field, retry = "", "", None
    for detail in status.details:
        info = error_details_pb2.ErrorInfo()
        bad = error_details_pb2.BadRequest()
        delay = error_details_pb2.RetryInfo()
        if detail.Unpack(info):
            reason = info.reason
            assert info.domain == "ocr.v1"
        elif detail.Unpack(bad):
            field = bad.field_violations[0].field
        elif detail.Unpack(delay):
            retry = delay.retry_delay.ToTimedelta() / timedelta(seconds=1)
    return Failure(call.code(), reason, field, retry, status.message)


def failure(call: Callable[[], object]) -> Failure:
    with pytest.raises(grpc.RpcError) as raised:
        call()
    return failure_of(raised.value)


def png_of(width: int, height: int) -> bytes:
    """A well-formed PNG of one colour: few bytes, many pixels."""
    return make.encode(Image.new("1", (width, height)), "PNG")


BAD_REQUESTS = {
    "empty": (b"", "", Options(), "CONTENT_EMPTY", "content"),
    "cut off": (PNG[: len(PNG) // 2], "", Options(), "CONTENT_UNDECODABLE", "content"),
    "no image": (b"just some words", "", Options(), "FORMAT_UNSUPPORTED", "content"),
    "other type": (PNG, "image/jpeg", Options(), "MIME_TYPE_MISMATCH", "mime_type"),
    "too many bytes": (b"x" * (32 * 2**20 + 1), "", Options(), "CONTENT_TOO_LARGE", "content"),
    "too many pixels": (png_of(10_000, 6_000), "", Options(), "PIXELS_EXCEEDED", "content"),
    "side too long": (png_of(17_000, 10), "", Options(), "PIXELS_EXCEEDED", "content"),
    "too many pages": (
        make.encode_pages([Image.new("1", (2, 2), n % 2) for n in range(501)], "TIFF"),
        "",
        Options(),
        "PAGES_EXCEEDED",
        "content",
    ),
    "page beyond": (
        GIF_TWO_PAGES,
        "",
        Options(pages=[3]),
        "PAGE_OUT_OF_RANGE",
        "options.pages",
    ),
    "page zero": (PNG, "", Options(pages=[0]), "OPTION_INVALID", "options.pages"),
    "dpi": (PNG, "", Options(dpi=20), "OPTION_INVALID", "options.dpi"),
    "confidence": (
        PNG,
        "",
        Options(min_confidence=1.5),
        "OPTION_INVALID",
        "options.min_confidence",
    ),
    "unknown engine": (PNG, "", Options(engine=99), "OPTION_INVALID", "options.engine"),  # type: ignore[arg-type]
    "unknown segmentation": (
        PNG,
        "",
        Options(segmentation=99),  # type: ignore[arg-type]
        "OPTION_INVALID",
        "options.segmentation",
    ),
    "unknown preprocessing": (
        PNG,
        "",
        Options(preprocessing=99),  # type: ignore[arg-type]
        "OPTION_INVALID",
        "options.preprocessing",
    ),
    "unknown detail": (PNG, "", Options(detail=99), "OPTION_INVALID", "options.detail"),  # type: ignore[arg-type]
    "language tag": (
        PNG,
        "",
        Options(languages=["e n/../x"]),
        "OPTION_INVALID",
        "options.languages",
    ),
}


@pytest.mark.parametrize(
    ("content", "mime_type", "options", "reason", "field"), BAD_REQUESTS.values(), ids=BAD_REQUESTS
)
def test_bad_input_is_refused_with_its_reason(
    server: Server, content: bytes, mime_type: str, options: Options, reason: str, field: str
) -> None:
    request = recognize_pb2.RecognizeRequest(content=content, mime_type=mime_type, options=options)
    refused = failure(lambda: server.stub.Recognize(request, metadata=server.metadata))
    assert (refused.code, refused.reason, refused.field) == (INVALID, reason, field)
    assert refused.retry_seconds is None


def test_documents_are_refused_like_images(server: Server) -> None:
    request = document_pb2.RecognizeDocumentRequest(content=b"just some words")
    refused = failure(
        lambda: list(server.stub.RecognizeDocument(request, metadata=server.metadata))
    )
    assert (refused.code, refused.reason) == (INVALID, "FORMAT_UNSUPPORTED")


NOT_HERE = {
    "language": (Options(languages=["xx"]), "LANGUAGE_NOT_INSTALLED", "en"),
    "engine": (Options(engine=recognize_pb2.ENGINE_EASYOCR), "ENGINE_NOT_INSTALLED", "easyocr"),
}


@pytest.mark.parametrize(("options", "reason", "names"), NOT_HERE.values(), ids=NOT_HERE)
def test_what_is_not_installed_is_said(
    server: Server, options: Options, reason: str, names: str
) -> None:
    request = recognize_pb2.RecognizeRequest(content=PNG, options=options)
    refused = failure(lambda: server.stub.Recognize(request, metadata=server.metadata))
    assert (refused.code, refused.reason) == (grpc.StatusCode.FAILED_PRECONDITION, reason)
    assert names in refused.message


def bad_keys(server: Server) -> dict[str, tuple[tuple[tuple[str, str], ...], str]]:
    whole = server.key
    other = "0" if whole[-1] != "0" else "1"
    expired = server.new_key(DEFAULT_SCOPES, ttl=timedelta(seconds=-1))
    return {
        "none": ((), "API_KEY_MISSING"),
        "empty": ((("x-api-key", ""),), "API_KEY_MISSING"),
        "other scheme": ((("authorization", f"Basic {whole}"),), "API_KEY_MISSING"),
        "nonsense": ((("x-api-key", "letmein"),), "API_KEY_INVALID"),
        "mistyped": ((("x-api-key", whole[:-1] + other),), "API_KEY_INVALID"),
        "unknown": ((("x-api-key", new_secret()),), "API_KEY_INVALID"),
        "expired": ((("x-api-key", expired),), "API_KEY_INVALID"),
    }


@pytest.mark.parametrize(
    "case", ["none", "empty", "other scheme", "nonsense", "mistyped", "unknown", "expired"]
)
def test_calls_without_a_good_key_are_refused(server: Server, case: str) -> None:
    metadata, reason = bad_keys(server)[case]
    request = recognize_pb2.RecognizeRequest(content=PNG)
    unary = failure(lambda: server.stub.Recognize(request, metadata=metadata))
    assert (unary.code, unary.reason) == (grpc.StatusCode.UNAUTHENTICATED, reason)
    stream = failure(lambda: list(server.stub.BatchRecognize(iter(()), metadata=metadata)))
    assert (stream.code, stream.reason) == (unary.code, unary.reason)


def test_unknown_and_expired_keys_read_the_same(server: Server) -> None:
    request = ocr_service_pb2.GetCapabilitiesRequest()

    def message_for(metadata: tuple[tuple[str, str], ...]) -> str:
        return failure(lambda: server.stub.GetCapabilities(request, metadata=metadata)).message

    cases = bad_keys(server)
    assert message_for(cases["unknown"][0]) == message_for(cases["expired"][0])


def test_a_refused_stream_is_answered_before_its_messages_are_read(server: Server) -> None:
    sent = []

    def items() -> object:
        for number in range(1000):
            sent.append(number)
            yield batch_pb2.BatchRecognizeRequest(
                item=batch_pb2.BatchItem(item_id=str(number), content=b"x" * 2**20)
            )

    refused = failure(lambda: list(server.stub.BatchRecognize(items())))  # type: ignore[arg-type]
    assert refused.reason == "API_KEY_MISSING"
    assert len(sent) < 100


@pytest.mark.parametrize("bearer", ["Bearer", "bearer"])
def test_a_bearer_token_is_a_key(server: Server, bearer: str) -> None:
    metadata = (("authorization", f"{bearer} {server.key}"),)
    reply = server.stub.GetCapabilities(ocr_service_pb2.GetCapabilitiesRequest(), metadata=metadata)
    assert reply.engines


def test_a_key_without_the_scope_is_refused(server: Server) -> None:
    only_admin = (("x-api-key", server.new_key(frozenset({Scope.ADMIN}))),)
    recognize = failure(
        lambda: server.stub.Recognize(
            recognize_pb2.RecognizeRequest(content=PNG), metadata=only_admin
        )
    )
    issue = failure(
        lambda: server.keys.IssueApiKey(
            api_key_service_pb2.IssueApiKeyRequest(user_id="eve"), metadata=server.metadata
        )
    )
    for refused, scope in ((recognize, "RECOGNIZE"), (issue, "ADMIN")):
        assert (refused.code, refused.reason) == (
            grpc.StatusCode.PERMISSION_DENIED,
            "SCOPE_INSUFFICIENT",
        )
        assert scope in refused.message


def test_a_deadline_that_is_too_short(server: Server) -> None:
    noise = make.encode(Image.effect_noise((3000, 3000), 200), "PNG")
    with pytest.raises(grpc.RpcError) as raised:
        server.stub.Recognize(
            recognize_pb2.RecognizeRequest(content=noise), metadata=server.metadata, timeout=0.3
        )
    assert cast("grpc.Call", raised.value).code() == grpc.StatusCode.DEADLINE_EXCEEDED


def test_messages_hold_nothing_of_the_request(server: Server) -> None:
    planted = "4111111111111111"
    for mime_type, options in (
        (f"image/{planted}", Options()),
        ("", Options(languages=[planted])),
    ):
        request = recognize_pb2.RecognizeRequest(
            content=planted.encode(), mime_type=mime_type, options=options
        )
        call = partial(server.stub.Recognize, request, metadata=server.metadata)
        refused = failure(call)
        assert planted not in refused.message
    assert planted not in server.said()
