"""Messages to JSON, by protobuf's mapping: https://protobuf.dev/programming-guides/json.

Writes what ``MessageToDict(..., always_print_fields_with_no_presence=True)`` does, in half
the time: a page of 200 words is more than a thousand messages. What each field needs is looked up
once for each kind of message and not each time.
"""

import struct
from base64 import b64encode
from collections.abc import Callable
from functools import cache
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

_INT64 = {
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT64,
}
_FLOAT = struct.Struct("f")
_Write = Callable[[Any], Any]


def to_dict(message: Message) -> dict[str, Any]:
    """Return the message as what ``json.dumps`` takes, fields without a value included."""
    result: dict[str, Any] = _message_writer(message.DESCRIPTOR)(message)
    return result


@cache
def _message_writer(descriptor: Descriptor) -> _Write:
    always = [(f.name, f.json_name, _writer(f)) for f in descriptor.fields if not f.has_presence]
    if_set = [(f.name, f.json_name, _writer(f)) for f in descriptor.fields if f.has_presence]

    def write(message: Message) -> dict[str, Any]:
        result = {json_name: put(getattr(message, name)) for name, json_name, put in always}
        for name, json_name, put in if_set:
            if message.HasField(name):
                result[json_name] = put(getattr(message, name))
        return result

    return write


def _writer(field: FieldDescriptor) -> _Write:
    put = _single(field)
    return (lambda values: [put(value) for value in values]) if field.is_repeated else put


def _single(field: FieldDescriptor) -> _Write:
    if field.message_type is not None:
        well_known = field.message_type.full_name.startswith("google.protobuf.")
        return json_format.MessageToDict if well_known else _message_writer(field.message_type)
    if field.enum_type is not None:
        names = {number: value.name for number, value in field.enum_type.values_by_number.items()}
        return lambda number: names.get(number, number)
    if field.cpp_type in _INT64:
        return str
    if field.cpp_type == FieldDescriptor.CPPTYPE_FLOAT:
        return _shortest
    if field.type == FieldDescriptor.TYPE_BYTES:
        return lambda value: b64encode(value).decode("ascii")
    return lambda value: value


def _shortest(value: float) -> float:
    """The double with the fewest digits that is the same as a 32-bit float."""
    if (short := round(value, 2)) == value:  # most coordinates are of this kind
        return short
    for digits in (6, 7, 8):
        short = float(f"{value:.{digits}g}")
        if _FLOAT.unpack(_FLOAT.pack(short))[0] == value:
            return short
    return float(f"{value:.9g}")
