"""Lets EasyOCR download its own weights, each whole or not at all."""

import fcntl
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ocr_service.engines.easyocr_sums import digest, unusable


def download(model: Mapping[str, str], folder: Path) -> None:
    """Fetch a file beside its place, check it and move it there; workers take turns.

    Args:
        model: ``filename``, ``url`` and ``md5sum``, from EasyOCR's own table.
        folder: Where it belongs. A file that is there already stays.

    Raises:
        EngineNotInstalled: It cannot be had, or arrives damaged.
    """
    from easyocr.utils import download_and_unzip

    name = model["filename"]
    with _alone(folder), TemporaryDirectory(dir=folder) as fresh:
        if (folder / name).exists():
            return
        try:
            download_and_unzip(model["url"], name, fresh, verbose=False)
        except (OSError, KeyError) as exc:  # KeyError: the archive lacks the file
            raise unusable(f"{name} could not be downloaded. Put it into the folder.") from exc
        file = Path(fresh) / name
        if digest(file, "md5") != model["md5sum"]:
            raise unusable(f"{name} arrived damaged. Try again, or put it into the folder.")
        file.replace(folder / name)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)
