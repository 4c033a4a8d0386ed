"""EasyOCR's readers, one for each combination of languages, all with one detector."""

import os
import sys
import warnings
from collections import OrderedDict
from pickle import UnpicklingError
from typing import Any

from ocr_service.engines.easyocr_sums import unusable
from ocr_service.engines.easyocr_weights import Weights
from ocr_service.errors import EngineNotInstalled

# It is not the library's own file; it holds more than numbers; they fit no such network.
_UNUSABLE = (FileNotFoundError, UnpicklingError, RuntimeError)
_MOST_LOADED = 4  # combinations of languages kept in memory, about 15 MB each


class Readers:
    """Loads readers when they are first asked for, and keeps those used last."""

    def __init__(self, weights: Weights, *, gpu: bool) -> None:
        """Load nothing yet.

        Args:
            weights: Of the detector and the networks.
            gpu: Run on a GPU; else on one core.
        """
        self._weights = weights
        self._gpu = gpu
        self._detector: Any = None
        self._loaded: OrderedDict[frozenset[str], Any] = OrderedDict()

    def get(self, codes: frozenset[str]) -> Any:
        """Return the reader of languages, given by EasyOCR's codes.

        Raises:
            OptionInvalid: No network reads all of them.
            EngineNotInstalled: Weights cannot be fetched, are not what they should be, or there is
                no GPU.
        """
        if codes in self._loaded:
            self._loaded.move_to_end(codes)
            return self._loaded[codes]
        reader = self._load(self._weights.network(codes), sorted(codes))
        self._loaded[codes] = reader
        if len(self._loaded) > _MOST_LOADED:
            self._loaded.popitem(last=False)
        return reader

    def _load(self, network: str, codes: list[str]) -> Any:
        # Weights are pickles: with this Torch takes numbers from them and executes nothing.
        os.environ["TORCH_FORCE_WEIGHTS_ONLY_LOAD"] = "1"
        # Torch makes a folder when it is imported; a confined worker cannot, but this one is there.
        os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", str(self._weights.folder))
        # The library asks for pinned memory without a GPU, and for what Torch calls deprecated.
        warnings.filterwarnings("ignore", module=r"(easyocr|torch)\.")
        import easyocr
        import torch
        from easyocr import detection

        torch.set_num_threads(1)
        self._weights.fetch(network)
        folder = str(self._weights.folder)
        try:
            reader = easyocr.Reader(
                codes,
                gpu=self._gpu,
                model_storage_directory=folder,
                user_network_directory=folder,
                recog_network=network,
                download_enabled=False,
                detector=False,
                verbose=False,
            )
            # One detector serves all readers, and it may be the operator's own.
            if self._detector is None:
                file = str(self._weights.folder / self._weights.detector["filename"])
                self._detector = detection.get_detector(file, device=reader.device)
        except _UNUSABLE as exc:
            raise unusable(
                f"Those of the detector or of {network} cannot be loaded. Get them as EasyOCR"
                " publishes them; name a network of your own by the setting easyocr_network, and"
                " save it as a state_dict."
            ) from exc
        finally:
            sys.path.remove(folder)  # where the library looks for the code of networks
        if self._gpu and reader.device == "cpu":
            raise EngineNotInstalled(
                "EasyOCR finds no GPU on this server. Leave out the setting easyocr_gpu.",
                field="options.engine",
            )
        reader.detector, reader.get_textbox = self._detector, detection.get_textbox
        return reader
