"""The engines of one worker, and which of them may read a page."""

from contextlib import suppress

from ocr_service import engines
from ocr_service.engines import Engine
from ocr_service.engines.languages import best_fit
from ocr_service.engines.settings import DEFAULTS, EngineSettings
from ocr_service.errors import EngineNotInstalled, LanguageNotInstalled

AUTO = "auto"
_PREFERRED = ("rapidocr", "tesseract")
"""What AUTO asks, in this order: the first reads far more of a page in less than twice the time,
but reads fewer languages; see docs/design.md."""


class Roster:
    """Makes each engine when it is first asked for; one job at a time may use it."""

    def __init__(self, settings: EngineSettings = DEFAULTS) -> None:
        self._settings = settings
        self._made: dict[str, Engine] = {}

    def choose(self, name: str, languages: tuple[str, ...]) -> tuple[Engine, ...]:
        """Return the engines that may read a page, in the order in which they are to try.

        Args:
            name: An engine, which is then the only one, or `AUTO`.
            languages: BCP-47 tags.

        Raises:
            EngineNotInstalled: There is none of that name here, or its library or data is missing.
            LanguageNotInstalled: No engine of AUTO reads all the languages.
        """
        if name != AUTO:
            return (self._get(name),)
        here = self.preferred()
        if not here:
            raise EngineNotInstalled(
                f"AUTO needs one of these engines: {', '.join(_PREFERRED)}.", field="options.engine"
            )
        able = tuple(engine for engine in here if _reads(engine, languages))
        if not able:
            known = sorted({tag for engine in here for tag in engine.languages()})
            raise LanguageNotInstalled(
                "No engine of this server reads all the languages that were asked for. "
                f"Installed: {', '.join(known)}.",
                field="options.languages",
            )
        return able

    def installed(self) -> tuple[Engine, ...]:
        """All engines that are here with their data."""
        return self._those(engines.available())

    def preferred(self) -> tuple[Engine, ...]:
        """Those of AUTO that are here with their data, in its order."""
        return self._those(_PREFERRED)

    def _those(self, names: tuple[str, ...]) -> tuple[Engine, ...]:
        found = []
        for name in names:
            with suppress(EngineNotInstalled):
                found.append(self._get(name))
        return tuple(found)

    def _get(self, name: str) -> Engine:
        if name not in self._made:
            self._made[name] = engines.load(name, self._settings)
        return self._made[name]


def _reads(engine: Engine, languages: tuple[str, ...]) -> bool:
    here = engine.languages()
    return all(best_fit(tag, here) for tag in languages)
