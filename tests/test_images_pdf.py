import gc
import threading

import numpy as np
import pytest

from ocr_service.errors import PixelsExceeded
from ocr_service.images import Limits, Source, decode
from tests.data import make
from tests.decoding import LIMITS, read


@pytest.mark.parametrize(
    ("page", "dpi", "shape"),
    [
        pytest.param(make.PdfPage("Total"), 72, (100, 200), id="a point is a pixel at 72"),
        pytest.param(make.PdfPage("Total"), 300, (417, 834), id="rounded up"),
        pytest.param(make.PdfPage("Total", rotate=90), 72, (200, 100), id="turned"),
        pytest.param(make.PdfPage("Total", crop=(10, 10, 90, 60)), 72, (50, 80), id="cropped"),
        pytest.param(make.PdfPage(drawing="1 0 0 rg 0 0 9 9 re f"), 72, (100, 200, 3), id="colour"),
    ],
)
def test_pdf_pages_are_rendered_as_shown(
    page: make.PdfPage, dpi: int, shape: tuple[int, ...]
) -> None:
    source, images = decode(make.pdf([page]), "application/pdf", (), dpi, LIMITS)
    (image,) = images
    assert source == Source("application/pdf", 1)
    assert image.pixels.shape == shape
    assert image.pixels.flags.c_contiguous
    assert image.pixels.min() < 100
    assert image.pixels.max() == 255


@pytest.mark.parametrize("kind", ["Square", "Widget"])
def test_pdf_annotations_and_forms_are_drawn(kind: str) -> None:
    (image,) = read(make.pdf([make.PdfPage(annotation=kind)]))
    assert image.pixels[-10, 10] == 0
    assert image.pixels[10, 10] == 255


def test_pdf_colours_keep_their_order() -> None:
    (image,) = read(make.pdf([make.PdfPage(drawing="1 0 0 rg 0 0 200 100 re f")]))
    assert image.pixels[5, 5].tolist() == [255, 0, 0]


def test_pdf_pages_are_chosen_by_number() -> None:
    content = make.pdf([make.PdfPage(box=(100 + number, 50)) for number in range(5)])
    _, images = decode(content, "", (4, 2), 72, LIMITS)
    assert [(image.number, image.width) for image in images] == [(2, 101), (4, 103)]


def test_a_pdf_page_too_large_names_a_resolution_that_fits() -> None:
    content = make.pdf([make.PdfPage(box=(720, 720)), make.PdfPage()])
    limits = Limits(max_side=2000)
    _, images = decode(content, "", (), 300, limits)
    with pytest.raises(PixelsExceeded, match="Ask for 200 dpi or less") as caught:
        next(images)
    assert caught.value.field == "options.dpi"
    assert next(decode(content, "", (1,), 200, limits)[1]).width == 2000
    assert next(decode(content, "", (2,), 300, limits)[1]).number == 2
    with pytest.raises(PixelsExceeded, match="smaller"):
        next(decode(content, "", (1,), 200, Limits(max_pixels=100_000))[1])


def test_pdf_documents_are_closed_by_an_early_end() -> None:
    content = make.pdf([make.PdfPage("Total")] * 3)
    for _ in range(3):
        _, images = decode(content, "", (), 72, LIMITS)
        assert next(images).number == 1
        images.close()
        decode(content, "", (), 72, LIMITS)  # never begun
    gc.collect()
    assert len(read(content)) == 3


def test_threads_share_the_renderer() -> None:
    content = make.pdf([make.PdfPage("Total")] * 4)
    want = [image.pixels for image in read(content)]
    results: list[bool] = []

    def work() -> None:
        for _ in range(5):
            found = [image.pixels for image in read(content)]
            results.append(all(map(np.array_equal, found, want)))

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [True] * 20
