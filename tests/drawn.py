"""Pages drawn at run time, with the exact place of every word."""

import math
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Point = tuple[float, float]
Corners = tuple[Point, Point, Point, Point]
Pixels = npt.NDArray[np.uint8]

SENTENCES = (
    "The harbour lights were bright that evening",
    "Seven travellers waited near the station",
    "Nobody could remember the older password",
    "Every window faced the quiet garden",
    "Please return the borrowed umbrella tomorrow",
    "Fresh bread arrives before breakfast",
    "Winter brought heavy snow and silence",
    "Their children learned three languages",
)


@dataclass(frozen=True)
class Drawn:
    """A page and the corners of its words, in reading order of the text."""

    image: Image.Image
    words: tuple[tuple[str, Corners], ...]

    @property
    def pixels(self) -> Pixels:
        return np.asarray(self.image)

    @property
    def text(self) -> list[str]:
        return [word for word, _ in self.words]

    def inverted(self) -> "Drawn":
        return Drawn(Image.eval(self.image, lambda level: 255 - level), self.words)

    def scaled(self, factor: float) -> "Drawn":
        size = (round(self.image.width * factor), round(self.image.height * factor))
        x, y = size[0] / self.image.width, size[1] / self.image.height
        image = self.image.resize(size, Image.Resampling.LANCZOS)
        return Drawn(
            image, tuple((w, _map(c, lambda p: (p[0] * x, p[1] * y))) for w, c in self.words)
        )

    def turned(self, clockwise: int) -> "Drawn":
        """Rotate by any angle on a canvas that holds all of it."""
        image = self.image.rotate(-clockwise, Image.Resampling.BICUBIC, expand=True, fillcolor=255)
        turn = math.radians(clockwise)

        def place(point: Point) -> Point:
            x, y = point[0] - self.image.width / 2, point[1] - self.image.height / 2
            return (
                x * math.cos(turn) - y * math.sin(turn) + image.width / 2,
                x * math.sin(turn) + y * math.cos(turn) + image.height / 2,
            )

        return Drawn(image, tuple((word, _map(corners, place)) for word, corners in self.words))


def page(
    lines: tuple[str, ...] = SENTENCES, size: int = 32, margin: int = 60, pitch: float = 1.8
) -> Drawn:
    """Draw lines of text, dark on light, with tight boxes around the ink of each word."""
    font = ImageFont.load_default(size)
    width = round(max(font.getlength(line) for line in lines)) + 2 * margin
    height = round(len(lines) * size * pitch) + 2 * margin
    image = Image.new("L", (width, height), 255)
    draw = ImageDraw.Draw(image)
    words: list[tuple[str, Corners]] = []
    for number, line in enumerate(lines):
        y = round(margin + number * size * pitch)
        x = float(margin)
        for word in line.split():
            left, top, right, bottom = _write(draw, (round(x), y), word, font)
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            words.append((word, corners))
            x += font.getlength(_plain(word) + " ")
    return Drawn(image, tuple(words))


def length(text: str, size: int) -> float:
    """Pixels from the beginning of a text of `page` to its end."""
    return ImageFont.load_default(size).getlength(_plain(text))


def _write(
    draw: ImageDraw.ImageDraw,
    at: tuple[int, int],
    word: str,
    font: ImageFont.FreeTypeFont | ImageFont.ImageFont,
) -> tuple[float, float, float, float]:
    """Draw a word and return its box; the font lacks ö, ü, İ and ı, so dots are drawn or erased."""  # noqa: RUF002
    plain = _plain(word)
    draw.text(at, plain, fill=0, font=font)
    for number, letter in enumerate(word):
        if letter not in "öüİı":
            continue
        left, top, right, bottom = draw.textbbox(at, plain[number], font=font)
        left, right = (edge + font.getlength(plain[:number]) for edge in (left, right))
        if letter == "ı":  # noqa: RUF001
            high = draw.textbbox(at, "x", font=font)[1]
            draw.rectangle((left, top, right, high - 1), fill=255)
            continue
        size, third = (bottom - top) / 5, (right - left) / 3
        if letter == "İ":
            size = third = (bottom - top) / 8
            left = right = (left + right) / 2 - 0.8 * third
            right += 1.6 * third
        for middle in (left + 0.8 * third, right - 0.8 * third):
            dot = (middle - size / 2, top - 2 * size, middle + size / 2, top - size)
            draw.ellipse(dot, fill=0)
    return draw.textbbox(at, plain, font=font)


def _plain(word: str) -> str:
    letters = (unicodedata.normalize("NFD", letter)[0] for letter in word)
    return "".join("i" if letter == "ı" else letter for letter in letters)  # noqa: RUF001


def _map(corners: Corners, place: Callable[[Point], Point]) -> Corners:
    a, b, c, d = (place(corner) for corner in corners)
    return (a, b, c, d)
