"""Inputs to begin with: one of each kind, written by rules and not kept."""

from pathlib import Path

from ocr_service.pb.ocr.v1 import batch_pb2
from ocr_service.pb.ocr.v1.batch_pb2 import BatchRecognizeRequest
from tests.data.samples import SAMPLES
from tests.fuzz.targets import MEDIA_TYPES, PATHS

TEXTS = (
    "Card 4111 1111 1111 1111, valid 12/29, call +1 (212) 555-0100 or mail ann@example.com",
    "ann@example.com:hunter2\nbob@mail.example.org;pa:ss\nhttps://www.example.co.uk/a?b=c#d",
    "TC kimlik 10000000146 plaka 34 ABC 123 tarih 3 Mart 2024, IBAN TR33 0006 1005 1978 6457",
    "d41d8cd98f00b204e9800998ecf8427e 2024-02-30 31.12.1999 l2/O3/2O24 4lll-llll-llll-llll",
    "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\nL898902C36UTO7408122F1204159ZE184226B<<<<<10",
)
BODIES = (
    b"",
    b"options.languages=en&options.detail=DETAIL_LEVEL_TEXT\0{}",
    b'\0{"content": "iVBORw0KGgo=", "options": {"pages": [1, 2], "entities": {"types": ["DATE"]}}}',
    b'\0{"text": "mail ann@example.com", "options": {"minConfidence": 0.5}}',
    b'\0{"item": {"itemId": "a", "content": "QQ=="}}\n{"cancel": {"itemId": "a"}}\n',
    b'\0{"user_id": "ann", "image": "data:image/png;base64,QQ==", "image_paths": ["a.png"]}',
    (
        b'\0--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\nQ\r\n'
        b'--x\r\nContent-Disposition: form-data; name="options.dpi"\r\n\r\n300\r\n--x--\r\n'
    ),
)


def write(target: str, folder: Path, files: Path | None) -> None:
    """Write a target's first inputs into a folder.

    Args:
        target: Its name.
        folder: Made if missing.
        files: A folder of images and documents for the target that decodes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    inputs: list[bytes] = []
    if target == "decode":
        inputs = list(SAMPLES.values())
        if files is not None:
            inputs += [path.read_bytes() for path in sorted(files.iterdir()) if path.is_file()]
    elif target == "find_entities":
        inputs = [bytes([number]) + text.encode() for number, text in enumerate(TEXTS)]
    elif target == "batch":
        inputs = [_batch(ordering) for ordering in (0, 1, 2)]
    elif target == "gateway":
        inputs = [
            bytes([place, kind]) + body
            for place in range(len(PATHS))
            for kind, body in zip((0, 0, 0, 4, 0, 1), BODIES[1:], strict=True)
        ]
        inputs += [bytes([0, kind]) for kind in range(len(MEDIA_TYPES))]
    for number, content in enumerate(inputs):
        (folder / f"seed-{number:03}").write_bytes(content)


def _batch(ordering: int) -> bytes:
    config = batch_pb2.BatchConfig(ordering=ordering)  # type: ignore[arg-type]
    config.item_timeout.FromSeconds(5)
    messages = [
        BatchRecognizeRequest(config=config),
        *(
            BatchRecognizeRequest(item=batch_pb2.BatchItem(item_id=name, content=content))
            for name, content in (("a", b"\x04"), ("b", b"\x01" * 9), ("c", b"\x03"), ("a", b""))
        ),
        BatchRecognizeRequest(cancel=batch_pb2.CancelItem(item_id="b")),
        BatchRecognizeRequest(item=batch_pb2.BatchItem(item_id="d", mime_type="drain")),
    ]
    encoded = [message.SerializeToString() for message in messages]
    return b"".join(bytes([len(message)]) + message for message in encoded)
