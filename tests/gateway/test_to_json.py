"""Our writer of protobuf's JSON against protobuf's own."""

import json
import math
import struct

from google.protobuf import json_format
from google.protobuf.message import Message
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.gateway.to_json import to_json
from ocr_service.pb.ocr.v1 import (
    api_key_service_pb2,
    batch_pb2,
    layout_pb2,
    ocr_service_pb2,
    recognize_pb2,
)

finite = st.floats(width=32, allow_nan=False, allow_infinity=False)
MESSAGES: tuple[Message, ...] = (
    recognize_pb2.RecognizeResponse(),
    recognize_pb2.RecognizeResponse(text='"\u2028\x00', engine=99, outputs=[{"content": b"\xff"}]),  # type: ignore[arg-type,list-item]
    ocr_service_pb2.GetCapabilitiesResponse(limits={"max_pixels": 2**60}, entity_types=[1, 2]),  # type: ignore[arg-type,list-item]
    layout_pb2.Vertex(x=math.inf, y=-math.inf),
    layout_pb2.Word(text="ğ", confidence=math.nan),
    batch_pb2.BatchRecognizeResponse(summary={"drained": True, "unprocessed_item_ids": ["a"]}),  # type: ignore[arg-type]
    batch_pb2.BatchConfig(item_timeout={"seconds": 3, "nanos": 500}),  # type: ignore[arg-type]
    api_key_service_pb2.ApiKey(create_time={"seconds": 1_700_000_000}),  # type: ignore[arg-type]
)


def test_messages_are_written_as_protobuf_does() -> None:
    for message in MESSAGES:
        assert json.loads(to_json(message)) == json_format.MessageToDict(
            message, always_print_fields_with_no_presence=True
        )


@given(x=finite, y=finite)
def test_floats_are_read_as_they_were(x: float, y: float) -> None:
    written = json.loads(to_json(layout_pb2.Vertex(x=x, y=y)))
    assert struct.pack("2f", written["x"], written["y"]) == struct.pack("2f", x, y)
    assert len(repr(written["x"])) <= max(len(repr(x)), 9)
