"""The weights in the operator's folder: which there are, what they read, whether they are intact.

A file must have the sum that the folder's ``SHA256SUMS`` gives it, else the MD5 sum that EasyOCR
publishes for it. A file that neither knows is not loaded. That guards against damage and mix-ups:
who can write into the folder can write the sums too, so the folder must be the operator's.
"""

from collections.abc import Iterator, Mapping
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from typing import Any

import yaml

from ocr_service.engines import easyocr_sums as sums
from ocr_service.engines.easyocr_download import download
from ocr_service.engines.easyocr_sums import unusable
from ocr_service.engines.settings import EngineSettings
from ocr_service.errors import OptionInvalid

# Networks and the list of languages that each reads beside English, as `Reader.__init__` of
# EasyOCR 1.7.2 has them; the first that can read all languages asked for is taken.
_NETWORKS: dict[str, str | tuple[str, ...]] = {
    "english_g2": (),
    "latin_g2": "latin_lang_list",
    "cyrillic_g2": "cyrillic_lang_list",
    "arabic_g1": "arabic_lang_list",
    "devanagari_g1": "devanagari_lang_list",
    "bengali_g1": "bengali_lang_list",
    "zh_sim_g2": ("ch_sim",),
    "zh_tra_g1": ("ch_tra",),
    "japanese_g2": ("ja",),
    "korean_g2": ("ko",),
    "thai_g1": ("th",),
    "tamil_g1": ("ta",),
    "telugu_g2": ("te",),
    "kannada_g2": ("kn",),
}


class Weights:
    """What the folder holds, checked once, when a worker first asks for the engine."""

    def __init__(self, settings: EngineSettings) -> None:
        """Look through the folder.

        Args:
            settings: Names the folder, and the operator's own network if there is one.

        Raises:
            ImportError: There is no easyocr.
            EngineNotInstalled: There is no folder, no detector or no network in it, or a file has
                not the sum that it must have.
        """
        self._library = _library()
        if settings.easyocr_models is None or not settings.easyocr_models.is_dir():
            raise unusable("The setting easyocr_models must name a folder that is there.")
        self.folder = settings.easyocr_models
        self._download = settings.easyocr_download
        self._sums = sums.read(self.folder)
        self.detector = self._library.detection_models["craft"]
        if not self._has(self.detector):
            raise unusable(f"The detector {self.detector['filename']} is not in the folder.")
        own = settings.easyocr_network
        self.networks = {own: self._languages_of(own)} if own else dict(self._standard())
        if not self.networks:
            raise unusable("A network, such as english_g2.pth, is not in the folder.")

    @property
    def languages(self) -> frozenset[str]:
        """EasyOCR's codes of what some network here reads."""
        return frozenset().union(*self.networks.values())

    def network(self, codes: frozenset[str]) -> str:
        """Return the name of a network that reads all of these languages.

        Args:
            codes: EasyOCR's codes, each of a language of one network at least.

        Raises:
            OptionInvalid: None reads all of them.
        """
        for name, readable in self.networks.items():
            if codes <= readable:
                return name
        raise OptionInvalid(
            "EasyOCR cannot read these languages together with the weights that are here. Name"
            " languages of one script, or one of them and English.",
            field="options.languages",
        )

    def fetch(self, network: str) -> None:
        """Download what is missing of the detector and a network, if the operator allows it.

        Raises:
            EngineNotInstalled: It cannot be had.
        """
        for model in (self.detector, self._models.get(network)):
            if self._download and model and not (self.folder / model["filename"]).exists():
                download(model, self.folder)

    @property
    def _models(self) -> dict[str, Mapping[str, str]]:
        generations = self._library.recognition_models
        return {**generations["gen1"], **generations["gen2"]}

    def _standard(self) -> Iterator[tuple[str, frozenset[str]]]:
        for name, languages in _NETWORKS.items():
            if self._has(self._models[name]):
                if isinstance(languages, str):
                    languages = getattr(self._library, languages)
                yield name, self._with_characters({"en", *languages})

    def _languages_of(self, network: str) -> frozenset[str]:
        """Languages of the operator's own network, all of whose files must be listed."""
        for ending in ("pth", "py", "yaml"):
            if not self._has({"filename": f"{network}.{ending}"}):
                raise unusable(f"{network}.{ending} is not in the folder.")
        try:
            described = yaml.safe_load((self.folder / f"{network}.yaml").read_text("utf-8"))
            return self._with_characters(set(described["lang_list"]))
        except (yaml.YAMLError, UnicodeDecodeError, LookupError, TypeError) as exc:
            raise unusable(f"{network}.yaml must have a lang_list of EasyOCR's codes.") from exc

    def _with_characters(self, codes: set[str]) -> frozenset[str]:
        """Leave out languages whose characters EasyOCR does not know, though it lists them."""
        characters = Path(self._library.__file__).parent / "character"
        return frozenset(code for code in codes if (characters / f"{code}_char.txt").exists())

    def _has(self, model: Mapping[str, str]) -> bool:
        """Tell whether a file is there, or can be, and check it if it is there."""
        file = self.folder / model["filename"]
        if not file.is_file():
            return self._download and "url" in model
        sums.check(file, self._sums.get(file.name), model.get("md5sum"))
        return True


def _library() -> Any:
    """EasyOCR's table of models, without the library and Torch, which take seconds to load."""
    package = find_spec("easyocr")
    if package is None or package.origin is None:
        raise ImportError("easyocr")
    spec = spec_from_file_location("easyocr_config", Path(package.origin).with_name("config.py"))
    if spec is None or spec.loader is None:
        raise ImportError("easyocr.config")
    table = module_from_spec(spec)
    spec.loader.exec_module(table)
    return table
