"""Reads the text of one line by a network of the CTC family.

The network looks at a picture of the line 48 pixels high and says for every 8 pixels of its length
which character it sees, or none (connectionist temporal classification). Where in the line it saw a
character is what words are placed by; their edges are then drawn in to the ink.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from ocr_service.engines import dotted_i
from ocr_service.engines.inference import Floats, Network
from ocr_service.engines.text_detection import Pixels, Quad, breadth_and_height, planes
from ocr_service.results import BoundingPoly, Line, Point, Word

_HEIGHT = 48
_STEP = 8  # pixels of the line for each of the network's answers
_BUCKET = 64  # lengths are rounded up to multiples: a length not seen before takes 20 ms more
_LONGEST = 6400  # pixels of a line at most
_UPRIGHT = 1.5  # a line that much higher than broad runs up or down the page
_DOUBTFUL = 0.8  # confidence below which a line is read the other way round, too,
_SPARSE = 1.5  # and mean breadth of its letters, in heights of the line, above which it is
_GAP = 3  # rows without ink inside a letter, as in an i
_LETTERS = slice(_HEIGHT // 8, _HEIGHT - _HEIGHT // 8)
_MIDDLE = slice(_HEIGHT // 3, _HEIGHT - _HEIGHT // 3)

Range = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Seen:
    """A character, how surely it was seen, and at which step of the line."""

    character: str
    confidence: float
    step: int


@dataclass(frozen=True, slots=True)
class LineReader:
    """Reads lines.

    Attributes:
        network: (1, 3, 48, W) in -1 to 1 to (1, W / 8, C), the probabilities of C characters.
        characters: What the classes stand for; the first stands for no character.
        dotless: The language has letters i with and without a dot.
    """

    network: Network
    characters: Sequence[str]
    dotless: bool = False

    def read(self, pixels: Pixels, quad: Quad) -> Line | None:
        """Read the line within four corners, the other way round too if that may be better.

        Args:
            pixels: uint8 (H, W, 3), blue first.
            quad: Where the line stands, see `text_detection.detect`.

        Returns:
            Its words, placed in the picture; None if there is no text.
        """
        breadth, height = breadth_and_height(quad)
        upright = height >= _UPRIGHT * breadth
        if upright:
            quad = np.roll(quad, -1, axis=0)  # read downwards
            breadth, height = height, breadth
        line = self._read(pixels, quad)
        if line is not None and line.confidence >= _DOUBTFUL and not upright:
            letters = sum(len(word.text) for word in line.words)
            if breadth < _SPARSE * height * letters:
                return line
        around = self._read(pixels, np.roll(quad, 2, axis=0))
        return max((line, around), key=_sure_letters)

    def _read(self, pixels: Pixels, quad: Quad) -> Line | None:
        picture = _cut_out(pixels, quad)
        seen = self._decode(self.network(_padded(picture)))
        ink = _ink(picture)
        if self.dotless:
            letters = dotted_i.corrected([(one.character, _pixel(one)) for one in seen], ink)
            seen = [replace(one, character=c) for one, c in zip(seen, letters, strict=True)]
        words = _words(seen)
        if not words:
            return None
        length = picture.shape[1]
        corners = np.array([[0, 0], [length, 0], [length, _HEIGHT], [0, _HEIGHT]], np.float32)
        to_page = np.asarray(cv2.getPerspectiveTransform(corners, quad), np.float64)
        boxes = [_tight(ink, place) for place in _places(words, ink)]
        placed = tuple(
            Word(_text(word), _to_page(box, to_page), _confidence(word))
            for word, box in zip(words, boxes, strict=True)
        )
        left, tops, right, bottoms = zip(*boxes, strict=True)
        around = (left[0], min(tops), right[-1], max(bottoms))
        return Line(placed, _to_page(around, to_page))

    def _decode(self, probabilities: Floats) -> list[_Seen]:
        best = probabilities[0].argmax(axis=1)
        confidence = probabilities[0].max(axis=1)
        begins = np.concatenate(([True], best[1:] != best[:-1])) & (best != 0)
        return [
            _Seen(self.characters[best[step]], float(confidence[step]), int(step))
            for step in np.flatnonzero(begins)
        ]


def _sure_letters(line: Line | None) -> float:
    """How many letters were read, each counted by its confidence."""
    return sum(len(word.text) * word.confidence for word in line.words) if line else 0.0


def _cut_out(pixels: Pixels, quad: Quad) -> Pixels:
    """The line, level and 48 pixels high."""
    breadth, height = breadth_and_height(quad)
    length = min(_LONGEST, max(_STEP, round(_HEIGHT * breadth / height)))
    size = (length, _HEIGHT)
    if height > 2 * _HEIGHT:  # shrinking that much needs the mean of many pixels
        size = (max(1, round(breadth)), round(height))
    edges = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    # OpenCV counts from the middle of the first pixel, corners are counted from its edge.
    forward = cv2.getPerspectiveTransform(quad - np.float32(0.5), edges - np.float32(0.5))
    picture = cv2.warpPerspective(
        pixels, forward, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    if size[1] != _HEIGHT:
        picture = cv2.resize(picture, (length, _HEIGHT), interpolation=cv2.INTER_AREA)
    return np.asarray(picture, np.uint8)


def _padded(picture: Pixels) -> Floats:
    """The network's batch of one: the line, and grey after its end."""
    length = -(-picture.shape[1] // _BUCKET) * _BUCKET
    batch = np.zeros((1, 3, _HEIGHT, length), np.float32)
    batch[0, :, :, : picture.shape[1]] = planes(picture)
    return batch


def _words(seen: Sequence[_Seen]) -> list[list[_Seen]]:
    """The characters parted at spaces."""
    words: list[list[_Seen]] = [[]]
    for one in seen:
        if one.character.isspace():
            words.append([])
        else:
            words[-1].append(one)
    return [word for word in words if word]


def _text(word: Sequence[_Seen]) -> str:
    return "".join(one.character for one in word)


def _confidence(word: Sequence[_Seen]) -> float:
    return min(1.0, sum(one.confidence for one in word) / len(word))


def _places(words: Sequence[Sequence[_Seen]], ink: npt.NDArray[np.bool_]) -> list[Range]:
    """From where to where each word may reach, in pixels: to the middle of the widest gap."""
    blank = np.asarray(~ink[_LETTERS].any(axis=0))
    ends = [(_pixel(word[0]), _pixel(word[-1])) for word in words]
    borders = [_gap(blank, this[1], following[0]) for this, following in pairwise(ends)]
    return list(pairwise([0, *borders, ink.shape[1]]))


def _gap(blank: npt.NDArray[np.bool_], start: int, end: int) -> int:
    """The middle of the longest run of blank columns within a range, or of the range."""
    places = start + np.flatnonzero(blank[start:end])
    if not len(places):
        return (start + end) // 2
    runs = np.split(places, np.flatnonzero(np.diff(places) > 1) + 1)
    longest = max(runs, key=len)
    return int(longest[0] + longest[-1] + 1) // 2


def _pixel(seen: _Seen) -> int:
    return seen.step * _STEP + _STEP // 2


def _ink(picture: Pixels) -> npt.NDArray[np.bool_]:
    """Where the line is of the rarer of its two shades."""
    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    _, light = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
    mask = light > 0
    return np.asarray(mask if mask.mean() < 0.5 else ~mask)


def _tight(ink: npt.NDArray[np.bool_], place: Range) -> tuple[float, float, float, float]:
    """Left, top, right, bottom of the ink in that part of the line."""
    start, end = min(place[0], ink.shape[1] - 1), max(place[1], place[0] + 1)
    part = ink[:, start:end]
    if not part[_MIDDLE].any():
        return (start, 0, end, _HEIGHT)
    top, bottom = _connected(np.flatnonzero(part.any(axis=1)))
    columns = np.flatnonzero(part[top : bottom + 1].any(axis=0))
    return (start + columns[0], top, start + columns[-1] + 1, bottom + 1)


def _connected(rows: npt.NDArray[np.intp]) -> Range:
    """The run of rows through the line's middle, over small gaps."""
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > _GAP) + 1)
    middle = next(run for run in runs if run[-1] >= _MIDDLE.start)
    return int(middle[0]), int(middle[-1])


def _to_page(
    box: tuple[float, float, float, float], matrix: npt.NDArray[np.float64]
) -> BoundingPoly:
    left, top, right, bottom = box
    corners = ((left, top), (right, top), (right, bottom), (left, bottom))
    a, b, c, d = (_apply(matrix, corner) for corner in corners)
    return BoundingPoly((a, b, c, d))


def _apply(matrix: npt.NDArray[np.float64], point: Point) -> Point:
    x, y, w = matrix @ (point[0], point[1], 1.0)
    return (float(x / w), float(y / w))
