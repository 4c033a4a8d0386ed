"""Lengths of time as people write them: 90d, 12h, 30m, 45s."""

import re
from datetime import timedelta

from ocr_service.config import SettingsError

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_LONGEST = timedelta(days=3650)


def parse(text: str) -> timedelta:
    """Return the length.

    >>> parse("90d")
    datetime.timedelta(days=90)

    Raises:
        SettingsError: It is not written so, not positive, or over ten years.
    """
    match = re.fullmatch(r"([0-9]{1,9})([dhms])", text.strip())
    length = timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else timedelta(0)
    if not timedelta(0) < length <= _LONGEST:
        raise SettingsError(f"{text!r} is no length of time: write 90d, 12h, 30m or 45s.")
    return length
