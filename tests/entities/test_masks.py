"""What a mask leaves to be seen."""

import pytest

from ocr_service.entities import find, mask


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        pytest.param("4111 1111 1111 1111", "**** **** **** 1111", id="card"),
        pytest.param("jo@example.com", "j*@example.com", id="email"),
        pytest.param("+90 532 123 45 67", "+** *** *** ** 67", id="phone"),
        pytest.param("TCKN 75120788930", "TCKN ***********", id="id"),
        pytest.param("25.12.2018", "**.**.****", id="date"),
        pytest.param("34 ABC 123", "** *** ***", id="plate"),
        pytest.param("https://a.com/b?c=1", "https://*.***/*?*=*", id="url"),
        pytest.param("www.example.com", "***.*******.com", id="domain"),
        pytest.param("user_1:Secret12", "******:********", id="combolist"),
        pytest.param("$1$salt$" + "a1" * 11, "$1$" + "*" * 27, id="hash"),
    ],
)
def test_masks(text: str, masked: str) -> None:
    assert mask(text, find(text)) == masked
