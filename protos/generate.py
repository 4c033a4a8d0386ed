"""Write the Python stubs of the contract and its OpenAPI document: ``python -m protos.generate``.

grpcio-tools compiles, mypy-protobuf types. The descriptors keep the true file names
(``ocr/v1/*.proto``), so the generated imports say ``ocr.v1``; the stubs live below
``ocr_service.pb``, and one rule moves the imports there instead of changing ``sys.path``.
"""

import json
import re
import shutil
import sys
from importlib.resources import files
from pathlib import Path

import yaml
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from grpc_tools import protoc

from protos import openapi

PROTOS = Path(__file__).parent
TARGET = PROTOS.parent / "ocr_service" / "pb"
OPENAPI = PROTOS.parent / "ocr_service" / "gateway" / "openapi.json"
BINDINGS = "ocr/v1/gateway.yaml"
_PLUGINS = ("mypy", "mypy_grpc")
_IMPORT = re.compile(r"^from ocr\.v1 import", re.MULTILINE)


def generate(target: Path) -> str:
    """Compile every proto file into ``target``, and put the HTTP bindings beside the stubs.

    Returns:
        The OpenAPI document.

    Raises:
        RuntimeError: The compiler refused a file; it has printed why.
    """
    target.mkdir(parents=True, exist_ok=True)
    sources = sorted(str(path) for path in PROTOS.glob("ocr/v1/*.proto"))
    well_known = files("grpc_tools") / "_proto"
    outputs = [f"--{kind}_out={target}" for kind in ("python", "grpc_python", *_PLUGINS)]
    described = target / "descriptors"
    outputs += [f"--descriptor_set_out={described}", "--include_imports", "--include_source_info"]
    beside = Path(sys.executable).parent  # plug-ins are found without the environment activated
    plugins = [f"--plugin=protoc-gen-{name}={beside / f'protoc-gen-{name}'}" for name in _PLUGINS]
    includes = [f"-I{PROTOS}", f"-I{well_known}"]
    if protoc.main(["protoc", *includes, *plugins, *outputs, *sources]) != 0:
        raise RuntimeError("protoc failed")
    for path in target.rglob("*_pb2*.py*"):
        path.write_text(_IMPORT.sub("from ocr_service.pb.ocr.v1 import", path.read_text()))
    for folder in (target, target / "ocr", target / "ocr" / "v1"):
        (folder / "__init__.py").touch()
    shutil.copy(PROTOS / BINDINGS, target / BINDINGS)
    descriptors = FileDescriptorSet.FromString(described.read_bytes())
    described.unlink()
    rules = yaml.safe_load((PROTOS / BINDINGS).read_text(encoding="utf-8"))["http"]["rules"]
    return json.dumps(openapi.document(descriptors, rules), indent=1) + "\n"


if __name__ == "__main__":
    OPENAPI.write_text(generate(TARGET), encoding="utf-8")
