"""HTTP requests to messages of the contract: path, query and body, by protobuf's JSON mapping."""

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from werkzeug.wrappers import Request

from ocr_service.errors import BadHttp, MediaTypeUnsupported, OptionInvalid
from ocr_service.gateway import multipart
from ocr_service.gateway.bindings import Binding
from ocr_service.gateway.refusal import Refusal, too_large

_JSON = ("application/json", "")
_RAW = ("application/octet-stream", "application/pdf")
_FIELD_AT_FAULT = re.compile(r"Failed to parse (\w+) field")
_UNKNOWN_FIELD = re.compile(r'no field named "(\w{1,64})"')
_DEEPEST = 32


def from_http(binding: Binding, request: Request, path: Mapping[str, str], limit: int) -> Message:
    """Return the RPC's request.

    Args:
        binding: The RPC and its place.
        request: What came.
        path: Values of the path's variables.
        limit: Bytes that a file may have.

    Raises:
        Refusal: It does not fit the message, or is of a media type that is not read here.
    """
    message = GetMessageClass(binding.method.input_type)()
    fill(message, nest(message.DESCRIPTOR, _query(request)))
    if binding.has_body:
        _fill_from_body(message, request, limit)
    fill(message, path)
    return message


def _query(request: Request) -> Iterable[tuple[str, str]]:
    try:
        return request.args.items(multi=True)
    except UnicodeDecodeError as exc:
        raise Refusal.of(BadHttp("The query is not UTF-8. Write other bytes as %XX."), 400) from exc


def _fill_from_body(message: Message, request: Request, limit: int) -> None:
    media_type = request.mimetype
    takes_files = "content" in message.DESCRIPTOR.fields_by_name
    if media_type in _JSON:
        fill(message, from_json(request.get_data(cache=False) or b"{}"))
    elif takes_files and media_type == multipart.MEDIA_TYPE:
        _fill_from_form(message, request, limit)
    elif takes_files and (media_type in _RAW or media_type.startswith("image/")):
        content = request.get_data(cache=False)
        if len(content) > limit:
            raise too_large()
        message.content = content  # type: ignore[attr-defined]
    else:
        also = ", multipart/form-data, or the bytes as image/*, application/pdf" * takes_files
        raise Refusal.of(MediaTypeUnsupported(f"Send application/json{also}."), 415)


def _fill_from_form(message: Message, request: Request, limit: int) -> None:
    fields: list[tuple[str, str]] = []
    files: list[bytes] = []
    for part in multipart.read(request.stream, request.headers["Content-Type"], limit):
        if part.filename is None:
            fields.append((part.name, part.text))
        else:
            files.append(part.content)
    if len(files) != 1:
        text = "Send one file in the form; many go to /v1/images:batchRecognize."
        raise Refusal.of(OptionInvalid(text, field="content"))
    fill(message, nest(message.DESCRIPTOR, fields))
    message.content = files[0]  # type: ignore[attr-defined]


def from_json(text: bytes) -> dict[str, Any]:
    """Return the object that the text holds.

    Raises:
        Refusal: It is no JSON object.
    """
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as exc:
        raise Refusal.of(OptionInvalid("The body is not JSON.")) from exc
    if not isinstance(value, dict):
        raise Refusal.of(OptionInvalid("The body is not a JSON object."))
    return value


def fill(message: Message, values: Mapping[str, Any]) -> None:
    """Put the values into the message's fields.

    Raises:
        Refusal: A field is unknown, or its value cannot be.
    """
    rest = dict(values)
    _move_bytes(rest, message, ())
    try:
        json_format.ParseDict(rest, message, max_recursion_depth=_DEEPEST)
    except (json_format.ParseError, ValueError, TypeError, AttributeError, RecursionError) as exc:
        path = ".".join(_FIELD_AT_FAULT.findall(str(exc)))
        if unknown := _UNKNOWN_FIELD.search(str(exc)):
            path = f"{path}.{unknown[1]}".lstrip(".")
            text = f"There is no field {path} in this request; /openapi.json lists what there is."
        elif path:
            text = f"The field {path} cannot have this value; /openapi.json says what it takes."
        else:
            text = "The values do not fit this request; /openapi.json says what it takes."
        raise Refusal.of(OptionInvalid(text, field=path)) from exc


def _move_bytes(values: dict[str, Any], message: Message, path: tuple[str, ...]) -> None:
    """Move base64 from the values into the message; protobuf's reader lets nonsense through."""
    for field in message.DESCRIPTOR.fields:
        for name in {field.json_name, field.name} & values.keys():
            value = values[name]
            if field.type == FieldDescriptor.TYPE_BYTES and isinstance(value, str):
                del values[name]
                setattr(message, field.name, _from_base64(value, ".".join((*path, name))))
            elif isinstance(value, dict) and field.message_type and not field.is_repeated:
                values[name] = dict(value)
                _move_bytes(values[name], getattr(message, field.name), (*path, name))


def _from_base64(text: str, field: str) -> bytes:
    standard = text.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except (binascii.Error, ValueError) as exc:
        message = f"The field {field} is not base64. Encode the file's bytes, without line breaks."
        raise Refusal.of(OptionInvalid(message, field=field)) from exc


def nest(descriptor: Any, values: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return what the values of a form or a query are in JSON.

    Args:
        descriptor: Of the message that they make.
        values: Such as ``("options.languages", "en")``. A repeated field may come more than once; a
            message may also come whole, as JSON.

    Raises:
        Refusal: A field is unknown, or comes twice and may not.
    """
    nested: dict[str, Any] = {}
    for dotted, text in values:
        place, kind = nested, descriptor
        *parents, leaf = dotted.split(".")
        for name in parents:
            field = _field(kind, name, dotted)
            if field.message_type is None or field.is_repeated:
                raise _no_field(dotted)
            place, kind = place.setdefault(field.name, {}), field.message_type
        field = _field(kind, leaf, dotted)
        if field.is_repeated:
            place.setdefault(field.name, []).append(_value(field, text))
        elif field.name in place:
            message = "A field came twice that has one value."
            raise Refusal.of(OptionInvalid(message, field=_shown(dotted)))
        else:
            place[field.name] = _value(field, text)
    return nested


def _value(field: FieldDescriptor, text: str) -> Any:
    if field.type == FieldDescriptor.TYPE_BOOL:
        return {"true": True, "1": True, "false": False, "0": False}.get(text.lower(), text)
    if field.message_type and not field.message_type.full_name.startswith("google.protobuf."):
        return from_json(text.encode())
    return text


def _field(descriptor: Any, name: str, dotted: str) -> FieldDescriptor:
    found: FieldDescriptor
    for found in descriptor.fields:
        if name in (found.name, found.json_name):
            return found
    raise _no_field(dotted)


def _no_field(dotted: str) -> Refusal:
    name = _shown(dotted)
    text = f"There is no field {name} in this request; /openapi.json lists what there is."
    return Refusal.of(OptionInvalid(text, field=name))


def _shown(dotted: str) -> str:
    """A field's name, if it could be one."""
    return dotted if re.fullmatch(r"[\w.]{1,100}", dotted) else "of this name"
