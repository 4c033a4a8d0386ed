"""Of findings that share characters one stays."""

import pytest

from ocr_service.entities import EntityType, find


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        pytest.param("x@example.com:Secret12", EntityType.COMBOLIST, id="email-in-combolist"),
        pytest.param("https://example.com/a", EntityType.URL, id="domain-in-url"),
        pytest.param("x@example.com", EntityType.EMAIL, id="domain-in-email"),
        pytest.param("http://u:p@example.com:8080", EntityType.URL, id="credentials-in-url"),
        pytest.param("https://a.com/2024-03-15", EntityType.URL, id="date-in-url"),
        pytest.param("https://a.com/u:x@b.com:Secret12", EntityType.COMBOLIST, id="stealer-line"),
        pytest.param("Kart 4111 1111 1111 1111", EntityType.CREDIT_CARD_NUMBER, id="card-or-phone"),
        pytest.param("21.6.1984", EntityType.DATE, id="date-or-phone"),
    ],
)
def test_one_stays(text: str, kind: EntityType) -> None:
    assert [item.type for item in find(text)] == [kind]
