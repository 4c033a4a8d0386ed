"""Labels decide between numbers of the same form."""

import pytest

from ocr_service.entities import EntityType, find
from ocr_service.entities.context import fold

PHONE, ID, NONE = EntityType.PHONE_NUMBER, EntityType.ID_NUMBER, None


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
