"""Settings from flags, ``OCR_*`` variables and a TOML file.

Flags win over variables, variables over the file, the file over the defaults. A name that is not
known, or a value that cannot be, stops the start with a sentence that says which.
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ocr_service.config import Settings, SettingsError

PREFIX = "OCR_"
CONFIG_VARIABLE = "OCR_CONFIG"
CLIENT_VARIABLES = frozenset({"OCR_SERVER", "OCR_API_KEY", "OCR_API_KEY_FILE"})
"""Variables of the ``ocr`` command, which may stand in the same environment."""


def load(flags: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """Return the settings that flags, environment and file make together.

    Args:
        flags: Field names and values, only those that were given; ``config`` names the file.
        environ: The process's environment; names that begin ``OCR_`` are read, and
            ``OCR_CONFIG`` names the file.

    Raises:
        SettingsError: A name is unknown, a value is wrong, or the file cannot be read.
    """
    values: dict[str, Any] = {}
    config_file = flags.get("config") or environ.get(CONFIG_VARIABLE)
    if config_file is not None:
        try:
            values |= tomllib.loads(Path(config_file).read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
            raise SettingsError(f"The settings file cannot be read: {exc}") from exc
    values |= {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(PREFIX) and name not in {CONFIG_VARIABLE, *CLIENT_VARIABLES}
    }
    values |= {name: value for name, value in flags.items() if name != "config"}
    try:
        return Settings.model_validate(values)
    except ValidationError as exc:
        raise SettingsError("\n".join(_explain(dict(error)) for error in exc.errors())) from exc


def _explain(error: Mapping[str, Any]) -> str:
    name = ".".join(str(part) for part in error["loc"])
    if error["type"] == "extra_forbidden":
        return f"Unknown setting {name}; `ocr-service serve --help` lists all."
    message = str(error["msg"]).removeprefix("Value error, ")
    return f"Setting {name} ({PREFIX}{name.upper()}): {message}" if name else f"Settings: {message}"
