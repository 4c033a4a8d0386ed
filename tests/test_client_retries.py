"""What the client sends again, and what it never does."""

from collections.abc import Callable

import grpc
import ocr_client
import pytest
from ocr_client import OcrClient
from ocr_client.channel import OPTIONS

from ocr_service.pb.ocr.v1 import api_key_service_pb2 as keys
from ocr_service.pb.ocr.v1.ocr_service_pb2_grpc import OcrServiceStub
from ocr_service.pb.ocr.v1.recognize_pb2 import RecognizeRequest
from tests.fake_servicers import UnavailableOnce, serving

LARGE = bytes(2_000_000)


def test_a_large_image_is_sent_again_when_the_server_was_unavailable() -> None:
    fake = UnavailableOnce()
    with serving(fake) as address, OcrClient(address) as client:
        assert client.recognize(LARGE).text == "2000000"
    assert fake.calls == 2


def test_without_our_channel_options_it_is_not() -> None:
    """The reason for `per_rpc_retry_buffer_size`; if this fails, gRPC has changed its default."""
    fake = UnavailableOnce()
    options = [pair for pair in OPTIONS if pair[0] != "grpc.per_rpc_retry_buffer_size"]
    with serving(fake) as address, grpc.insecure_channel(address, options) as channel:
        stub = OcrServiceStub(channel)
        with pytest.raises(grpc.RpcError):
            stub.Recognize(RecognizeRequest(content=LARGE))
    assert fake.calls == 1


def test_a_server_that_forbids_retries_is_obeyed() -> None:
    fake = UnavailableOnce(pushback=-1)
    with serving(fake) as address, OcrClient(address) as client:
        with pytest.raises(ocr_client.Unavailable):
            client.recognize(LARGE)
        assert fake.calls == 1


def test_a_server_that_asks_for_a_pause_gets_it() -> None:
    fake = UnavailableOnce(pushback=60_000)
    with serving(fake) as address, OcrClient(address) as client:
        with pytest.raises(ocr_client.TimedOut):
            client.recognize(LARGE, timeout=2)  # the pause does not fit, our own would
        assert fake.calls == 1


@pytest.mark.parametrize(
    "make",
    [
        lambda client: client.issue_api_key(keys.IssueApiKeyRequest(user_id="u")),
        lambda client: client.rotate_api_key("old"),
    ],
    ids=["issue", "rotate"],
)
def test_a_key_is_never_made_twice(make: Callable[[OcrClient], object]) -> None:
    fake = UnavailableOnce()
    with serving(fake) as address, OcrClient(address) as client:
        with pytest.raises(ocr_client.Unavailable):
            make(client)
        assert fake.calls == 1


def test_a_key_is_ended_in_spite_of_a_restart() -> None:
    with serving(UnavailableOnce()) as address, OcrClient(address) as client:
        assert client.revoke_api_key("old").id == "old"
