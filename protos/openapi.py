"""The OpenAPI 3.1 document of the contract: https://spec.openapis.org/oas/v3.1.1.

Made from the compiled proto files, whose comments are the descriptions, and from the rules of
gateway.yaml. JSON is protobuf's mapping: https://protobuf.dev/programming-guides/json.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from google.protobuf.descriptor_pb2 import (
    DescriptorProto,
    EnumDescriptorProto,
    FieldDescriptorProto,
    FileDescriptorSet,
    MethodDescriptorProto,
    SourceCodeInfo,
)

_VERBS = ("get", "post", "put", "patch", "delete")
_VARIABLE = re.compile(r"\{(\w+)\}")
_PACKAGE = "ocr.v1"
_INT32 = {"type": "integer", "minimum": -(2**31), "maximum": 2**31 - 1}
_SCALARS: dict[int, dict[str, Any]] = {
    FieldDescriptorProto.TYPE_FLOAT: {"type": "number", "format": "float"},
    FieldDescriptorProto.TYPE_INT64: {"type": "string", "pattern": "^-?[0-9]{1,19}$"},
    FieldDescriptorProto.TYPE_INT32: _INT32,
    FieldDescriptorProto.TYPE_BOOL: {"type": "boolean"},
    FieldDescriptorProto.TYPE_STRING: {"type": "string"},
    FieldDescriptorProto.TYPE_BYTES: {"type": "string", "contentEncoding": "base64"},
}
_WELL_KNOWN: dict[str, dict[str, Any]] = {
    ".google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]{1,12}(\.[0-9]{1,9})?s$"},
    ".google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
}
_ERROR = {
    "type": "object",
    "description": "What went wrong: https://google.aip.dev/193.",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "description": "The error.",
            "required": ["code", "message", "status", "details"],
            "properties": {
                "code": {"type": "integer", "description": "The HTTP status code."},
                "message": {"type": "string", "description": "A sentence that says what to do."},
                "status": {"type": "string", "description": "The google.rpc.Code by its name."},
                "details": {
                    "type": "array",
                    "description": "google.rpc.ErrorInfo with a stable reason; BadRequest with the "
                    "field at fault; RetryInfo where the same request may be sent again.",
                    "items": {
                        "type": "object",
                        "required": ["@type"],
                        "properties": {"@type": {"type": "string"}},
                    },
                },
            },
        }
    },
}
_ABOUT = """\
The contract `ocr.v1` over HTTP. JSON names are lowerCamelCase, `bytes` are base64, 64-bit integers
are strings, enums their names; unknown fields are refused. Where a request has `content`, the file
may also come as a form's file (`multipart/form-data`; other fields by their dotted names,
`options.detail`) or as the body itself (`image/*`, `application/pdf`, `application/octet-stream`;
other fields in the query). A stream is lines of JSON (`application/x-ndjson`); an error after the
first line is the last line. `Grpc-Timeout: 10S` sets a deadline, `X-Request-Id` comes back and
stands in the server's log."""


def document(files: FileDescriptorSet, rules: Iterable[Mapping[str, str]]) -> dict[str, Any]:
    """Return the document.

    Args:
        files: The proto files with their comments (``--include_source_info``).
        rules: Of ``http.rules`` in gateway.yaml.
    """
    return _Writer(files).document(rules)


class _Writer:
    """Writes schemas of what the operations reach."""

    def __init__(self, files: FileDescriptorSet) -> None:
        self._messages: dict[str, DescriptorProto] = {}
        self._enums: dict[str, EnumDescriptorProto] = {}
        self._methods: dict[str, tuple[str, MethodDescriptorProto]] = {}
        self._comments: dict[str, str] = {}
        self._schemas: dict[str, Any] = {"Error": _ERROR}
        for file in files.file:
            if file.package == _PACKAGE:
                self._read(file)

    def _read(self, file: Any) -> None:
        comments = {tuple(where.path): _text(where) for where in file.source_code_info.location}
        for number, message in enumerate(file.message_type):
            self._messages[f".{_PACKAGE}.{message.name}"] = message
            self._comments[message.name] = comments[(4, number)]
            for place, field in enumerate(message.field):
                self._comments[f"{message.name}.{field.name}"] = comments[(4, number, 2, place)]
        for number, enum in enumerate(file.enum_type):
            self._enums[f".{_PACKAGE}.{enum.name}"] = enum
            self._comments[enum.name] = comments[(5, number)]
            for place, value in enumerate(enum.value):
                self._comments[value.name] = comments[(5, number, 2, place)]
        for number, service in enumerate(file.service):
            for place, method in enumerate(service.method):
                name = f"{_PACKAGE}.{service.name}.{method.name}"
                self._methods[name] = (service.name, method)
                self._comments[name] = comments[(6, number, 2, place)]

    def document(self, rules: Iterable[Mapping[str, str]]) -> dict[str, Any]:
        paths: dict[str, Any] = {}
        for rule in rules:
            verb = next(verb for verb in _VERBS if verb in rule)
            operation = self._operation(rule["selector"], rule[verb], has_body="body" in rule)
            paths.setdefault(rule[verb], {})[verb] = operation
        return {
            "openapi": "3.1.0",
            "info": {"title": "OCR service", "version": "v1", "description": _ABOUT},
            "servers": [{"url": "/"}],
            "security": [{"apiKey": []}, {"bearer": []}],
            "paths": paths,
            "components": {
                "schemas": dict(sorted(self._schemas.items())),
                "securitySchemes": {
                    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
                    "bearer": {"type": "http", "scheme": "bearer"},
                },
            },
        }

    def _operation(self, selector: str, path: str, *, has_body: bool) -> dict[str, Any]:
        service, method = self._methods[selector]
        request = self._messages[method.input_type]
        in_path = set(_VARIABLE.findall(path))
        reply = "application/x-ndjson" if method.server_streaming else "application/json"
        parameters = [
            self._parameter(request, field, "path" if field.name in in_path else "query")
            for field in request.field
            if field.name in in_path or not has_body
        ]
        operation = {
            "operationId": method.name,
            "tags": [service],
            "summary": self._comments[selector].partition(". ")[0].rstrip("."),
            "description": self._comments[selector],
            "parameters": parameters,
            "responses": {
                "200": {
                    "description": self._comments[method.output_type.rpartition(".")[2]],
                    "content": {reply: {"schema": self._reference(method.output_type)}},
                },
                "default": {
                    "description": "An error.",
                    "content": {"application/json": {"schema": _to("Error")}},
                },
            },
        }
        if has_body:
            operation["requestBody"] = self._body(method, request, in_path)
        return operation

    def _parameter(
        self, message: DescriptorProto, field: FieldDescriptorProto, where: str
    ) -> dict[str, Any]:
        schema = self._field(field)
        if where == "path":
            schema = schema | {"minLength": 1, "pattern": "^[A-Za-z0-9_-]+$"}
        return {
            "name": field.json_name,
            "in": where,
            "required": where == "path",
            "description": self._comments[f"{message.name}.{field.name}"],
            "schema": schema,
        }

    def _body(
        self, method: MethodDescriptorProto, request: DescriptorProto, in_path: set[str]
    ) -> dict[str, Any]:
        if method.client_streaming:
            lines = {"schema": self._reference(method.input_type)}
            return {"required": True, "content": {"application/x-ndjson": lines} | _form({})}
        schema = (
            self._message(request, without=in_path)
            if in_path
            else self._reference(method.input_type)
        )
        content: dict[str, Any] = {"application/json": {"schema": schema}}
        if any(field.name == "content" for field in request.field):
            rest = [field for field in request.field if field.name != "content"]
            content |= _form({field.json_name: self._field(field) for field in rest})
            content["application/octet-stream"] = {"schema": {}}
        return {"required": True, "content": content}

    def _field(self, field: FieldDescriptorProto) -> dict[str, Any]:
        if field.type in _SCALARS:
            schema = dict(_SCALARS[field.type])
        elif field.type_name in _WELL_KNOWN:
            schema = dict(_WELL_KNOWN[field.type_name])
        else:
            schema = self._reference(field.type_name)
        if field.label == FieldDescriptorProto.LABEL_REPEATED:
            return {"type": "array", "items": schema}
        return schema

    def _reference(self, type_name: str) -> dict[str, Any]:
        name = type_name.rpartition(".")[2]
        if name not in self._schemas:
            self._schemas[name] = {}  # found again while it is being written
            if type_name in self._enums:
                self._schemas[name] = self._enum(self._enums[type_name])
            else:
                self._schemas[name] = self._message(self._messages[type_name])
        return _to(name)

    def _message(
        self, message: DescriptorProto, without: Iterable[str] = frozenset()
    ) -> dict[str, Any]:
        properties = {
            field.json_name: self._field(field)
            | {"description": self._comments[f"{message.name}.{field.name}"]}
            for field in message.field
            if field.name not in set(without)
        }
        return {
            "type": "object",
            "description": self._comments[message.name],
            "properties": properties,
            "additionalProperties": False,
        }

    def _enum(self, enum: EnumDescriptorProto) -> dict[str, Any]:
        values = [f"- `{value.name}`: {self._comments[value.name]}" for value in enum.value]
        return {
            "type": "string",
            "description": "\n".join([self._comments[enum.name], "", *values]),
            "enum": [value.name for value in enum.value],
        }


def _to(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}


def _form(properties: dict[str, Any]) -> dict[str, Any]:
    file = {"type": "string", "contentMediaType": "application/octet-stream"}
    schema = {"type": "object", "required": ["file"], "properties": {"file": file} | properties}
    return {"multipart/form-data": {"schema": schema}}


def _text(where: SourceCodeInfo.Location) -> str:
    return " ".join(where.leading_comments.split())
