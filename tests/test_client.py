"""The client against real servers; servers that misbehave are in fake_servicers.py."""

import ast
import contextlib
from collections.abc import Iterator
from pathlib import Path

import grpc
import ocr_client
import pytest
from google.protobuf.any_pb2 import Any
from google.rpc import error_details_pb2, status_pb2
from hypothesis import given
from hypothesis import strategies as st
from ocr_client import OcrClient, OcrClientError, errors
from ocr_client.channel import Address

import ocr_service.errors
from ocr_service.api_keys import Scope, issue
from ocr_service.config import Settings
from ocr_service.key_store import open_keys
from ocr_service.pb.ocr.v1 import api_key_service_pb2 as keys
from ocr_service.pb.ocr.v1 import batch_pb2 as batches
from ocr_service.pb.ocr.v1 import ocr_service_pb2 as service
from ocr_service.pb.ocr.v1.recognize_pb2 import RecognizeOptions
from tests.data import make
from tests.fake_servicers import Batches, Finder, Refuses, serving
from tests.servers import Server

PNG = make.encode(make.text_image(["Total 12.50"]), "PNG")
TWO_PAGES = make.encode_pages([make.text_image(["First"]), make.text_image(["Second"])], "TIFF")


@pytest.fixture
def client(server: Server) -> Iterator[OcrClient]:
    with OcrClient(server.address, api_key=server.key) as connected:
        yield connected


def item(name: str, content: bytes = PNG) -> batches.BatchItem:
    return batches.BatchItem(item_id=name, content=content)


def test_recognize_returns_the_text(client: OcrClient) -> None:
    assert client.recognize(PNG, mime_type="image/png").text == "Total 12.50"


def test_recognize_sends_the_options(client: OcrClient) -> None:
    reply = client.recognize(TWO_PAGES, options=RecognizeOptions(pages=[2]))
    assert [page.number for page in reply.pages] == [2]


def test_recognize_document_yields_page_after_page(client: OcrClient) -> None:
    parts = list(client.recognize_document(TWO_PAGES))
    assert [part.WhichOneof("event") for part in parts] == ["started", "page", "page", "summary"]
    assert [part.page.text for part in parts[1:3]] == ["First", "Second"]


def test_batch_answers_every_item_and_sums_up(client: OcrClient) -> None:
    items = [item("good"), item("bad", b"nonsense")]
    good, bad, summary = client.batch(items, in_order=True, item_timeout=30.5)
    assert isinstance(good, batches.BatchItemResult)
    assert (good.item_id, good.response.text) == ("good", "Total 12.50")
    assert isinstance(bad, batches.BatchItemError)
    assert (bad.item_id, bad.reason) == ("bad", "FORMAT_UNSUPPORTED")
    assert isinstance(summary, batches.BatchSummary)
    assert (summary.received, summary.succeeded, summary.failed) == (2, 1, 1)


def test_batch_raises_what_its_items_raise_after_the_answers(client: OcrClient) -> None:
    def items() -> Iterator[batches.BatchItem]:
        yield item("one")
        raise LookupError("the second item")

    answers = client.batch(items())
    assert next(answers).item_id == "one"  # type: ignore[union-attr]
    with pytest.raises(LookupError, match="second"):
        next(answers)


def test_a_batch_that_is_dropped_takes_no_more_items() -> None:
    def endless() -> Iterator[batches.BatchItem]:
        while True:
            yield item("again", b"text")

    with serving(Batches("reads")) as address, OcrClient(address) as client:
        answers = client.batch(endless())
        assert isinstance(next(answers), batches.BatchItemResult)
        answers.close()  # type: ignore[attr-defined]
        assert client.capabilities().version == "fake"


def test_capabilities(client: OcrClient) -> None:
    assert "image/png" in client.capabilities().mime_types


def test_keys_are_issued_and_tell_about_themselves(server: Server) -> None:
    with OcrClient(server.address, api_key=server.admin_key) as admin:
        issued = admin.issue_api_key(keys.IssueApiKeyRequest(user_id="new"))
    with OcrClient(server.address, api_key=issued.secret) as new:
        assert new.get_current_api_key().user_id == "new"


def test_keys_are_listed_over_pages_rotated_and_revoked(server: Server) -> None:
    store, pepper = open_keys(Settings(data_dir=server.data_dir))
    made = [issue(store, pepper, user_id="many", scopes=frozenset())[0].id for _ in range(101)]
    store.close()
    with OcrClient(server.address, api_key=server.admin_key) as admin:
        assert [key.id for key in admin.list_api_keys("many")] == made[::-1]
        successor = admin.rotate_api_key(made[0], overlap=60).api_key.id
        with pytest.raises(ocr_client.KeyEnded, match=successor):
            admin.rotate_api_key(made[0])
        assert admin.revoke_api_key(successor).state == keys.API_KEY_STATE_REVOKED
        with pytest.raises(ocr_client.NotFound) as caught:
            admin.revoke_api_key("nobody")
        assert caught.value.reason == "API_KEY_NOT_FOUND"


def test_entities_and_redaction_are_passed_on_whatever_their_size() -> None:
    with serving(Finder()) as address, OcrClient(address) as client:
        assert client.find_entities("a@b.example").entities[0].text == "a@b.example"
        assert len(client.redact(service.RedactRequest(content=b"x")).content) == 6 << 20


# Errors ------------------------------------------------------------------------------------------


def test_a_missing_and_a_wrong_key(server: Server) -> None:
    with (
        OcrClient(server.address) as nobody,
        pytest.raises(ocr_client.NotAuthenticated) as missing,
    ):
        nobody.recognize(PNG)
    assert missing.value.reason == "API_KEY_MISSING"
    with (
        OcrClient(server.address, api_key="ocr_wrong") as stranger,
        pytest.raises(ocr_client.NotAuthenticated) as wrong,
    ):
        stranger.recognize(PNG)
    assert wrong.value.reason == "API_KEY_INVALID"
    assert "ocr_wrong" not in str(wrong.value)


def test_a_key_without_the_scope(server: Server) -> None:
    key = server.new_key(frozenset({Scope.UNMASKED}))
    with OcrClient(server.address, api_key=key) as client:
        with pytest.raises(ocr_client.NotPermitted) as caught:
            client.recognize(PNG)
        assert caught.value.reason == "SCOPE_INSUFFICIENT"


def test_bad_input_names_the_field_and_the_reason(client: OcrClient) -> None:
    with pytest.raises(ocr_client.BadInput) as caught:
        client.recognize(PNG, options=RecognizeOptions(dpi=7))
    assert (caught.value.reason, caught.value.field) == ("OPTION_INVALID", "options.dpi")
    assert caught.value.code is grpc.StatusCode.INVALID_ARGUMENT
    assert caught.value.retry_after is None


def test_a_stream_fails_like_a_call(client: OcrClient) -> None:
    with pytest.raises(ocr_client.BadInput) as caught:
        list(client.recognize_document(b""))
    assert caught.value.reason == "CONTENT_EMPTY"


def test_a_language_that_is_not_there(client: OcrClient) -> None:
    with pytest.raises(ocr_client.NotInstalled) as caught:
        client.recognize(PNG, options=RecognizeOptions(languages=["cy"]))
    assert caught.value.reason == "LANGUAGE_NOT_INSTALLED"


def test_too_little_time(client: OcrClient) -> None:
    unknown = make.encode(make.text_image(["nobody has sent this"]), "PNG")
    with pytest.raises(ocr_client.TimedOut) as caught:
        client.recognize(unknown, timeout=0.0001)
    assert caught.value.reason == "DEADLINE_EXCEEDED"


def test_nobody_at_the_address() -> None:
    with (
        OcrClient("127.0.0.1:1") as client,
        pytest.raises(ocr_client.ServerAway, match=r"No server answers at 127\.0\.0\.1:1\. Start"),
    ):
        client.capabilities()


def test_the_seconds_to_wait_come_from_the_details() -> None:
    info = error_details_pb2.ErrorInfo(reason="OVERLOADED", domain="ocr.v1")
    retry = error_details_pb2.RetryInfo()
    retry.retry_delay.FromMilliseconds(1500)
    status = status_pb2.Status(code=14, message="said by a proxy")
    for detail in (info, retry):
        packed = Any()
        packed.Pack(detail)
        status.details.append(packed)
    fake = Refuses(grpc.StatusCode.UNAVAILABLE, status.SerializeToString())
    with serving(fake) as address, OcrClient(address) as client:
        with pytest.raises(ocr_client.Unavailable) as caught:
            client.recognize(PNG)
        assert (caught.value.reason, caught.value.retry_after) == ("OVERLOADED", 1.5)


@pytest.mark.parametrize("details", [b"", b"\xff nonsense"], ids=["none", "damaged"])
@pytest.mark.parametrize(
    "code", [code for code in grpc.StatusCode if code.name != "OK"], ids=lambda code: code.name
)
def test_every_status_without_details_is_one_of_our_errors(
    code: grpc.StatusCode, details: bytes
) -> None:
    with serving(Refuses(code, details)) as address, OcrClient(address) as client:
        with pytest.raises(OcrClientError) as caught:
            client.recognize(PNG)
        assert caught.value.code is code
        assert caught.value.message.endswith((".", "proxy", "?"))


def test_every_code_of_the_service_has_an_error_of_its_own() -> None:
    codes = {
        cls.code
        for cls in vars(ocr_service.errors).values()
        if isinstance(cls, type) and issubclass(cls, ocr_service.errors.OcrError)
    }
    assert codes <= set(errors.BY_CODE)


def test_everything_public_is_exported() -> None:
    tree = {
        name
        for name, cls in vars(errors).items()
        if isinstance(cls, type) and issubclass(cls, Exception)
    }
    assert {"OcrClient", *tree} == set(ocr_client.__all__)
    assert all(getattr(ocr_client, name) for name in ocr_client.__all__)
    with pytest.raises(AttributeError):
        ocr_client.no_such_name  # noqa: B018


# Addresses and imports ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "address"),
    [
        pytest.param("localhost", Address("localhost:50051", False, True), id="no port"),
        pytest.param("127.0.0.2:7", Address("127.0.0.2:7", False, True), id="loopback"),
        pytest.param("[::1]", Address("[::1]:50051", False, True), id="IPv6"),
        pytest.param("[fd00::1]:9", Address("[fd00::1]:9", False, False), id="IPv6 with port"),
        pytest.param("http://ocr:9/", Address("ocr:9", False, False), id="http"),
        pytest.param("https://ocr", Address("ocr:50051", True, False), id="https"),
        pytest.param("unix:/run/ocr", Address("unix:/run/ocr", False, True), id="socket"),
    ],
)
def test_addresses(text: str, address: Address) -> None:
    assert Address.parse(text) == address


@given(st.text())
def test_an_address_is_understood_or_refused(text: str) -> None:
    with contextlib.suppress(ocr_client.BadInput):
        assert Address.parse(text).target.strip()


@pytest.mark.parametrize("text", ["", ":1", "h:port", "h:70000", "ftp://h:1", "h:1/path"])
def test_addresses_that_are_none(text: str) -> None:
    with pytest.raises(ocr_client.BadInput):
        OcrClient(text)


@pytest.mark.parametrize("key", ["two words", "line\n", "schlüssel"])
def test_keys_that_no_header_can_hold_are_refused_and_not_repeated(key: str) -> None:
    with pytest.raises(ocr_client.BadInput) as caught:
        OcrClient(api_key=key)
    assert key not in str(caught.value)


def test_the_client_imports_nothing_of_the_service_but_the_stubs() -> None:
    assert ocr_client.__file__
    for path in Path(ocr_client.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                assert not name.startswith("ocr_service") or name.startswith("ocr_service.pb.")
