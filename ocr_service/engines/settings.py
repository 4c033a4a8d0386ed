"""What an operator may choose for engines; the same for every worker."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class EngineSettings:
    """See the settings of the same names in `ocr_service.config`."""

    easyocr_models: Path | None = None
    easyocr_download: bool = False
    easyocr_gpu: bool = False
    easyocr_network: str = ""


DEFAULTS = EngineSettings()
