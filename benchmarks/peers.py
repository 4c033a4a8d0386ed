"""One peer in processes of its own: other ways to read pictures, as their users call them.

    python benchmarks/peers.py PEER WORKERS [MODELS]

Reads lines of JSON from standard input, each a list of files, and answers each with a line: the
texts, in the same order. Imports nothing of this project, so neither disturbs the other.
"""

import json
import multiprocessing
import os
import subprocess
import sys
from collections.abc import Callable
from multiprocessing.synchronize import Barrier
from typing import Any

Read = Callable[[str], str]
_read: Read


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


PEERS: dict[str, Callable[[str], Read]] = {
    load.__name__: load
    for load in (
        pytesseract_plain,
        pytesseract_chain,
        tesserocr,
        rapidocr_stock,
        rapidocr_960,
        easyocr,
    )
}


def _load(peer: str, models: str, all_here: Barrier) -> None:
    global _read
    _read = PEERS[peer](models)
    all_here.wait()  # or the first to be ready would take the others' first pictures


def _run(file: str) -> str:
    return _read(file)


def main() -> None:
    """Answer until standard input ends."""
    peer, workers, *models = sys.argv[1:]
    with os.fdopen(os.dup(1), "w") as answers:
        os.dup2(2, 1)  # libraries print
        everyone = multiprocessing.Barrier(int(workers))
        start = (peer, "".join(models), everyone)
        with multiprocessing.Pool(int(workers), _load, start) as pool:
            for line in sys.stdin:
                print(json.dumps(pool.map(_run, json.loads(line), 1)), file=answers, flush=True)


if __name__ == "__main__":
    main()
