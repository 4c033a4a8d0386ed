"""The OpenAPI document: what it says is what the gateway does."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from ocr_service.gateway.bindings import bindings
from tests.gateway.gateways import Gateway

ROOT = Path(__file__).parents[2]
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "unsupported_method",
    "ignored_auth",
)


def test_the_committed_document_is_what_the_contract_makes(tmp_path: Path) -> None:
    generate = pytest.importorskip("protos.generate")
    assert generate.generate(tmp_path) == generate.OPENAPI.read_text(encoding="utf-8")
    copied = ROOT / "ocr_service" / "pb" / generate.BINDINGS
    assert copied.read_text() == (ROOT / "protos" / generate.BINDINGS).read_text()


def test_every_operation_and_field_is_described(gateway: Gateway) -> None:
    document = gateway.get("/openapi.json", headers={}).json()
    operations = {(path, verb) for path, item in document["paths"].items() for verb in item}
    assert operations == {(binding.path, binding.verb.lower()) for binding in bindings()}
    described = [*document["components"]["schemas"].values()]
    for item in document["paths"].values():
        described += item.values()
    for schema in list(described):
        described += schema.get("properties", {}).values()
    assert all(part["description"] for part in described)
    references = set(find_references(document))
    assert {name.rpartition("/")[2] for name in references} == set(
        document["components"]["schemas"]
    )


def find_references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [ref for child in value.values() for ref in find_references(child)]
    if isinstance(value, list):
        return [ref for child in value for ref in find_references(child)]
    return []


def test_schemathesis_finds_no_fault(gateway: Gateway, tmp_path: Path) -> None:
    """It uses what answers tell it, so it would revoke the very key that it calls with."""
    program = Path(sys.executable).with_name("schemathesis")
    done = subprocess.run(
        [
            *(program, "run", f"{gateway.url}/openapi.json", f"--checks={','.join(CHECKS)}"),
            *("--max-examples=8", "--seed=1", "--phases=examples,coverage,fuzzing", "--no-color"),
            *("--suppress-health-check=all", "-H", f"X-API-Key: {gateway.server.admin_key}"),
            *("--generation-database=none", "--max-failures=5"),
            "--exclude-path-regex=:(rotate|revoke)$",
        ],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]


def test_the_page_for_people_needs_nothing_from_elsewhere(gateway: Gateway) -> None:
    page = gateway.get("/docs", headers={})
    assert "script-src 'self'" in page.headers["Content-Security-Policy"]
    wanted = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert "/docs/reference.js" in wanted
    for address in wanted:
        assert address.startswith("/")
        assert gateway.get(address, headers={}).status_code == 200
    assert "<script>" not in page.text
    assert "style=" not in page.text
