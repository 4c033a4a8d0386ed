"""The older services' clients: their requests as they are, each status and body."""

import json
import os
import subprocess
import sys
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from tests.data import make
from tests.gateway.gateways import Gateway

TOTAL = make.encode(make.text_image(["Total 12.50"]), "PNG")
CARD = make.encode(make.text_image(["Card 4111 1111 1111 1111"]), "PNG")
BLANK = make.encode(Image.new("L", (300, 200), 255), "PNG")
NO_IMAGE = b"just some words"
SNIPPET_B = """
import requests

with open('document.jpg', 'rb') as f:
    response = requests.post('http://localhost:9800/ocr', files={'image': f})
result = response.json()
print(result['text'])
"""


@pytest.fixture(scope="module")
def a_key(older: Gateway) -> str:
    made = older.post("/generate_api_key", headers={}, json={"user_id": "ann"})
    key: str = made.json()["api_key"]
    return key


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "document.jpg").write_bytes(TOTAL)  # a name tells nothing
    (tmp_path / "card.png").write_bytes(CARD)
    (tmp_path / "blank.png").write_bytes(BLANK)
    (tmp_path / "text.png").write_bytes(NO_IMAGE)
    return tmp_path


def test_the_snippet_of_b_runs_as_it_is(older: Gateway, files: Path) -> None:
    program = SNIPPET_B.replace("localhost:9800", f"localhost:{older.ports[0]}")
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=files, capture_output=True, text=True, check=False
    )
    assert done.stdout == "Total 12.50\n", done.stderr


def curl(gateway: Gateway, folder: Path, path: str, *words: str) -> tuple[int, Any]:
    """Return status and body."""
    command = ["curl", "-sS", "-w", "\n%{http_code}", "-X", "POST", *words, gateway.url + path]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    body, _, status = done.stdout.rpartition("\n")
    return int(status), json.loads(body) if body else None


TOTAL_A = {"recognized_text": "Total 12.50", "text": "Total 12.50"}
NOT_READ = "The file is of no known format. Send one of "
CURL: dict[str, tuple[str, tuple[str, ...], int, Any]] = {
    "b": ("/ocr", ("-F", "image=@document.jpg"), 200, {"text": "Total 12.50"}),
    "b no image": ("/ocr", (), 400, "No image provided"),
    "b another field": ("/ocr", ("-F", "file=@document.jpg"), 400, "No image provided"),
    "b empty image": ("/ocr", ("-F", "image=@/dev/null;filename=x.png"), 400, "No image provided"),
    "b no picture": ("/ocr", ("-F", "image=@text.png"), 500, NOT_READ),
    "c form": (
        "/extract",
        ("-F", "image=@document.jpg"),
        200,
        {"text": "Total 12.50", "entities": []},
    ),
    "c body": (
        "/",
        ("--data-binary", "@card.png"),
        200,
        ["CREDIT_CARD_NUMBER", "4111111111111111"],
    ),
    "c nothing": ("/", ("--data-binary", "@blank.png"), 204, None),
    "c nothing in a form": ("/extract", ("-F", "file=@blank.png"), 204, None),
    "c no image": ("/extract", (), 400, "No image provided"),
    "c no picture": ("/", ("-F", "image=@text.png"), 400, NOT_READ),
    "a no user": ("/generate_api_key", ("--json", "{}"), 400, "User ID required"),
    "a no key": ("/ocr_process", ("-F", "image=@document.jpg"), 401, "API key required"),
    "a wrong key": (
        "/ocr_process",
        ("-F", "image=@document.jpg", "-H", "api_key: nope"),
        403,
        "Invalid API key",
    ),
    "a": ("/ocr_process", ("-F", "image=@document.jpg", "-H", "api_key: KEY"), 200, TOTAL_A),
    "a with its user": (
        "/ocr_process",
        ("-F", "image=@document.jpg", "-H", "api_key: KEY", "-H", "user_id: ann"),
        200,
        TOTAL_A,
    ),
    "a with another user": (
        "/ocr_process",
        ("-F", "image=@document.jpg", "-H", "api_key: KEY", "-H", "user_id: bob"),
        403,
        "Invalid API key",
    ),
    "a with fields": (
        "/ocr_process",
        (
            *("-F", "image=@document.jpg", "-F", "api_key=KEY"),
            *("-F", "user_id=ann", "-F", "method=tesseract"),
        ),
        200,
        TOTAL_A,
    ),
    "a by easyocr, which is not there": (
        "/ocr_process",
        ("-F", "image=@document.jpg", "-F", "method=easyocr", "-H", "api_key: KEY"),
        400,
        "",  # says how to install it
    ),
    "a by no method": (
        "/ocr_process",
        ("-F", "image=@document.jpg", "-F", "method=magic", "-H", "api_key: KEY"),
        400,
        "Unsupported OCR method.",
    ),
    "a no image": ("/ocr_process", ("-H", "api_key: KEY"), 400, "No image provided"),
    "a no picture": (
        "/ocr_process",
        ("-F", "image=@text.png", "-H", "api_key: KEY"),
        400,
        NOT_READ,
    ),
    "a no paths": (
        "/batch_process",
        ("--json", "{}", "-H", "api_key: KEY"),
        400,
        "No image paths provided",
    ),
    "a paths without a key": (
        "/batch_process",
        ("--json", '{"image_paths": ["x"]}'),
        401,
        "API key required",
    ),
}


@pytest.mark.parametrize(("path", "words", "status", "expected"), CURL.values(), ids=list(CURL))
def test_by_curl(
    older: Gateway,
    files: Path,
    a_key: str,
    path: str,
    words: tuple[str, ...],
    status: int,
    expected: Any,
) -> None:
    found, body = curl(older, files, path, *(word.replace("KEY", a_key) for word in words))
    assert found == status, body
    if isinstance(expected, str):
        assert list(body) == ["error"]
        assert body["error"].startswith(expected)
    elif isinstance(expected, list):
        (entity,) = body["entities"]
        assert [entity["type"], entity["value"]] == expected
    else:
        assert body == expected


@pytest.mark.parametrize("prefix", ["", "data:image/png;base64,"])
def test_a_takes_base64(older: Gateway, a_key: str, prefix: str) -> None:
    body = {"image": prefix + b64encode(TOTAL).decode(), "api_key": a_key, "user_id": "ann"}
    assert older.post("/ocr_process", headers={}, json=body).json() == TOTAL_A
    wrong = older.post("/ocr_process", headers={}, json=body | {"image": "?"})
    assert (wrong.status_code, wrong.json()) == (400, {"error": "The image is not base64."})


def test_a_reads_files_below_the_folder(older: Gateway, a_key: str, image_root: Path) -> None:
    (image_root / "in").mkdir()
    (image_root / "in" / "total.png").write_bytes(TOTAL)
    (image_root / "words.png").write_bytes(NO_IMAGE)
    paths = ["in/total.png", str(image_root / "in" / "total.png"), "words.png", "none.png"]
    answer = older.post(
        "/batch_process", headers={"api_key": a_key, "user_id": "ann"}, json={"image_paths": paths}
    ).json()
    assert answer["batch_results"] == ["Total 12.50", "Total 12.50", None, None]
    assert [error["index"] for error in answer["errors"]] == [2, 3]


def test_nothing_is_open_unless_the_operator_says_so(gateway: Gateway, tmp_path: Path) -> None:
    image = {"image": TOTAL}
    for path in ("/ocr", "/extract", "/"):
        assert gateway.post(path, headers={}, files=image).status_code == 401
    enrol = gateway.post("/generate_api_key", headers={}, json={"user_id": "eve"})
    assert (enrol.status_code, enrol.json()) == (401, {"error": "API key required"})
    mortal = gateway.post("/generate_api_key", json={"user_id": "eve"})
    assert mortal.status_code == 403
    admin = {"X-API-Key": gateway.server.admin_key}
    made = gateway.post("/generate_api_key", headers=admin, json={"user_id": "bob"})
    assert made.json()["api_key"].startswith("ocr_")
    paths = gateway.post("/batch_process", json={"image_paths": ["/etc/passwd"]})
    assert paths.status_code == 400
    assert "/ocr_process" in paths.json()["error"]


NOT_ANONYMOUS = {
    "a proxy": {"X-Forwarded-For": "10.0.0.1"},
    "another site": {"Origin": "http://evil.example"},
    "a name that was bent": {"Host": "evil.example"},
}


@pytest.mark.parametrize("headers", NOT_ANONYMOUS.values(), ids=NOT_ANONYMOUS)
def test_only_this_machine_is_anonymous(older: Gateway, headers: dict[str, str]) -> None:
    assert older.post("/ocr", headers=headers, files={"image": TOTAL}).status_code == 401


def test_a_wrong_key_is_not_anonymous(older: Gateway) -> None:
    wrong = older.post("/ocr", headers={"X-API-Key": "nope"}, files={"image": TOTAL})
    assert wrong.status_code == 401


def test_the_kept_keys_are_for_their_owner_only(older: Gateway) -> None:
    older.post("/ocr", headers={}, files={"image": TOTAL})
    for name in ("anonymous-key", "enrolment-key"):
        mode = os.stat(older.server.data_dir / name).st_mode  # noqa: PTH116
        assert mode & 0o077 == 0
