"""Any Pillow mode to 8-bit grey or RGB."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.ExifTags import Base

WHITE_IS_ZERO = 0  # TIFF revision 6.0, tag 262

_SAMPLED_ROWS = 256


def to_pixels(image: Pillow.Image) -> NDArray[np.uint8]:
    """Return a decoded image as (height, width) grey or (height, width, 3) RGB.

    Grey stays grey. Transparency is laid on white, or on black where only that shows the ink.
    Samples of more than 8 bits are scaled by the number of bits they use.
    """
    if image.mode in {"L", "RGB"} and "transparency" not in image.info:
        return np.asarray(image)
    if image.mode[0] in "IF":
        return _scale(image)
    return np.asarray(_flatten(image))


def _flatten(image: Pillow.Image) -> Pillow.Image:
    """Return an image of mode L or RGB."""
    if image.mode == "LAB":
        return image.getchannel(0)  # Pillow cannot convert it, and L is its lightness
    grey = image.mode in {"1", "L", "LA", "La"} or _grey_palette(image)
    if image.has_transparency_data:
        return _lay_on_background(image.convert("LA" if grey else "RGBA"))
    return image.convert("L" if grey else "RGB")


def _grey_palette(image: Pillow.Image) -> bool:
    palette = image.getpalette() if image.mode in {"P", "PA"} else None
    return palette is not None and palette[0::3] == palette[1::3] == palette[2::3]


def _lay_on_background(image: Pillow.Image) -> Pillow.Image:
    alpha = image.getchannel("A")
    ink = image.convert("L" if image.mode == "LA" else "RGB")
    if alpha.getextrema()[0] == 255:
        return ink
    page = Pillow.new(ink.mode, ink.size, "black" if _needs_black(ink, alpha) else "white")
    page.paste(ink, mask=alpha)
    return page


def _needs_black(ink: Pillow.Image, alpha: Pillow.Image) -> bool:
    """Tell whether edges stand out far better on black than on white, as white text's do.

    White wins a draw: a light card with dark text has its edges on either.
    """
    rows = slice(None, None, max(1, ink.height // _SAMPLED_ROWS))
    lightness = np.asarray(ink.convert("L"))[rows].astype(np.float32)
    opacity = np.asarray(alpha)[rows].astype(np.float32) / 255

    def edges(background: float) -> float:
        page = lightness * opacity + background * (1 - opacity)
        return float(np.abs(np.diff(page, axis=1)).sum())

    return edges(0) > 2 * edges(255)


def _scale(image: Pillow.Image) -> NDArray[np.uint8]:
    """Return 16-bit, 32-bit or floating point grey as 8-bit.

    White is the largest value of as many bits as the brightest pixel needs, 8 at least: scanners
    store 10 and 12 bits in 16. Floating point up to 1 has its white at 1. The darkest value is
    black only if it is negative.
    """
    samples: NDArray[Any] = np.asarray(image)
    tags = getattr(image, "tag_v2", {})  # Pillow inverts 1-bit and 8-bit TIFF pages, not these
    inverted = tags.get(Base.PhotometricInterpretation) == WHITE_IS_ZERO
    if samples.dtype.itemsize == 2:  # a table takes a third of the time and memory
        levels = np.arange(int(samples.max()) + 1, dtype=np.float32)
        scaled: NDArray[np.uint8] = _to_bytes(levels, inverted=inverted)[samples]
        return scaled
    levels = samples.astype(np.float32)
    np.nan_to_num(levels, copy=False, posinf=0, neginf=0)
    levels -= min(0.0, float(levels.min()))
    return _to_bytes(levels, inverted=inverted, fractions=image.mode == "F")


def _to_bytes(
    levels: NDArray[np.float32], *, inverted: bool, fractions: bool = False
) -> NDArray[np.uint8]:
    brightest = float(levels.max())
    white = 2 ** max(8, int(brightest).bit_length()) - 1
    levels *= 255 / (1 if fractions and brightest <= 1 else white)
    np.clip(np.rint(levels, out=levels), 0, 255, out=levels)
    scaled = levels.astype(np.uint8)
    return np.invert(scaled) if inverted else scaled
