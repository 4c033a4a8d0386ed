# ruff: noqa: E501  # a row for each case; the characters themselves are meant
import pytest

from ocr_service.entities import EntityType
from tests.entities.tables import only, texts

KIND = EntityType.EMAIL


@pytest.mark.parametrize(
    ("text", "expected", "value"),
    [
        pytest.param("a_b.c@example.com", "a_b.c@example.com", "a_b.c@example.com", id="plain"),
        pytest.param("(x@example.co.uk)", "x@example.co.uk", "x@example.co.uk", id="brackets"),
        pytest.param("mailto:n@example.org?x", "n@example.org", "n@example.org", id="mailto"),
        pytest.param("kişi@örnek.com.tr", "kişi@örnek.com.tr", "kişi@örnek.com.tr", id="idn"),
        pytest.param("邮箱地址test@example.com", "test@example.com", "test@example.com", id="cjk"),
        pytest.param("info©example.com", "info©example.com", "info@example.com", id="misread-at"),
        pytest.param("info@example.c0m", "info@example.c0m", "info@example.com", id="misread-com"),
        pytest.param("info@example.corn", "info@example.corn", "info@example.com", id="rn"),
        pytest.param("info@example,com", "info@example,com", "info@example.com", id="comma"),
        pytest.param("info @example.com", "info @example.com", "info@example.com", id="space"),
        pytest.param("o'neill@example.com", "o'neill@example.com", "o'neill@example.com", id="irish"),
        pytest.param("'ann@example.com'", "ann@example.com", "ann@example.com", id="quoted"),
        pytest.param("post@elm-park.sch.uk", "post@elm-park.sch.uk", "post@elm-park.sch.uk", id="below-a-wildcard"),
        pytest.param("info [at] example[.]com", "info [at] example[.]com", "info@example.com", id="defanged"),
    ],
)  # fmt: skip
def test_finds(text: str, expected: str, value: str) -> None:
    item = only(text, KIND)
    assert (item.text, item.value) == (expected, value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("my email is info@presidio.", id="no-suffix"),
        pytest.param("z@co.c", id="unknown-suffix"),
        pytest.param("a @ b", id="spaces"),
        pytest.param("change the address to @debian.org soon", id="word-before"),
        pytest.param("@someone follow me", id="handle"),
        pytest.param("5 pieces @ 3.50 each", id="price"),
    ],
)
def test_refuses(text: str) -> None:
    assert texts(text, KIND) == []


def test_masks_all_but_the_first_letter_and_the_domain() -> None:
    assert only("john.smith@example.com", KIND).masked == "j*********@example.com"
