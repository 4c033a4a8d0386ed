"""An upright page, and the document it comes from."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class Image:
    """One decoded page, turned as its orientation tag says.

    Attributes:
        number: Position in the submitted document, from 1.
        pixels: Shape (height, width) for grey or (height, width, 3) for RGB, 0 to 255,
            C-contiguous. Some are read-only, so take none for a work area.
        dpi: Pixels per inch across and down, as the file states them; None if it does not.
    """

    number: int
    pixels: NDArray[np.uint8]
    dpi: tuple[float, float] | None = None

    @property
    def width(self) -> int:
        """Pixels from left to right."""
        return int(self.pixels.shape[1])

    @property
    def height(self) -> int:
        """Pixels from top to bottom."""
        return int(self.pixels.shape[0])


@dataclass(frozen=True, slots=True)
class Source:
    """What the submitted bytes are.

    Attributes:
        mime_type: One of MIME_TYPES.
        page_count: Pages, frames or directories in the file, at least 1.
    """

    mime_type: str
    page_count: int
