"""Labels decide between numbers of the same form."""

import pytest

from ocr_service.entities import EntityType, find
from ocr_service.entities.context import fold

PHONE, ID, DATE = EntityType.PHONE_NUMBER, EntityType.ID_NUMBER, EntityType.DATE
NONE = None


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("Tel: 0532 123 45 67", PHONE, id="tr-tel"),
        pytest.param("Fatura No: 0532 123 45 67", NONE, id="tr-invoice"),
        pytest.param("Telefon: 030 901820", PHONE, id="de-tel"),
        pytest.param("Rechnung Nr. 030 901820", NONE, id="de-invoice"),
        pytest.param("Ref: 415-555-0132", NONE, id="reference"),
        pytest.param("BSN 251431319", ID, id="nl-id"),
        pytest.param("Telefoon 0251431319", PHONE, id="nl-tel"),
        pytest.param("Factuur 251431319", NONE, id="nl-invoice"),
        pytest.param("Locker no: 0532 123 45 67", NONE, id="number-of-something-else"),
        pytest.param("Su número de reserva: 881 204 337", NONE, id="number-of-something-else-es"),
        pytest.param("Vorgangsnummer 030 901820", NONE, id="number-of-something-else-de"),
        pytest.param("Myphone number 415-555-0132", PHONE, id="label-without-its-space"),
        pytest.param("Rechnungsdatum 09.10.23", DATE, id="date-of-an-invoice"),
        pytest.param("UUID 2b53e40fb73d93a3c91b089f7f6bc9ff", NONE, id="uuid-or-digest"),
        pytest.param("Invoice 7788, Tel 415-555-0132", PHONE, id="nearest-label"),
    ],
)
def test_the_nearest_label_decides(text: str, kind: EntityType | None) -> None:
    kinds = [item.type for item in find(text)]
    assert kinds == ([kind] if kind else [])


@pytest.mark.parametrize(
    ("read", "meant"),
    [("TE1EFON", "telefon"), ("Kirnlik", "kimlik"), ("TELÉFONO", "telefono"), ("KİMLİK", "kimlik")],
)
def test_words_are_equal_as_engines_see_them(read: str, meant: str) -> None:
    assert fold(read) == fold(meant)


def test_a_second_number_behind_a_slash_is_found() -> None:
    found = find("Tel: 0216 414 00 88 / 0216 414 00 89")
    assert [item.text for item in found] == ["0216 414 00 88", "0216 414 00 89"]


@pytest.mark.parametrize(
    "text",
    [
        "Rooms 12/13/14 are free",
        "Doses of 5/10/20 mg",
        "In May 12 people came",
        "1 2 3 4 5 6 7 8 9 10",
    ],
)
def test_counts_are_nothing(text: str) -> None:
    assert find(text) == ()
