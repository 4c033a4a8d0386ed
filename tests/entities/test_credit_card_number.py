"""Test numbers that the card schemes and payment processors publish."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.entities import EntityType, Validation
from ocr_service.entities.credit_card_number import luhn
from ocr_service.entities.entity import CreditCardDetails
from tests.entities.tables import only, texts

KIND = EntityType.CREDIT_CARD_NUMBER


@pytest.mark.parametrize(
    ("text", "expected", "brand"),
    [
        pytest.param("4111111111111111", "4111111111111111", "visa", id="visa"),
        pytest.param("pay 5555 5555 5555 4444 now", "5555 5555 5555 4444", "mastercard", id="mc"),
        pytest.param("2223 0031 2200 3222", "2223 0031 2200 3222", "mastercard", id="mc-2-series"),
        pytest.param("Kart No: 3782 822463 10005", "3782 822463 10005", "amex", id="amex"),
        pytest.param("6011-1111-1111-1117", "6011-1111-1111-1117", "discover", id="discover"),
        pytest.param("card 3056 930902 5904", "3056 930902 5904", "diners", id="diners"),
        pytest.param("3530 1113 3330 0000", "3530 1113 3330 0000", "jcb", id="jcb"),
        pytest.param("6200 0000 0000 0005", "6200 0000 0000 0005", "unionpay", id="unionpay"),
        pytest.param("Card: 4lll 1111 1111 1111", "4lll 1111 1111 1111", "visa", id="misread"),
        pytest.param("Visa 4111 1111\n1111 1111", "4111 1111\n1111 1111", "visa", id="two-lines"),
        pytest.param("4111111111111111|12|2027|123", "4111111111111111", "visa", id="leaked-bars"),
        pytest.param("4111111111111111:12:26:123", "4111111111111111", "visa", id="leaked-colons"),
        pytest.param("CC#4111111111111111", "4111111111111111", "visa", id="number-sign"),
        pytest.param("Card 4111 111 11111 1111", "4111 111 11111 1111", "visa", id="odd-spaces"),
    ],
)
def test_finds(text: str, expected: str, brand: str) -> None:
    item = only(text, KIND)
    assert item.text == expected
    assert item.validation is Validation.VALID
    assert item.details == CreditCardDetails(brand, item.value[-4:])


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("4111 1111 1111 1112", id="luhn"),
        pytest.param("ES91 2100 0418 4502 0005 1332", id="iban"),
        pytest.param("IMEI: 490154203237518", id="imei"),
        pytest.param("Order no 4111111111111111", id="order"),
        pytest.param("Total 4,111,111,111,111,111", id="amount"),
        pytest.param("hex 4111111111111111abcd", id="hex"),
        pytest.param("1111 1111 1111 1111", id="no-brand"),
        pytest.param("1609459200000", id="milliseconds"),
        pytest.param("AAPL,Mon,2411.800048828125,Close", id="decimal"),
        pytest.param("5680 4920 9576 6049 1111 2222 3333 4444 5555", id="row-of-figures"),
    ],
)
def test_refuses(text: str) -> None:
    assert texts(text, KIND) == []


def test_a_list_with_commas_is_no_amount() -> None:
    row = ["4111111111111111", "5555555555554444"]
    assert texts(",".join(row), KIND) == row


def test_three_cards_side_by_side_are_three() -> None:
    row = ["4012888888881881", "4012-8888-8888-1881", "4012 8888 8888 1881"]
    assert texts(" ".join(row), KIND) == row


def test_a_card_that_fails_the_check_is_reported_where_all_else_says_card() -> None:
    item = only("VISA\n4319 5312 0215 1289\nVALID THRU\n09/25", KIND)
    assert item.validation is Validation.INVALID


@given(
    body=st.from_regex(r"4[0-9]{14}", fullmatch=True),
    place=st.integers(0, 15),
    add=st.integers(1, 9),
)
def test_every_one_digit_change_fails_luhn(body: str, place: int, add: int) -> None:
    number = next(f"{body}{check}" for check in range(10) if luhn(f"{body}{check}"))
    changed = str((int(number[place]) + add) % 10)
    assert not luhn(number[:place] + changed + number[place + 1 :])
