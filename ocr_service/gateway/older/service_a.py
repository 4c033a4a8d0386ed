"""Service A: keys for users, an image or a list of paths, Tesseract or EasyOCR.

Its clients send key and user as headers ``api_key`` and ``user_id``; fields of the form or the JSON
of these names do as well, and so do the headers of the contract. A user that is named must be the
key's. The page is prepared as everywhere, not by A's blur and equalisation, which lose most text.
"""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Response, request

from ocr_service.api_keys import Scope
from ocr_service.errors import ApiKeyInvalid, ApiKeyMissing, OptionInvalid
from ocr_service.gateway import image_root
from ocr_service.gateway.caller import key_of, secret_of
from ocr_service.gateway.front import Front, send
from ocr_service.gateway.older.asked import (
    RPCS,
    Asked,
    answering,
    error,
    reason_of,
    recognize,
    text_only,
)
from ocr_service.gateway.refusal import Refusal
from ocr_service.kept_key import KeptKey
from ocr_service.pb.ocr.v1 import api_key_service_pb2, batch_pb2, recognize_pb2

_KEYS = api_key_service_pb2.DESCRIPTOR.services_by_name["ApiKeyService"].methods_by_name
_ENGINES = {
    "tesseract": recognize_pb2.ENGINE_TESSERACT,
    "easyocr": recognize_pb2.ENGINE_EASYOCR,
}
_MOST_PATHS = 1000
_NO_PATHS = (
    "This server reads no files by their path. Send each as `image` to /ocr_process, or many at "
    "once to /v1/images:batchRecognize; its operator may allow a folder with --image-root."
)


class ServiceA:
    """Its three endpoints."""

    def __init__(self, front: Front) -> None:
        self._front = front
        self._enrolment = KeptKey(
            front.settings,
            "enrolment-key",
            "enrolment",
            frozenset({Scope.ADMIN}),
            "makes keys for /generate_api_key",
        )

    def generate_api_key(self) -> Response:
        """Make a key for a user."""
        asked = Asked.read(self._front, ("api_key",))
        user_id = asked.text("user_id")
        if not user_id:
            return error("User ID required", 400)
        secret = asked.text("api_key") or key_of(request)
        if not secret and self._front.settings.open_enrolment:
            secret = secret_of(self._enrolment)
        _require(secret)
        message = api_key_service_pb2.IssueApiKeyRequest(
            user_id=user_id, description="made by /generate_api_key"
        )
        made = self._front.call(_KEYS["IssueApiKey"], message, secret)
        return send({"api_key": made.secret})

    def ocr_process(self) -> Response:
        """Read one image."""
        asked = Asked.read(self._front, ("api_key", "user_id"))
        secret = self._secret_of(asked)
        content = asked.files.get("image") or _from_base64(asked.text("image"))
        if not content:
            return error("No image provided", 400)
        text = recognize(self._front, content, text_only(_engine(asked)), secret).text
        return send({"recognized_text": text, "text": text})

    def batch_process(self) -> Response:
        """Read files below the folder that the operator allows."""
        asked = Asked.read(self._front, ("api_key", "user_id"))
        secret = self._secret_of(asked)
        paths = asked.fields.get("image_paths")
        if not isinstance(paths, list) or not all(isinstance(path, str) for path in paths):
            return error("No image paths provided", 400)
        if not 1 <= len(paths) <= _MOST_PATHS:
            return error(f"Give image_paths a list of 1 to {_MOST_PATHS} paths.", 400)
        root = self._front.settings.image_root
        if root is None:
            return error(_NO_PATHS, 400)
        return send(self._batch(root, paths, _engine(asked), secret))

    def _batch(self, root: Path, paths: list[str], engine: Any, secret: str) -> dict[str, Any]:
        """Texts in the order of the paths, null for a file that could not be read."""
        texts: list[str | None] = [None] * len(paths)
        errors: dict[int, str] = {}

        def items() -> Iterator[batch_pb2.BatchRecognizeRequest]:
            config = batch_pb2.BatchConfig(options=text_only(engine))
            yield batch_pb2.BatchRecognizeRequest(config=config)
            for number, path in enumerate(paths):
                try:
                    content = image_root.read(root, path, self._front.settings.max_content_bytes)
                except Refusal as refusal:
                    errors[number] = refusal.status.message
                else:
                    item = batch_pb2.BatchItem(item_id=str(number), content=content)
                    yield batch_pb2.BatchRecognizeRequest(item=item)

        with self._front.stream(RPCS["BatchRecognize"], items(), secret) as answers:
            for answer in answers:
                _note(answer, texts, errors)
        results: dict[str, Any] = {"batch_results": texts}
        if errors:
            results["errors"] = [{"index": n, "error": errors[n]} for n in sorted(errors)]
        return results

    def _secret_of(self, asked: Asked) -> str:
        """Return the key that the request carries in A's way, or the one in the usual headers.

        Raises:
            Refusal: There is none, or it is another user's.
        """
        secret = asked.text("api_key") or key_of(request)
        _require(secret)
        user_id = asked.text("user_id")
        if user_id:
            about = api_key_service_pb2.GetCurrentApiKeyRequest()
            key = self._front.call(_KEYS["GetCurrentApiKey"], about, secret).api_key
            if key.user_id != user_id:
                raise Refusal.of(ApiKeyInvalid("This key is another user's."))
        return secret


def _require(secret: str) -> None:
    """A never answered calls without a key, whatever ``anonymous_user`` says."""
    if not secret:
        raise Refusal.of(ApiKeyMissing("API key required"))


def _note(answer: Any, texts: list[str | None], errors: dict[int, str]) -> None:
    if answer.HasField("result"):
        texts[int(answer.result.item_id)] = answer.result.response.text
    elif answer.HasField("error"):
        errors[int(answer.error.item_id)] = answer.error.message
    else:
        for item_id in answer.summary.unprocessed_item_ids:
            errors[int(item_id)] = "The server is shutting down. Send it again."


def _engine(asked: Asked) -> Any:
    name = asked.fields.get("method", "tesseract")
    if name not in _ENGINES:
        text = "Unsupported OCR method. Use tesseract or easyocr."
        raise Refusal.of(OptionInvalid(text, field="method"))
    return _ENGINES[name]


def _from_base64(text: str) -> bytes:
    """The bytes, also of a data URL."""
    try:
        return b64decode(text.rpartition("base64,")[2], validate=True)
    except (NotBase64, ValueError) as exc:
        raise Refusal.of(OptionInvalid("The image is not base64.", field="image")) from exc


def _refused(refusal: Refusal) -> Response:
    """A said 401 to calls without a key and 403 to wrong ones."""
    reason = reason_of(refusal)
    if reason == "API_KEY_MISSING":
        return error("API key required", 401)
    if reason == "API_KEY_INVALID":
        return error("Invalid API key", 403)
    return error(refusal.status.message, refusal.http)


def views(front: Front) -> dict[str, Callable[[], Response]]:
    """Return the endpoints by their paths."""
    a = ServiceA(front)
    return {
        "/generate_api_key": answering(a.generate_api_key, _refused),
        "/ocr_process": answering(a.ocr_process, _refused),
        "/batch_process": answering(a.batch_process, _refused),
    }
