"""Documents with their findings covered: gone from the pixels, and the rest as it was."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ImageFont

from ocr_service import engines, images, pipeline, redact
from ocr_service.deadline import Deadline
from ocr_service.engines import Engine
from ocr_service.errors import DeadlineExceeded, OptionInvalid
from ocr_service.images import Limits
from ocr_service.options import EntityOptions, Options
from ocr_service.redact import Style
from tests import drawn
from tests.data import make
from tests.redacting import (
    BOLD,
    COLOUR,
    DEFAULTS,
    KINDS,
    PAGE,
    SECRETS,
    TYPES,
    findings_of,
    inside,
    pages_of,
    png,
    run,
    values_in,
)


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engines.load("tesseract")


@pytest.mark.parametrize("content", KINDS.values(), ids=KINDS)
def test_findings_are_covered_and_the_rest_stays(engine: Engine, content: bytes) -> None:
    redacted = run(engine, content)
    findings = findings_of(redacted)
    assert len(findings) >= 2
    assert redacted.residual_count == 0
    assert not values_in(engine, redacted.content) & {each.entity.value for each in findings}
    source = images.probe(content, "", Limits())
    assert images.probe(redacted.content, redacted.mime_type, Limits()) == source
    before, after = pages_of(content), pages_of(redacted.content)
    for number, (old, new) in enumerate(zip(before, after, strict=True), start=1):
        assert new.shape[:2] == old.shape[:2]
        assert new.ndim == old.ndim or source.mime_type in {"image/webp", "image/png"}
        mask = inside(findings, number, new.shape)
        assert new[mask == 255].max(initial=0) <= 8  # JPEG is a little off
        far = cv2.dilate(mask, np.ones((41, 41), np.uint8)) == 0
        wide = (*new.shape[:2], -1)
        difference = np.abs(new.reshape(wide).astype(int) - old.reshape(wide))
        assert difference[far].mean() < 2


STYLES = {Style.BLACK: {0}, Style.WHITE: {255}, Style.LABEL: {0, 255}}


@pytest.mark.parametrize(("style", "levels"), STYLES.items())
def test_styles(engine: Engine, style: Style, levels: set[int]) -> None:
    redacted = run(engine, png(BOLD), style)
    assert redacted.residual_count == 0
    (pixels,) = pages_of(redacted.content)
    for finding in findings_of(redacted):
        covered = pixels[inside([finding], 1, pixels.shape) == 255]
        assert {int(covered.min()), int(covered.max())} == levels


def test_a_label_is_the_name_of_the_type(engine: Engine) -> None:
    redacted = run(engine, png(BOLD), Style.LABEL)
    document = pipeline.run(redacted.content, "", DEFAULTS, Limits(), Deadline.after(100), [engine])
    assert {"EMAIL", "DATE"} <= set(document.text.split())


def test_a_label_follows_the_text(engine: Engine) -> None:
    upright = run(engine, png(BOLD), Style.LABEL)
    turned = run(engine, png(BOLD.rotate(180)), Style.LABEL)
    (expected,), (found,) = pages_of(upright.content), pages_of(turned.content)
    assert np.abs(found[::-1, ::-1].astype(int) - expected).mean() < 3


@pytest.mark.parametrize("degrees", [-9, 4, 94, 180])
def test_skewed_pages(engine: Engine, degrees: int) -> None:
    redacted = run(engine, png(PAGE.turned(degrees).image))
    assert {finding.entity.type for finding in findings_of(redacted)} == TYPES
    assert redacted.residual_count == 0
    (pixels,) = pages_of(redacted.content)
    assert pixels[inside(findings_of(redacted), 1, pixels.shape) == 255].max() == 0


def test_boxes_cover_the_characters_and_no_other_word(engine: Engine) -> None:
    """Where each secret was drawn its ink is under the box; other words keep all of theirs."""
    (pixels,) = pages_of(run(engine, png(PAGE.image), Style.WHITE).content)
    secret = {part for text in SECRETS for part in text.split()}
    for word, corners in PAGE.words:
        (left, top), (right, bottom) = (map(round, corners[corner]) for corner in (0, 2))
        rows, columns = slice(top, bottom + 1), slice(left, right + 1)
        if word in secret:
            assert pixels[rows, columns].min() == 255, word
        else:
            assert np.array_equal(pixels[rows, columns], PAGE.pixels[rows, columns]), word


@pytest.mark.parametrize("size", [20, 40])
@pytest.mark.parametrize(
    ("before", "after"), [("Mail:", ""), ("E-Mail:", "&x=1"), ("MMMMM:", ","), ("(", ")")]
)
def test_the_part_of_a_word_is_covered_too(
    engine: Engine, before: str, after: str, size: int
) -> None:
    """Where letters stand inside a word is estimated, and they differ in width."""
    text = f"{before}{SECRETS[0]}{after}"
    page = drawn.page((f"Write {text} today",), size=size, margin=40)
    redacted = run(engine, png(page.image), Style.WHITE)
    font = ImageFont.load_default(size)
    _, corners = page.words[1]
    left = round(corners[0][0] + font.getlength(before))
    right = round(left + font.getlength(SECRETS[0]))
    (pixels,) = pages_of(redacted.content)
    assert pixels[:, left + 2 : right - 2].min() == 255


def test_padding_is_added_on_every_side(engine: Engine) -> None:
    def painted(padding: int) -> tuple[int, ...]:
        text = drawn.page((SECRETS[0],), size=28, margin=80)
        (pixels,) = pages_of(run(engine, png(text.image), padding=padding).content)
        solid = cv2.erode(255 - pixels, np.ones((15, 15), np.uint8))
        return tuple(cv2.boundingRect((solid == 255).astype(np.uint8)))

    plain, padded = painted(0), painted(12)
    assert padded == (plain[0] - 12, plain[1] - 12, plain[2] + 24, plain[3] + 24)


def test_padding_beyond_the_page_covers_all_of_it(engine: Engine) -> None:
    (pixels,) = pages_of(run(engine, png(PAGE.image), padding=2**31 - 1).content)
    assert pixels.max() == 0


REFUSED = {
    "pages": (Options(pages=(1,)), 0, "options.pages"),
    "nothing to look for": (
        Options(entities=EntityOptions(skip=True)),
        0,
        "options.entities.skip",
    ),
    "negative padding": (Options(), -1, "padding"),
}


@pytest.mark.parametrize(("options", "padding", "field"), REFUSED.values(), ids=REFUSED)
def test_refused(engine: Engine, options: Options, padding: int, field: str) -> None:
    with pytest.raises(OptionInvalid) as refused:
        run(engine, png(PAGE.image), padding=padding, options=options)
    assert refused.value.field == field


def test_the_deadline_ends_the_work(engine: Engine) -> None:
    with pytest.raises(DeadlineExceeded):
        run(engine, png(PAGE.image), seconds=0)


@pytest.mark.parametrize("kind", ["pdf", "tiff pages"])
def test_page_sizes_stay(engine: Engine, kind: str) -> None:
    redacted = run(engine, KINDS[kind])
    sizes = [page.shape[:2] for page in pages_of(redacted.content)]
    assert sizes == [(page.height, page.width) for page in redacted.document.pages]
    assert sizes == [page.shape[:2] for page in pages_of(KINDS[kind])]


def test_a_codestream_stays_one(engine: Engine) -> None:
    assert run(engine, KINDS["j2k"]).content[:4] == KINDS["j2k"][:4]
    assert run(engine, KINDS["jp2"]).content[:4] == KINDS["jp2"][:4]


def test_a_result_larger_than_the_limits_is_read_again(engine: Engine) -> None:
    content = make.encode(COLOUR, "JPEG", quality=40)
    limits = Limits(max_bytes=len(content))
    redacted = redact.run(
        content, "", DEFAULTS, Style.BLACK, 0, limits, Deadline.after(100), [engine]
    )
    assert len(redacted.content) > limits.max_bytes
    assert redacted.residual_count == 0


RECEIPTS = ("003", "013", "046", "061", "089", "091")


@pytest.mark.parametrize("name", RECEIPTS)
def test_receipts(engine: Engine, shared_data: Path, name: str) -> None:
    redacted = run(
        engine, (shared_data / "receipts" / f"{name}.jpg").read_bytes(), options=Options()
    )
    assert findings_of(redacted)
    assert redacted.residual_count == 0
