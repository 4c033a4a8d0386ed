"""One peer in processes of its own: other ways to read pictures, as their users call them.

    python benchmarks/peers.py PEER WORKERS [MODELS]

Reads lines of JSON from standard input, each a list of files, and answers each with a line: an
`Answer` for each, in the same order. Runs nothing of the service, so neither disturbs the other.
"""

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any, TypedDict

Read = Callable[[str], str]


class Answer(TypedDict, total=False):
    """What is known of a picture, as its scorer wants it.

    Attributes:
        text: What was read.
        entities: What was found in it, each a ``type`` of ours and a ``text``; missing where the
            contender looks for nothing.
    """

    text: str
    entities: list[dict[str, str]]


_read: Callable[[str], str | Answer]


def pytesseract_plain(_models: str) -> Read:
    """The older service B: the picture as it comes."""
    import pytesseract
    from PIL import Image

    return lambda file: str(pytesseract.image_to_string(Image.open(file)))


def pytesseract_chain(_models: str) -> Read:
    """The older service A: grey, blurred, equalised."""
    import cv2
    import pytesseract

    def read(file: str) -> str:
        grey: Any = cv2.imread(file, cv2.IMREAD_GRAYSCALE)
        return str(pytesseract.image_to_string(cv2.equalizeHist(cv2.GaussianBlur(grey, (5, 5), 0))))

    return read


def tesserocr(_models: str) -> Read:
    """The library that we use too, and nothing else: what it can do at most."""
    import tesserocr as library
    from PIL import Image

    listing = subprocess.run(
        ["tesseract", "--list-langs"], capture_output=True, text=True, check=True
    )
    api = library.PyTessBaseAPI(path=listing.stdout.split('"')[1], lang="eng")

    def read(file: str) -> str:
        api.SetImage(Image.open(file))
        return str(api.GetUTF8Text())

    return read


def rapidocr_stock(_models: str, **settings: Any) -> Read:
    """RapidOCR as it comes."""
    import rapidocr

    reader: Any = rapidocr.RapidOCR(**settings)
    return lambda file: "\n".join(reader(file).txts or ())


def rapidocr_960(models: str) -> Read:
    """RapidOCR with the settings that serve a busy machine best."""
    return rapidocr_stock(
        models,
        params={
            "Det.limit_type": "max",
            "Det.limit_side_len": 960,
            "Global.use_cls": False,
            "EngineConfig.onnxruntime.intra_op_num_threads": 1,
        },
    )


def easyocr(models: str) -> Read:
    """EasyOCR as it comes, with the weights in a folder."""
    import easyocr as library

    reader = library.Reader(
        ["en"], gpu=False, model_storage_directory=models, download_enabled=False, verbose=False
    )
    return lambda file: "\n".join(reader.readtext(file, detail=0))


def presidio(_models: str) -> Callable[[str], Answer]:
    """Presidio's image analyzer as it comes, with its rules and no language model."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from PIL import Image
    from presidio_image_redactor import (  # type: ignore[import-not-found]
        ImageAnalyzerEngine,
        TesseractOCR,
    )

    from benchmarks.entities_presidio import analyzer, our_type

    class KeepsText(TesseractOCR):  # type: ignore[misc]
        """The analyzer tells where in the text it found something, but not the text."""

        text = ""

        def get_text_from_ocr_dict(self, ocr_result: Any, separator: str = " ") -> str:
            self.text = str(super().get_text_from_ocr_dict(ocr_result, separator))
            return self.text

    ocr = KeepsText()
    engine = ImageAnalyzerEngine(analyzer_engine=analyzer(), ocr=ocr)

    def read(file: str) -> Answer:
        with Image.open(file) as image:
            found = engine.analyze(image)
        # one for each word, so several for one finding
        spans = {(item.entity_type, item.start, item.end) for item in found}
        entities = [
            {"type": kind, "text": text}
            for name, start, end in sorted(spans)
            if (kind := our_type(name, text := ocr.text[start:end]))
        ]
        return {"text": ocr.text, "entities": entities}

    return read


PEERS: dict[str, Callable[[str], Callable[[str], str | Answer]]] = {
    load.__name__: load
    for load in (
        pytesseract_plain,
        pytesseract_chain,
        tesserocr,
        rapidocr_stock,
        rapidocr_960,
        easyocr,
        presidio,
    )
}


def _load(peer: str, models: str, all_here: Barrier) -> None:
    global _read
    _read = PEERS[peer](models)
    all_here.wait()  # or the first to be ready would take the others' first pictures


def _run(file: str) -> Answer:
    read = _read(file)
    return {"text": read} if isinstance(read, str) else read


def main() -> None:
    """Answer until standard input ends."""
    peer, workers, *models = sys.argv[1:]
    context = multiprocessing.get_context("fork")  # starts all workers at once
    everyone = context.Barrier(int(workers))
    start = (peer, "".join(models), everyone)
    with (
        os.fdopen(os.dup(1), "w") as answers,
        ProcessPoolExecutor(int(workers), context, _load, start) as pool,
    ):
        os.dup2(2, 1)  # libraries print
        for line in sys.stdin:
            print(json.dumps(list(pool.map(_run, json.loads(line)))), file=answers, flush=True)


if __name__ == "__main__":
    main()
