"""Finds lines of text in a picture by a network of the DB family.

The network says for every pixel how surely it lies in the shrunken middle of a line of text
(differentiable binarization, https://arxiv.org/abs/1911.08947). What is sure enough is cut into
connected regions; each one's smallest rectangle, grown again, is a line.
"""

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr_service.engines.inference import Floats, Network

Pixels = npt.NDArray[np.uint8]
Quad = npt.NDArray[np.float32]
"""(4, 2): top left, top right, bottom right, bottom left of the line, in pixels."""

# Word F1 on receipts / forms / pages by pixels: .952 / .938 / .980 at 0.5 million, .955 / .942 /
# .993 at 0.7, .957 / .943 / .992 at 1.0, .956 / .943 / .993 at 1.3, in steps of about 5 % of time.
_PIXELS = 1_000_000
_MOST_GROWTH = 1.5  # pages at half size read .971 / .916 with it and .948 / .896 without
_STRIDE = 32  # the network wants sides that are multiples of it
_SURE_PIXEL = 0.3
_SURE_LINE = 0.5
_GROWTH = 1.6  # by which the shrunken middle grows back, as the network was trained
_THINNEST = 3  # pixels of the network's picture
_MOST_LINES = 3000


@dataclass(frozen=True, slots=True)
class _Rectangle:
    center: tuple[float, float]
    size: tuple[float, float]
    angle: float

    def corners(self, growth: float = 0.0) -> Quad:
        width, height = self.size
        grown = (width + 2 * growth, height + 2 * growth)
        return np.asarray(cv2.boxPoints((self.center, grown, self.angle)), np.float32)


def detect(pixels: Pixels, network: Network) -> list[Quad]:
    """Find lines of text.

    Args:
        pixels: uint8 (H, W, 3), blue first.
        network: (1, 3, H, W) in -1 to 1 to (1, 1, H, W) in 0 to 1.

    Returns:
        Lines in no particular order, clipped into the picture.
    """
    height, width = pixels.shape[:2]
    small = _scaled(pixels)
    sure = network(planes(small)[None])[0, 0]
    back = np.array([width / small.shape[1], height / small.shape[0]], np.float32)
    limit = np.array([width, height], np.float32)
    quads = (_ordered(box * back).clip(0, limit) for box in _boxes(sure))
    return [quad for quad in quads if min(breadth_and_height(quad)) > _THINNEST]


def planes(pixels: Pixels) -> Floats:
    """Make of (H, W, 3) in 0 to 255 what PP-OCR's networks take: (3, H, W) in -1 to 1."""
    scaled = pixels.astype(np.float32) * np.float32(1 / 127.5) - np.float32(1)
    return np.ascontiguousarray(scaled.transpose(2, 0, 1))


def breadth_and_height(quad: Quad) -> tuple[float, float]:
    """Lengths of a line along and across its text, in pixels."""
    breadth = max(np.linalg.norm(quad[1] - quad[0]), np.linalg.norm(quad[2] - quad[3]))
    height = max(np.linalg.norm(quad[3] - quad[0]), np.linalg.norm(quad[2] - quad[1]))
    return float(breadth), float(height)


def _scaled(pixels: Pixels) -> Pixels:
    height, width = pixels.shape[:2]
    factor = min(_MOST_GROWTH, math.sqrt(_PIXELS / (width * height)))
    size = tuple(max(_STRIDE, round(side * factor / _STRIDE) * _STRIDE) for side in (width, height))
    how = cv2.INTER_AREA if factor < 0.7 else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(pixels, size, interpolation=how), np.uint8)


def _boxes(sure: Floats) -> list[Quad]:
    """Corners of the grown rectangles, in pixels of the network's picture."""
    mask = cv2.dilate((sure > _SURE_PIXEL).astype(np.uint8), np.ones((2, 2), np.uint8))
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    found = []
    for contour in contours[:_MOST_LINES]:
        (x, y), (width, height), angle = cv2.minAreaRect(contour)
        middle = _Rectangle((x, y), (width, height), angle)
        if min(width, height) < _THINNEST or _mean(sure, middle.corners()) < _SURE_LINE:
            continue
        found.append(middle.corners(_GROWTH * width * height / (2 * (width + height))))
    return found


def _mean(sure: Floats, corners: Quad) -> float:
    """Mean of the values inside the corners."""
    height, width = sure.shape
    left, top = np.floor(corners.min(axis=0)).astype(int).clip(0, (width - 1, height - 1))
    right, bottom = np.ceil(corners.max(axis=0)).astype(int).clip(0, (width - 1, height - 1))
    part = sure[top : bottom + 1, left : right + 1]
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [(corners - (left, top)).astype(np.int32)], 1)
    return float(cv2.mean(part, mask)[0])


def _ordered(corners: Quad) -> Quad:
    """The corners from the top left on, clockwise."""
    across = corners[np.argsort(corners[:, 0], kind="stable")]
    left = across[:2][np.argsort(across[:2, 1])]
    right = across[2:][np.argsort(across[2:, 1])]
    return np.array([left[0], right[0], right[1], left[1]], np.float32)
