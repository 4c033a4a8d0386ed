"""Arithmetic that checks of identity numbers share."""

from datetime import date


def weighted(digits: str, weights: tuple[int, ...]) -> int:
    """Return the sum of the digits times their weights; the shorter one ends it."""
    return sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=False))


def luhn(number: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    odd = sum(map(int, number[-1::-2]))
    return (odd + sum(sum(divmod(2 * int(digit), 10)) for digit in number[-2::-2])) % 10 == 0


def exists(year: int, month: int, day: int) -> bool:
    """Tell whether there is such a day."""
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


def yymmdd(number: str) -> bool:
    """Tell whether the first six digits are a date in either century."""
    year, month, day = int(number[:2]), int(number[2:4]), int(number[4:6])
    return exists(1900 + year, month, day) or exists(2000 + year, month, day)


def icao(number: str) -> str:
    """Return the check digit of ICAO Doc 9303 part 3, section 4.9."""
    values = (
        0 if char == "<" else int(char) if char.isdigit() else ord(char) - 55 for char in number
    )
    return str(sum(value * (7, 3, 1)[place % 3] for place, value in enumerate(values)) % 10)


def iso_date(number: str) -> bool:
    """Tell whether the first eight digits are a date, year first."""
    return (
        exists(int(number[:4]), int(number[4:6]), int(number[6:8]))
        if number[:4] > "0000"
        else False
    )
