# ruff: noqa: E501, RUF001  # a row for each case; the characters themselves are meant
"""Made-up numbers that pass their check; no number of a real person is meant."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocr_service.entities import EntityType, Validation
from ocr_service.entities.entity import Correction, IdNumberDetails
from ocr_service.entities.id_schemes import SCHEMES, Proof
from tests.entities.tables import found, only, texts

KIND = EntityType.ID_NUMBER

# country, label, number
NUMBERS = [
    ("TR", "TC Kimlik No", "75120788930"), ("GB", "NINO", "LA727063D"), ("GB", "NHS", "991 991 9020"),
    ("GB", "UTR", "4864952858"), ("IE", "PPS number", "2738567N"), ("ES", "DNI", "11276861F"),
    ("ES", "NIE", "Z7369808S"), ("PT", "Contribuinte", "336211171"), ("FR", "NIR", "140748504501672"),
    ("DE", "Personalausweis", "MHG0JMJN2"), ("DE", "KVNR", "W314299035"), ("DE", "Steuer-ID", "55173265400"),
    ("DE", "Rentenversicherungsnummer", "06081071H045"), ("AT", "Versicherungsnummer", "1237010180"),
    ("CH", "AHV-Nr", "756.6627.1398.80"), ("IT", "Codice fiscale", "GKYDUJ98R07J40NN"),
    ("BE", "Rijksregisternummer", "09081051215"), ("NL", "BSN", "251431319"), ("LU", "Matricule", "9830120462797"),
    ("DK", "CPR", "241297-1671"), ("SE", "Personnummer", "680821-9643"), ("NO", "Fødselsnummer", "13108446433"),
    ("FI", "Henkilötunnus", "060894-464J"), ("IS", "Kennitala", "311065-6619"), ("EE", "Isikukood", "51712260749"),
    ("LV", "Personas kods", "120295-26427"), ("LT", "Asmens kodas", "91325084380"), ("PL", "PESEL", "19860319272"),
    ("CZ", "Rodné číslo", "009702/8195"), ("HU", "Adóazonosító", "8405339485"), ("HU", "TAJ", "231161260"),
    ("RO", "CNP", "6520722210390"), ("BG", "ЕГН", "1503069021"), ("GR", "ΑΜΚΑ", "17050628266"), ("HR", "OIB", "90345389350"),
    ("RS", "JMBG", "1403053305750"), ("UA", "РНОКПП", "8128315530"), ("RU", "СНИЛС", "060-500-928 16"),
    ("RU", "ИНН", "358948705334"), ("MD", "IDNP", "2648554060855"), ("US", "SSN", "542-49-2165"), ("US", "ITIN", "911-96-6702"),
    ("US", "Medicare", "9CA9-K12-JA04"), ("CA", "SIN", "456 312 750"), ("MX", "RFC", "OJWY8908248A2"),
    ("BR", "CPF", "927.284.200-09"), ("AR", "CUIT", "55-99716736-7"), ("CL", "RUT", "17.483.411-3"), ("EC", "Cédula", "2323751012"),
    ("UY", "Cédula uruguaya", "8.106.091-2"), ("DO", "Cédula dominicana", "155-2005927-8"), ("IN", "Aadhaar", "9126 9333 8653"),
    ("IN", "PAN", "UENAX1205S"), ("PK", "CNIC", "67581-4813143-6"), ("LK", "NIC", "742388847V"), ("HK", "HKID", "X431089(1)"),
    ("TW", "身分證字號", "H292356244"), ("KR", "주민등록번호", "181202-9249424"), ("JP", "My Number", "9766 1030 5102"),
    ("SG", "NRIC", "S5106786Z"), ("MY", "MyKad", "410907-78-1586"), ("TH", "Thai ID", "5487936876950"), ("PH", "TIN", "001-687-519"),
    ("IR", "کد ملی", "5945396540"), ("IL", "תעודת זהות", "477109920"), ("AE", "Emirates ID", "784-1923-2377649-9"),
    ("SA", "Iqama", "2549414015"), ("KZ", "ИИН", "780811276688"), ("ZA", "South African ID", "2208150347216"),
    ("NG", "NIN", "12345678902"), ("EG", "الرقم القومي", "29001010112345"), ("PH", "SSS", "34-1234567-8"),
    ("ES", "N.I.F.", "11276861F"), ("CA", "S.I.N.", "456 312 750"), ("IN", "आधार", "9126 9333 8653"),
    ("TH", "เลขประจำตัวประชาชน", "5 4879 36876 95 0"), ("SG", "IC No.", "S5106786Z"), ("AU", "Medicare card", "2123 45670 1"), ("KE", "KRA PIN", "P207358328L"), ("AU", "TFN", "706 926 413"), ("NZ", "IRD", "108-828-485"),
]  # fmt: skip
IDS = [f"{country}-{label}" for country, label, _ in NUMBERS]


@pytest.mark.parametrize(("country", "label", "number"), NUMBERS, ids=IDS)
def test_finds_behind_its_label(country: str, label: str, number: str) -> None:
    item = only(f"{label}: {number}", KIND)
    assert item.text == number
    assert isinstance(item.details, IdNumberDetails)
    assert item.details.country == country


@pytest.mark.parametrize(("country", "label", "number"), NUMBERS, ids=IDS)
def test_finds_in_a_sentence(country: str, label: str, number: str) -> None:
    assert texts(f"The form says {label} {number}, as it should.", KIND) == [number]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("TC Kimlik No: 75120788931", id="tckn-check-digit"),
        pytest.param("NIE: Z7369808T", id="nie-letter"),
        pytest.param("CPF: 927.284.200-08", id="cpf-check-digit"),
        pytest.param("SSN: 900-12-3452", id="ssn-not-issued"),
        pytest.param("NINO: FQ 00 00 00 C", id="nino-prefix"),
        pytest.param("Sipariş No: 90817263549", id="order"),
        pytest.param("EAN: 4006381333931", id="bar-code"),
        pytest.param("Unix time 1700000003", id="timestamp"),
        pytest.param("IMEI 490154203237518", id="imei"),
        pytest.param("0000000000000", id="zeros"),
        pytest.param("ISBN 0-306-40615-2", id="isbn"),
        pytest.param("VIN: 1HGCM82633A004352", id="vin"),
        pytest.param("Versicherungsnummer 1073741824", id="vnr-no-date"),
        pytest.param("الرقم القومي 29013010112345", id="egypt-no-date"),
        pytest.param("HETU 131052308T", id="hetu-without-sign"),
    ],
)
def test_refuses(text: str) -> None:
    assert texts(text, KIND) == []


@pytest.mark.parametrize(
    ("text", "value", "corrections"),
    [
        pytest.param(
            "TCKN 7S12O788930", "75120788930", [(1, "S", "5"), (4, "O", "0")], id="letters"
        ),
        pytest.param(
            "TCKN 7S12O78893O",
            "75120788930",
            [(1, "S", "5"), (4, "O", "0"), (10, "O", "0")],
            id="3",
        ),
        pytest.param("Kimlik No75120788930", "75120788930", [], id="lost-space"),
        pytest.param("DNI 1127686lF", "11276861F", [(7, "l", "1")], id="l-for-1"),
        pytest.param("PESEL 198603 19272", "19860319272", [(6, " ", "")], id="broken-by-a-space"),
        pytest.param("TCKN 75120\n788930", "75120788930", [(5, "\n", "")], id="broken-by-a-line"),
        pytest.param(
            "BSN ２５1431319", "251431319", [(0, "２", "2"), (1, "５", "5")], id="full-width"
        ),
    ],
)
def test_repairs_what_a_check_digit_confirms(
    text: str, value: str, corrections: list[tuple[int, str, str]]
) -> None:
    item = only(text, KIND)
    assert item.value == value
    assert list(item.corrections) == [Correction(*row) for row in corrections]


def test_the_region_of_the_request_settles_a_weak_number() -> None:
    text = "Applicant\n251431319\nAmsterdam"
    assert texts(text, KIND) == []
    assert texts(text, KIND, regions=("NL",)) == ["251431319"]


def test_the_number_of_a_passport_is_found_in_its_zone_and_in_print() -> None:
    text = (
        "Passport L898902C3\nP<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<\n"
        "L898902C36UTO7408122F1204159ZE184226B<<<<<10"  # the specimen of ICAO Doc 9303
    )
    assert texts(text, KIND) == ["L898902C3", "L898902C3"]
    assert {item.validation for item in found(text, KIND)} == {Validation.VALID}


def test_forty_countries_and_more() -> None:
    assert len({scheme.country for scheme in SCHEMES}) >= 40


@given(place=st.integers(0, 10), digit=st.integers(1, 9))
def test_every_changed_digit_of_a_turkish_number_is_refused(place: int, digit: int) -> None:
    number = "75120788930"
    changed = str((int(number[place]) + digit) % 10)
    wrong = number[:place] + changed + number[place + 1 :]
    assert texts(f"TC Kimlik No: {wrong}", KIND) == []


@given(data=st.data(), scheme=st.sampled_from([one for one in SCHEMES if one.check is not None]))
def test_a_check_answers_for_whatever_fits_its_layout(data: st.DataObject, scheme) -> None:  # type: ignore[no-untyped-def]
    signs = {"9": "0123456789", "A": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "X": "0123456789ABCDEF"}
    layout = data.draw(st.sampled_from(scheme.layouts)).removeprefix("!").replace("~", "-")
    number = "".join(data.draw(st.sampled_from(signs.get(char, char))) for char in layout)
    assert scheme.passes(number) in {True, False}
    assert scheme.proof is not Proof.FORMAT or scheme.country
