"""Steps that make print stand out from what it is printed on. All take and give grey views.

They expect print about `PRINT_HEIGHT` pixels high: rescale first.
"""

import cv2
import numpy as np

from ocr_service.preprocess.view import Pixels, View

PRINT_HEIGHT = 17  # pixels of the usual letter: measured, best and fastest with Tesseract
_RULE = 60  # a straight stroke longer than that is no letter
_THICK = 9  # a rule is thinner than that
_AROUND = 51  # pixels: the paper's shade is the mean over that, which no letter fills
_CONTRAST = 20  # levels by which ink differs from its surroundings
_COARSE = 4  # shades are measured on a copy that much smaller
_DARK = 100  # mean level of a dark band with light print on it
_BAND = (5, 13)  # height and width in pixels of that copy: no stroke is that thick


def erase_rules(view: View) -> View:
    """Paint over ruled lines and frames, which Tesseract takes for letters or lines of text."""
    grey = view.pixels
    ink = cv2.subtract(cv2.blur(grey, (_AROUND, _AROUND)), grey)
    _, mask = cv2.threshold(ink, _CONTRAST, 255, cv2.THRESH_BINARY)
    across = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((1, _RULE), np.uint8))
    down = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((_RULE, 1), np.uint8))
    rules = cv2.dilate(cv2.bitwise_or(across, down), np.ones((3, 3), np.uint8))
    if not rules.any():
        return view
    solid = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((_THICK, _THICK), np.uint8))
    paper = cv2.dilate(grey, np.ones((_THICK, _THICK), np.uint8))
    erase = (rules > 0) & (solid == 0)
    return view.repainted(np.where(erase, paper, grey).astype(np.uint8))


def invert_dark_bands(view: View) -> View:
    """Swap light and dark where light print stands on a dark band, as in the heads of tables."""
    mean = cv2.blur(_coarse(view.pixels), _BAND[::-1])
    _, dark = cv2.threshold(mean, _DARK, 255, cv2.THRESH_BINARY_INV)
    bands = cv2.morphologyEx(dark, cv2.MORPH_OPEN, np.ones(_BAND, np.uint8))
    if not bands.any():
        return view
    bands = cv2.dilate(bands, np.ones((3, 3), np.uint8))
    mask = cv2.resize(bands, (view.width, view.height), interpolation=cv2.INTER_NEAREST)
    return view.repainted(cv2.bitwise_xor(view.pixels, mask).astype(np.uint8))


def clahe(view: View) -> View:
    """Raise contrast gently, place by place (CLAHE with clip limit 1)."""
    raised = cv2.createCLAHE(clipLimit=1.0, tileGridSize=(8, 8)).apply(view.pixels)
    return view.repainted(raised.astype(np.uint8))


def _coarse(grey: Pixels) -> Pixels:
    size = (max(1, grey.shape[1] // _COARSE), max(1, grey.shape[0] // _COARSE))
    return cv2.resize(grey, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
