"""What a page looks like: size of its print, light or dark, tilt of its lines.

All of it comes from one look at the connected components, which costs a few milliseconds.
"""

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from ocr_service.preprocess.view import Pixels

WORKING_SIDE = 2000  # larger views are measured on a smaller copy
WINDOW = 31  # the paper's shade around a pixel is the mean over a square of this side
CONTRAST = 20  # levels by which ink differs from it
FEWEST = 4  # letters that tell the size of the print
FEWEST_IN_ROWS = 16  # letters that tell how lines run
FEWEST_IN_COLUMNS = 300  # letters of a page that may have columns
DENSE = 0.6  # share of a column's width that its lines fill
COLUMN_ROWS = 0.3  # share of a page's rows that stand in columns
MOST = 4000  # letters beyond which more tell nothing new
WIDEST_SKEW = 15.0

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Letters:
    """Boxes of what may be letters, in pixels of the measured view.

    Attributes:
        left: Left edges.
        top: Top edges.
        width: Extents.
        height: Extents.
    """

    left: Floats
    top: Floats
    width: Floats
    height: Floats

    def __len__(self) -> int:
        return len(self.left)

    @property
    def print_height(self) -> float:
        """The usual height of a letter in pixels, 0 if there are too few to tell."""
        return float(np.median(self.height)) if len(self) >= FEWEST else 0.0


def letters(grey: Pixels) -> Letters:
    """Find what may be dark letters in a grey view."""
    scale = min(1.0, WORKING_SIDE / max(grey.shape))
    found = _letters(grey, scale)
    return found if len(found) >= FEWEST else _letters(grey, scale / 4)


def _letters(grey: Pixels, scale: float) -> Letters:
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    small = cv2.resize(grey, size, interpolation=cv2.INTER_AREA) if scale < 1 else grey
    paper = cv2.blur(small, (WINDOW, WINDOW))
    _, mask = cv2.threshold(cv2.subtract(paper, small), CONTRAST, 1, cv2.THRESH_BINARY)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    left, top, width, height, area = stats[1:].astype(np.float64).T
    box = width * height
    sized = (height >= 5) & (height < 100)
    shaped = (width < 3 * height) & (5 * width > height)
    filled = (area > 0.15 * box) & (area < 0.9 * box)
    keep = np.flatnonzero(sized & shaped & filled)
    keep = keep[:: max(1, -(-len(keep) // MOST))]
    return Letters(*(values[keep] / scale for values in (left, top, width, height)))


def is_light_on_dark(grey: Pixels, found: Letters) -> bool:
    """Tell whether print stands on a dark ground; a receipt on a dark table does not.

    Between light letters there are dark shapes as large, so counting either says little: it is
    the ground around them that tells.
    """
    if np.median(grey[::4, ::4]) >= 128 or not len(found):
        return False
    scale = min(1.0, WORKING_SIDE / 2 / max(grey.shape))
    size = (max(1, round(grey.shape[1] * scale)), max(1, round(grey.shape[0] * scale)))
    ground = cv2.medianBlur(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), WINDOW)
    across = np.minimum((found.left + found.width / 2) * scale, size[0] - 1).astype(np.int64)
    down = np.minimum((found.top + found.height / 2) * scale, size[1] - 1).astype(np.int64)
    return bool(np.mean(ground[down, across]) < 128)


def skew_degrees(found: Letters) -> float:
    """Tell by how many degrees lines sink to the right, -15 to 15; 0 if that is not certain."""
    if len(found) < FEWEST_IN_ROWS:
        return 0.0
    x = found.left + found.width / 2
    y = found.top + found.height
    return _best_angle(x, y, found.print_height)


def has_columns(found: Letters, skew: float) -> bool:
    """Tell whether prose runs in columns side by side, and not in the rows of a table or receipt.

    It does if many rows have a gap at the same place, with dense text left and right of it.
    """
    if len(found) < FEWEST_IN_COLUMNS:
        return False
    grid = _occupied(found, skew)
    rows = grid[grid.any(axis=1)]
    upto = np.cumsum(rows, axis=1)
    width = rows.shape[1]
    gaps = np.arange(width // 5, width - width // 5)
    left = upto[:, gaps] / (gaps + 1)
    right = (upto[:, -1:] - upto[:, gaps]) / (width - gaps)
    split = (rows[:, gaps] == 0) & (left > DENSE) & (right > DENSE)
    return bool(split.sum(axis=0).max(initial=0) > COLUMN_ROWS * len(rows))


def _occupied(found: Letters, skew: float) -> npt.NDArray[np.uint8]:
    """A map of the text with cells as large as a letter; gaps between words are filled."""
    radians = np.deg2rad(skew)
    x = found.left + found.width / 2
    y = found.top + found.height / 2
    column = (x * np.cos(radians) + y * np.sin(radians)) / found.print_height
    row = (y * np.cos(radians) - x * np.sin(radians)) / found.print_height
    low, high = np.percentile(column, [1, 99])  # specks at the edges are no text
    kept = (column >= low) & (column <= high)
    across = (column[kept] - low).astype(np.int64)
    down = (row[kept] - row.min()).astype(np.int64)
    grid = np.zeros((down.max() + 1, across.max() + 1), np.uint8)
    grid[down, across] = 1
    return cv2.morphologyEx(grid, cv2.MORPH_CLOSE, np.ones((1, 3), np.uint8)).astype(np.uint8)


def _best_angle(x: Floats, y: Floats, size: float) -> float:
    """The angle at which letters fall into the fewest rows."""
    best, _ = _search(x, y, size / 2, np.arange(-WIDEST_SKEW, WIDEST_SKEW + 0.1, 0.5))
    best, peak = _search(x, y, size / 4, best + np.arange(-0.5, 0.55, 0.1))
    level = _sharpness(x, y, size / 4, 0.0)
    return best if peak > 1.03 * level else 0.0


def _search(x: Floats, y: Floats, row: float, angles: Floats) -> tuple[float, float]:
    values = [_sharpness(x, y, row, float(angle)) for angle in angles]
    best = int(np.argmax(values))
    return float(angles[best]), values[best]


def _sharpness(x: Floats, y: Floats, row: float, angle: float) -> float:
    """How unevenly letters spread over rows of that height when the page is rotated by an angle."""
    radians = np.deg2rad(angle)
    rows = (y * np.cos(radians) - x * np.sin(radians)) / row
    counts = np.bincount((rows - rows.min()).astype(np.int64))
    return float(np.sum(counts.astype(np.float64) ** 2)) / len(x)
