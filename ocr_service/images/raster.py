"""Images and their frames, through Pillow."""

import threading
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from io import BytesIO

from PIL import Image as Pillow

# Imported to register: without them Pillow imports all its forty decoders to find these.
from PIL import Jpeg2KImagePlugin, TiffImagePlugin, WebPImagePlugin  # noqa: F401
from PIL.ExifTags import Base
from PIL.Image import Transpose
from typing_extensions import override

from ocr_service.images.containers import count_tiff_directories, gif_frames
from ocr_service.images.damage import translated
from ocr_service.images.formats import GIF, JPEG, PNG, TIFF, Format
from ocr_service.images.limits import Limits
from ocr_service.images.page import Image
from ocr_service.images.pixels import to_pixels

# EXIF 2.3, tag 0x0112: what to do to the stored picture. 1 and anything unknown: nothing.
_TRANSPOSE = {
    2: Transpose.FLIP_LEFT_RIGHT,
    3: Transpose.ROTATE_180,
    4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE,
    6: Transpose.ROTATE_270,
    7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}

_ON_ITS_SIDE = {
    Transpose.TRANSPOSE,
    Transpose.ROTATE_270,
    Transpose.TRANSVERSE,
    Transpose.ROTATE_90,
}

_STATED_DPI = (73.0, 2400.0)  # cameras write 72 where they do not know

_HEADER_READS = 50_000  # real headers take some dozens

_QUIET = threading.Lock()


class _Content(BytesIO):
    """The file, which ends the reading of a header made of millions of crumbs.

    Pillow reads headers in Python: 32 MiB of empty segments keep it busy for 20 s (measured).
    """

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.reads = 0
        self.in_header = True

    @override
    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.in_header and self.reads > _HEADER_READS:
            raise OSError("the header has too many parts")
        return super().read(size)


@dataclass(frozen=True, slots=True)
class Opened:
    """An image whose header has been read.

    Attributes:
        image: Pillow's.
        format: What it is.
        page_count: Its pages or frames.
        frames: Of GIF: width and height of the canvas with each.
    """

    image: Pillow.Image
    format: Format
    page_count: int
    frames: Sequence[tuple[int, int]] = ()


def open_image(content: bytes, format_: Format, limits: Limits) -> Opened:
    """Read the header.

    Raises:
        ContentUndecodable, PixelsExceeded, PagesExceeded: See each.
    """
    file = _Content(content)
    frames = gif_frames(content, limits.max_pages) if format_ is GIF else []
    for width, height in frames[:1]:  # Pillow makes room for it before it tells its size
        limits.check_size(width, height)
    with translated(), _quiet():
        image = Pillow.open(file, formats=[format_.decoder])
    file.in_header = False
    page_count = len(frames) if format_ is GIF else _count_pages(image, content, format_, limits)
    limits.check_pages(page_count)
    if format_ is not TIFF or page_count == 1:  # elsewhere the frames share one canvas
        limits.check_size(*image.size)
    return Opened(image, format_, page_count, frames)


def read(opened: Opened, numbers: Sequence[int], limits: Limits) -> Generator[Image]:
    """Yield these pages, which must be in ascending order.

    Raises:
        ContentUndecodable, PixelsExceeded: For the page that is reached.
    """
    for number in numbers:
        with translated():
            image = _upright(opened, number - 1, limits)
            pixels = to_pixels(image)
        yield Image(number, pixels, _resolution(image))


def _count_pages(image: Pillow.Image, content: bytes, format_: Format, limits: Limits) -> int:
    if format_ is TIFF:
        return count_tiff_directories(content, limits.max_pages)
    if format_ is JPEG:
        return 1  # what telephones append are previews and depth maps of the same picture
    return int(getattr(image, "n_frames", 1))


def _upright(opened: Opened, index: int, limits: Limits) -> Pillow.Image:
    """Return the page at `index`, decoded and turned."""
    image = opened.image
    with _quiet():
        # The frames of GIF and PNG build on each other: seeking decodes what lies between, so
        # each is checked on the way. Frames of GIF may enlarge the canvas.
        start = image.tell() + 1 if opened.format in {GIF, PNG} else index
        for frame in range(min(start, index), index + 1):
            if opened.frames:
                limits.check_size(*opened.frames[frame])
            image.seek(frame)
            limits.check_size(*image.size)
    # Pillow reads TIFF tags again while it decodes, and turns the page itself.
    with _quiet() if opened.format is TIFF else nullcontext():
        image.load()
    if opened.format is TIFF:
        return image
    turn = _TRANSPOSE.get(_orientation(image))
    if turn is None:
        return image
    turned = image.transpose(turn)
    if turn in _ON_ITS_SIDE and "dpi" in turned.info:
        turned.info["dpi"] = turned.info["dpi"][::-1]
    return turned


def _orientation(image: Pillow.Image) -> int:
    """Return the page's own orientation tag, 1 if it has none that can be read."""
    try:
        with _quiet():
            return int(image.getexif().get(Base.Orientation, 1))
    except Exception:  # noqa: BLE001 - the picture is good even where its notes are not
        return 1


def _resolution(image: Pillow.Image) -> tuple[float, float] | None:
    """Return the pixels per inch across and down, None if they are not stated or not likely."""
    try:
        across, down = (float(number) for number in image.info["dpi"])
    except Exception:  # noqa: BLE001 - as above
        return None
    least, most = _STATED_DPI
    return (across, down) if least <= across <= most and least <= down <= most else None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep Pillow's warnings about odd headers to itself; what is too large is refused here.

    The filters of `warnings` belong to the whole process, hence the lock.
    """
    with _QUIET, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
