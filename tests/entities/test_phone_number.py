# ruff: noqa: RUF001  # a row for each case; the characters themselves are meant
"""Numbers from the ranges that regulators keep for fiction, and examples of libphonenumber."""

import phonenumbers
import pytest

from ocr_service.entities import EntityType, Validation
from ocr_service.entities.entity import PhoneNumberDetails
from tests.entities.tables import only, texts

KIND = EntityType.PHONE_NUMBER


@pytest.mark.parametrize(
    ("text", "regions", "expected", "value"),
    [
        pytest.param("Tel: +90 532 123 45 67", (), "+90 532 123 45 67", "+905321234567", id="tr"),
        pytest.param("call (415) 555-0132 now", (), "(415) 555-0132", "+14155550132", id="us"),
        pytest.param("020 7946 0958", ("GB",), "020 7946 0958", "+442079460958", id="gb-region"),
        pytest.param("Cep: 0532 123 45 67", ("TR",), "0532 123 45 67", "+905321234567", id="cep"),
        pytest.param(
            "servis, arayınız: 0 (212) 555 01 23",
            (),
            "0 (212) 555 01 23",
            "+902125550123",
            id="imperative",
        ),
        pytest.param("Portería: 915 55 01 23", (), "915 55 01 23", "+34915550123", id="es-pairs"),
        pytest.param("Tél. 01 70 18 99 00", ("FR",), "01 70 18 99 00", "+33170189900", id="fr"),
        pytest.param(
            "us (+90 532 123 45 67) or", (), "+90 532 123 45 67", "+905321234567", id="in-brackets"
        ),
        pytest.param("msisdn=905321234567", (), "905321234567", "+905321234567", id="assigned"),
        pytest.param("+33(0)170189900", (), "+33(0)170189900", "+33170189900", id="trunk-zero"),
        pytest.param("Tel 00 44 20 7946 0958", (), "00 44 20 7946 0958", "+442079460958", id="00"),
        pytest.param(
            "Tel:\n0532 123 45 67", ("TR",), "0532 123 45 67", "+905321234567", id="above"
        ),
        pytest.param(
            "Te1: 0532 l23 45 67", ("TR",), "0532 l23 45 67", "+905321234567", id="misread"
        ),
        pytest.param(
            "Tel: ０５３２ 123 45 67", ("TR",), "０５３２ 123 45 67", "+905321234567", id="wide"
        ),
        pytest.param(
            "Tel: +90 212\n444 66 96", (), "+90 212\n444 66 96", "+902124446696", id="two-lines"
        ),
        pytest.param(
            "Phone (415)\n555-0132, ask", (), "(415)\n555-0132", "+14155550132", id="area-above"
        ),
        pytest.param("Fone (21) 3460-1000", (), "(21) 3460-1000", "+552134601000", id="br-groups"),
        pytest.param("Tél: 04 91 13 89 00", (), "04 91 13 89 00", "+33491138900", id="fr-groups"),
        pytest.param("Tel. 06 6982 1234", (), "06 6982 1234", "+390669821234", id="it-groups"),
        pytest.param("Te1:415-555-0132.", (), "415-555-0132", "+14155550132", id="misread-label"),
        pytest.param("tel:+14155550132", (), "+14155550132", "+14155550132", id="tel-uri"),
        pytest.param(
            "Tel 212-555-0123 ext. 45", (), "212-555-0123 ext. 45", "+12125550123;ext=45", id="ext"
        ),
    ],
)
def test_finds(text: str, regions: tuple[str, ...], expected: str, value: str) -> None:
    item = only(text, KIND, regions)
    assert (item.text, item.value) == (expected, value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Invoice no 5321234567", id="invoice"),
        pytest.param("Fatura No: 0532 123 45 67", id="fatura"),
        pytest.param("Order 2021-000123-77", id="order"),
        pytest.param("192.168.100.201", id="ipv4"),
        pytest.param("shifts 0800 1400 1600 2200", id="row-of-fours"),
        pytest.param("847 858 870 882 894", id="row-of-threes"),
        pytest.param("fixed the call as of 20240315", id="day"),
        pytest.param("16/04/2010", id="date"),
        pytest.param("Total 1.234.567,89", id="amount"),
        pytest.param("7.38294427 metres", id="decimal"),
        pytest.param("978-3-16-148410-0", id="isbn"),
        pytest.param("abc415-555-0132", id="glued"),
        pytest.param("0123456789", id="counting"),
        pytest.param("1 2 3 4 5 6 7 8 9 0", id="spaced-digits"),
        pytest.param("555 12", id="too-short"),
        pytest.param("SSN 078-05-1123", id="ssn"),
        pytest.param("it does not work\n2651  9.0.1278  go on", id="changelog"),
        pytest.param("from 2.67.3-2.67.4 on", id="versions"),
        pytest.param("© 2012-2022 910 others", id="years"),
        pytest.param("30 31 32 33 34 35 36 37", id="row"),
        pytest.param("3/5/7/9/11/13 bits", id="list"),
        pytest.param("let x=415-555-2671 in this", id="assigned"),
        pytest.param("total 12\n555-0132 items", id="figures-over-lines"),
    ],
)
def test_refuses(text: str) -> None:
    assert texts(text, KIND) == []


def test_two_numbers_side_by_side_are_two() -> None:
    assert texts("(415) 555-0132 (800) 555-0199", KIND) == ["(415) 555-0132", "(800) 555-0199"]


def test_a_number_stops_before_the_date_behind_it() -> None:
    assert texts("Phone (914)555-0160 04/21/2020 12:37", KIND) == ["(914)555-0160"]


def test_a_label_makes_up_for_an_unknown_plan() -> None:
    item = only("phone number 0000 1234", KIND)
    assert (item.validation, item.value) == (Validation.INVALID, "00001234")


def test_details_name_country_and_line() -> None:
    assert only("+90 532 123 45 67", KIND).details == PhoneNumberDetails("TR", "mobile")


@pytest.mark.parametrize("region", sorted({"AT", "AU", "BE", "BR", "CH", "DE", "DK", "ES", "FI",
    "FR", "GB", "GR", "IE", "IN", "IT", "JP", "KR", "MX", "MY", "NL", "NO", "NZ", "PL", "PT", "RO",
    "SE", "TR", "US", "ZA"}))  # fmt: skip
@pytest.mark.parametrize("style", ["INTERNATIONAL", "NATIONAL"])
def test_reads_the_example_of_every_plan(region: str, style: str) -> None:
    example = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    assert example is not None
    written = phonenumbers.format_number(example, getattr(phonenumbers.PhoneNumberFormat, style))
    item = only(f"Tel: {written}", KIND, (region,))
    e164 = phonenumbers.format_number(example, phonenumbers.PhoneNumberFormat.E164)
    assert (item.text, item.value) == (written, e164)
