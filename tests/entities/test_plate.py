# ruff: noqa: E501, RUF001  # a row for each case; the characters themselves are meant
"""Plates in the formats of the issuers; the combinations are made up."""

import pytest

from ocr_service.entities import EntityType
from ocr_service.entities.entity import PlateDetails
from ocr_service.entities.plate_formats import FORMATS
from tests.entities.tables import only, texts

KIND = EntityType.PLATE


@pytest.mark.parametrize(
    ("text", "expected", "country"),
    [
        pytest.param("34 ABC 123 geldi", "34 ABC 123", "TR", id="tr-in-text"),
        pytest.param("Plaka: 06AB1234", "06AB1234", "TR", id="tr-joined"),
        pytest.param("BD62 XYZ", "BD62 XYZ", "GB", id="gb"),
        pytest.param("Kennzeichen: M-AB 1234", "M-AB 1234", "DE", id="de"),
        pytest.param("Vehicle No: MH 04 AD 0001", "MH 04 AD 0001", "IN", id="in"),
        pytest.param("Targa: AB 123 CD", "AB 123 CD", "FR", id="it-or-fr"),
        pytest.param("Plaka: 34 A8C 123", "34 A8C 123", "TR", id="misread"),
        pytest.param("SK KE:482CD", "KE:482CD", "SK", id="seal-behind-a-country"),
    ],
)
def test_finds(text: str, expected: str, country: str) -> None:
    item = only(text, KIND)
    assert (item.text, item.details) == (expected, PlateDetails(country))


@pytest.mark.parametrize("text", ["151-KE-2207", "08 KK 1234", "62나 1055", "粤D7K93L"])
def test_some_need_no_label_where_they_stand_alone(text: str) -> None:
    assert texts(text, KIND) == [text]


@pytest.mark.parametrize("text", ["SALVADOR\nJKL·4821", "OPEL\n\nKE=482CD"])
def test_a_bolt_or_seal_between_the_groups(text: str) -> None:
    assert texts(text, KIND) == [text.splitlines()[-1]]


@pytest.mark.parametrize(
    ("label", "plate"),
    [
        ("Matrícula", "1234 BCD"), ("Matrícula", "AA-12-34"), ("Kenteken", "12-ABC-3"), ("Rendszám", "ABC-123"),
        ("Tablice", "WA 12345"), ("Kennzeichen", "W-12345A"), ("SPZ", "1A2 3456"), ("Regnr", "ABC 12D"),
        ("Bilnummer", "AB 12345"), ("Rekisterinumero", "ABC-123"), ("License plate", "7ABC123"), ("Placa", "ABC1D23"),
        ("Placa", "ABC-1234"), ("Patente", "AB 123 CD"), ("Vehicle", "SGB1234Z"), ("Vehicle", "ABC 123 GP"),
        ("Targa", "FX482KM"), ("EČV", "BA-123AB"), ("Înmatriculare", "CJ 12 XYZ"), ("Πινακίδα", "ΙΚΑ-1234"),
        ("Регистрационен номер", "СА 1234 АВ"), ("Registracija", "ZG 1234-AB"), ("Nummerplade", "AB 12 345"),
        ("Kontrollschild", "ZH 123456"), ("Kjennemerke", "AB 12345"), ("No Plat", "WXY 1234"), ("车牌号", "粤B·12345"),
        ("Plate", "B 123 ABC"), ("Vehicle", "191-D-12345"), ("Vehicle", "KAA 123A"), ("Plate number", "KJA-999PZ"),
        ("Nr rej.", "PO 7AB12"), ("Autovehicul", "B 201 KLM"), ("Kontrollschild", "BE 305 118"), ("车牌", "京A·8B6C2"),
        ("차량번호", "31허 4821"), ("Αρ. κυκλοφορίας", "ΝΒΤ-2046"), ("Dienstfahrzeug", "K-OL 77E"), ("Dorse", "06 AT 318"),
    ],
)  # fmt: skip
def test_a_label_is_enough_for_the_other_formats(label: str, plate: str) -> None:
    assert texts(f"{label}: {plate}", KIND) == [plate]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("12 Mart 1971", id="date"),
        pytest.param("Minibüs 12 B, kapı 9", id="word-and-number"),
        pytest.param("12개 3456", id="no-syllable-of-plates"),
        pytest.param("SW1A 1AA", id="postcode"),
        pytest.param("The MP3 128 kbps file", id="bit-rate"),
        pytest.param("see ISO 9001 and RFC 2822 there", id="standards"),
        pytest.param("12 ay 24 taksit", id="words"),
        pytest.param("LH 400", id="flight"),
        pytest.param("COVID 19", id="acronym"),
        pytest.param("G20 2023", id="one-letter"),
        pytest.param("80 GR 250 ML", id="units"),
        pytest.param("the driver for SPR532 and TNET1570", id="software-driver"),
        pytest.param("Jeroen van der Vegt 2002-2007", id="years"),
        pytest.param("at 07:37:54 MDT 1996", id="time"),
        pytest.param("82 ABC 123 numara", id="tr-no-such-province"),
        pytest.param("let flag=34 ABC 123; in the next of many lines of a program", id="assigned"),
        pytest.param("order ABC 123 and XYZ 999 today", id="codes-in-prose"),
        pytest.param("LOT 50\nJALAN BATU 1\nRECEIPT OF A LONG DAY IN A LARGE SHOP", id="address"),
    ],
)
def test_refuses(text: str) -> None:
    assert texts(text, KIND) == []


def test_the_countries_of_the_european_union_are_all_there() -> None:
    members = {
        "AT",
        "BE",
        "BG",
        "CY",
        "CZ",
        "DE",
        "DK",
        "EE",
        "ES",
        "FI",
        "FR",
        "GR",
        "HR",
        "HU",
        "IE",
        "IT",
        "LT",
        "LU",
        "LV",
        "MT",
        "NL",
        "PL",
        "PT",
        "RO",
        "SE",
        "SI",
        "SK",
    }
    assert members <= {item.country for item in FORMATS}
