import pytest

from ocr_service.entities import EntityType
from ocr_service.entities.entity import DomainDetails
from tests.entities.tables import only, texts

KIND = EntityType.DOMAIN


@pytest.mark.parametrize(
    ("text", "expected", "registrable", "suffix"),
    [
        pytest.param("see bbc.co.uk today", "bbc.co.uk", "bbc.co.uk", "co.uk", id="two-level"),
        pytest.param(
            "from a.example.com[192.0.2.1]: lost",
            "a.example.com",
            "example.com",
            "com",
            id="mail-log",
        ),
        pytest.param("ns1.sunucu.net, ok", "ns1.sunucu.net", "sunucu.net", "net", id="host"),
        pytest.param("evil[.]com was seen", "evil[.]com", "evil.com", "com", id="defanged"),
        pytest.param(
            "www.example.museum", "www.example.museum", "example.museum", "museum", id="www"
        ),
        pytest.param("le-tout-lyon.fr du 6", "le-tout-lyon.fr", "le-tout-lyon.fr", "fr", id="fr"),
        pytest.param("örnek.com.tr", "örnek.com.tr", "örnek.com.tr", "com.tr", id="idn"),
        pytest.param("www .example.com", "www .example.com", "example.com", "com", id="broken-www"),
        pytest.param(
            "die Seite kunst-hof.at ist", "kunst-hof.at", "kunst-hof.at", "at", id="hyphen"
        ),
        pytest.param(
            "Visto en tiendas.pe ayer", "tiendas.pe", "tiendas.pe", "pe", id="preposition"
        ),
        pytest.param(
            "(gartenfreunde.info)", "gartenfreunde.info", "gartenfreunde.info", "info", id="long"
        ),
        pytest.param("(example.it)", "example.it", "example.it", "it", id="bare-in-brackets"),
        pytest.param("www.example,com", "www.example,com", "example.com", "com", id="comma"),
    ],
)
def test_finds(text: str, expected: str, registrable: str, suffix: str) -> None:
    item = only(text, KIND)
    assert (item.text, item.details) == (expected, DomainDetails(registrable, suffix))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("run setup.py and main.rs", id="file-names"),
        pytest.param("include rules-common.mk first", id="makefile"),
        pytest.param("use the session.info field", id="attribute"),
        pytest.param("a well-meant try.it was late", id="lost-space"),
        pytest.param("edit README.md first", id="readme"),
        pytest.param("v1.2.3 and 10.0.0.1", id="versions"),
        pytest.param("self.name = os.path.join(x)", id="attributes"),
        pytest.param("It is done.It was late.", id="sentences"),
        pytest.param("A.B.C. Ltd. Şti.", id="initials"),
        pytest.param("Inc.Corp", id="no-suffix"),
        pytest.param("Std.Dev", id="bare-words"),
        pytest.param("self.name", id="bare-attribute"),
        pytest.param("foo.bar()", id="bare-call"),
        pytest.param("12.34.56", id="bare-figures"),
        pytest.param("mail me@example.com", id="email"),
        pytest.param("return operator.lt and self.bg", id="country-codes-in-code"),
    ],
)
def test_refuses(text: str) -> None:
    assert texts(text, KIND) == []
