"""Weights of EasyOCR: which are taken, which refused, which languages they read together."""

import hashlib
import os
import shutil
import sys
import zipfile
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

from ocr_service import engines
from ocr_service.engines import easyocr_download, easyocr_languages
from ocr_service.engines.easyocr_weights import Weights
from ocr_service.engines.settings import EngineSettings
from ocr_service.errors import EngineNotInstalled, OptionInvalid

pytestmark = [
    pytest.mark.skipif(find_spec("easyocr") is None, reason="no EasyOCR here; see make easyocr"),
    pytest.mark.timeout(900),  # the first test waits for the weights
    pytest.mark.filterwarnings("ignore:torch.ao.quantization is deprecated"),
]

NETWORK = "drawn"


def copied(models: Path, folder: Path) -> Path:
    """A folder whose files may be changed."""
    shutil.copytree(models, folder, copy_function=os.link)
    return folder


def write_anew(file: Path, content: bytes) -> None:
    file.unlink()  # or the file that it is linked to would change
    file.write_bytes(content)


def unlist(folder: Path, name: str) -> None:
    rows = (folder / "SHA256SUMS").read_text().splitlines(keepends=True)
    kept = "".join(row for row in rows if not row.endswith(f" {name}\n"))
    write_anew(folder / "SHA256SUMS", kept.encode())


FAULTS = {
    "no detector": (lambda at: (at / "craft_mlt_25k.pth").unlink(), "detector craft_mlt_25k.pth"),
    "damaged": (lambda at: write_anew(at / "drawn.pth", b"x"), "drawn.pth is damaged"),
    "other code": (lambda at: write_anew(at / "drawn.py", b"x"), "drawn.py is damaged"),
    "not listed": (lambda at: unlist(at, "drawn.py"), "List drawn.py in SHA256SUMS"),
    "not published": (lambda at: unlist(at, "craft_mlt_25k.pth"), "craft_mlt_25k.pth is damaged"),
    "no description": (lambda at: (at / "drawn.yaml").unlink(), "drawn.yaml is not in"),
    "no folder": (lambda at: shutil.rmtree(at), "easyocr_models"),
}


@pytest.mark.parametrize(("spoil", "sentence"), FAULTS.values(), ids=FAULTS)
def test_weights_that_cannot_be_trusted_are_refused(
    easyocr_weights: Path, tmp_path: Path, spoil: Callable[[Path], object], sentence: str
) -> None:
    folder = copied(easyocr_weights, tmp_path / "models")
    spoil(folder)
    with pytest.raises(EngineNotInstalled, match=sentence) as caught:
        engines.load("easyocr", EngineSettings(folder, easyocr_network=NETWORK))
    assert str(tmp_path) not in caught.value.message


def test_a_description_without_languages_is_refused(easyocr_weights: Path, tmp_path: Path) -> None:
    folder = copied(easyocr_weights, tmp_path / "models")
    description = b"character_list: abc\n"
    write_anew(folder / "drawn.yaml", description)
    rows = [f"{hashlib.sha256(description).hexdigest()}  drawn.yaml\n"]
    unlist(folder, "drawn.yaml")
    write_anew(folder / "SHA256SUMS", (folder / "SHA256SUMS").read_bytes() + rows[0].encode())
    with pytest.raises(EngineNotInstalled, match="lang_list"):
        engines.load("easyocr", EngineSettings(folder, easyocr_network=NETWORK))


def test_a_pickle_that_would_run_code_is_refused(easyocr_weights: Path, tmp_path: Path) -> None:
    folder = copied(easyocr_weights, tmp_path / "models")
    trace = tmp_path / "trace"
    evil = f"cos\nmkdir\n(V{trace}\ntR.".encode()
    write_anew(folder / "drawn.pth", evil)
    unlist(folder, "drawn.pth")
    row = f"{hashlib.sha256(evil).hexdigest()}  drawn.pth\n".encode()
    write_anew(folder / "SHA256SUMS", (folder / "SHA256SUMS").read_bytes() + row)
    engine = engines.load("easyocr", EngineSettings(folder, easyocr_network=NETWORK))
    with pytest.raises(EngineNotInstalled, match="drawn"):
        engine.warm_up(("en",))
    assert not trace.exists()


@pytest.mark.parametrize(
    ("tags", "network"),
    [
        (("en",), "english_g2"),
        (("en", "tr"), "latin_g2"),
        (("de", "fr", "nb"), "latin_g2"),
        (("ru", "en"), "cyrillic_g2"),
        (("sr",), "cyrillic_g2"),
        (("zh-Hans", "en"), "zh_sim_g2"),
        (("zh-TW",), "zh_tra_g1"),
        (("fil",), "latin_g2"),
    ],
)
def test_the_network_for_languages(tags: tuple[str, ...], network: str, tmp_path: Path) -> None:
    weights = Weights(EngineSettings(tmp_path, easyocr_download=True))
    assert weights.network(easyocr_languages.codes(tags, weights.languages)) == network


@pytest.mark.parametrize("tags", [("ru", "de"), ("zh-Hans", "zh-Hant"), ("ja", "ko", "en")])
def test_languages_that_no_network_reads_together(tags: tuple[str, ...], tmp_path: Path) -> None:
    engine = engines.load("easyocr", EngineSettings(tmp_path, easyocr_download=True))
    with pytest.raises(OptionInvalid, match="together"):
        engine.warm_up(tags)


def test_networks_are_those_that_the_library_takes(tmp_path: Path) -> None:
    import easyocr

    weights = Weights(EngineSettings(tmp_path, easyocr_download=True))
    for code in weights.languages:
        theirs = easyocr.Reader(
            [code],
            model_storage_directory=str(tmp_path),
            user_network_directory=str(tmp_path),
            detector=False,
            recognizer=False,
            verbose=False,
        )
        sys.path.remove(str(tmp_path))
        ours = weights._models[weights.network(frozenset({code}))]
        assert (theirs.character, theirs.model_lang) == (ours["characters"], ours["model_script"])


def test_a_download_is_whole_or_not_at_all(easyocr_weights: Path, tmp_path: Path) -> None:
    folder, archive = tmp_path / "models", tmp_path / "archive.zip"
    folder.mkdir()
    content = (easyocr_weights / "drawn.yaml").read_bytes()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("drawn.yaml", content)
    good = hashlib.md5(content, usedforsecurity=False).hexdigest()
    model = {"filename": "drawn.yaml", "url": archive.as_uri(), "md5sum": "0" * 32}
    for changed, sentence in (
        ({}, "arrived damaged"),
        ({"url": (tmp_path / "nothing").as_uri()}, "could not be downloaded"),
        ({"filename": "other.yaml"}, "could not be downloaded"),
    ):
        with pytest.raises(EngineNotInstalled, match=sentence):
            easyocr_download.download(model | changed, folder)
        assert list(folder.iterdir()) == []
    easyocr_download.download(model | {"md5sum": good}, folder)
    assert [path.read_bytes() for path in folder.iterdir()] == [content]


def test_a_gpu_that_is_not_there_is_said(easyocr_weights: Path) -> None:
    import torch

    if torch.cuda.is_available() or torch.backends.mps.is_available():
        pytest.skip("there is a GPU")
    settings = EngineSettings(easyocr_weights, easyocr_gpu=True, easyocr_network=NETWORK)
    with pytest.raises(EngineNotInstalled, match="easyocr_gpu"):
        engines.load("easyocr", settings).warm_up(("en",))
