# ruff: noqa: E501, RUF001  # a row for each case; the characters themselves are meant
import pytest

from ocr_service.entities import EntityType
from ocr_service.entities.entity import UrlDetails
from tests.entities.tables import only, texts

KIND = EntityType.URL


@pytest.mark.parametrize(
    ("text", "expected", "scheme", "host"),
    [
        pytest.param("HTTP://EXAMPLE.COM", "HTTP://EXAMPLE.COM", "http", "example.com", id="upper"),
        pytest.param("(see http://a.com/b_(c))", "http://a.com/b_(c)", "http", "a.com", id="brackets"),
        pytest.param("[x](https://a.com/b)[y]", "https://a.com/b", "https", "a.com", id="markdown"),
        pytest.param("https://a.com:8443/x;", "https://a.com:8443/x", "https", "a.com", id="port"),
        pytest.param("ftp://u:p@a.com/f", "ftp://u:p@a.com/f", "ftp", "a.com", id="userinfo"),
        pytest.param("hxxps://evil[.]com/x", "hxxps://evil[.]com/x", "https", "evil.com", id="defanged"),
        pytest.param("visit a.com/contact.", "a.com/contact", "", "a.com", id="no-scheme"),
        pytest.param("http://10.0.0.1:80/x", "http://10.0.0.1:80/x", "http", "10.0.0.1", id="ipv4"),
        pytest.param("http://[2001:db8::1]/x", "http://[2001:db8::1]/x", "http", "[2001:db8::1]", id="ipv6"),
        pytest.param("http://例子.测试", "http://例子.测试", "http", "例子.测试", id="idn"),
        pytest.param("http://localhost:8080", "http://localhost:8080", "http", "localhost", id="local"),
        pytest.param("https:/ /a.com/b", "https:/ /a.com/b", "https", "a.com", id="broken-slashes"),
        pytest.param("https:/a.com/b", "https:/a.com/b", "https", "a.com", id="lost-slash"),
        pytest.param("http://www. a .com/b", "http://www. a .com/b", "http", "www.a.com", id="parted-host"),
        pytest.param("http:l/a.com/b", "http:l/a.com/b", "http", "a.com", id="misread-slash"),
    ],
)  # fmt: skip
def test_finds(text: str, expected: str, scheme: str, host: str) -> None:
    item = only(text, KIND)
    assert (item.text, item.details) == (expected, UrlDetails(scheme, host))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("see http://foo. It is", id="next-sentence"),
        pytest.param("http://# is invalid", id="no-host"),
        pytest.param("http bağlantısı", id="word"),
        pytest.param("C:\\Users\\x\\not.txt", id="path"),
        pytest.param("//", id="slashes"),
        pytest.param("50 km/h", id="unit"),
        pytest.param("1.2.3.4.5", id="numbers"),
        pytest.param("http://-a.com", id="dash"),
        pytest.param("src/main.py:12", id="line-of-a-file"),
        pytest.param("john.gov@mail.com", id="email"),
    ],
)
def test_refuses(text: str) -> None:
    assert texts(text, KIND) == []


def test_the_value_is_plain_again() -> None:
    assert only("hxxp://evil[.]com/x?y=1", KIND).value == "http://evil.com/x?y=1"
