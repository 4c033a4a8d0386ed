import pytest

from ocr_service.entities import EntityType, find
from ocr_service.entities.entity import CombolistDetails
from tests.entities.tables import only, texts

KIND = EntityType.COMBOLIST


@pytest.mark.parametrize(
    ("line", "form"),
    [
        pytest.param("a@example.com:qwerty12", "email:password", id="colon"),
        pytest.param("a@example.com;qwerty12", "email;password", id="semicolon"),
        pytest.param("a@example.com|qwerty12", "email|password", id="bar"),
        pytest.param("a@example.com\tqwerty12", "email\\tpassword", id="tab"),
        pytest.param("a@example.com:pa:ss:word", "email:password", id="signs-in-the-password"),
        pytest.param("a@example.com:5f4dcc3b5aa765d61d8327deb882cf99", "email:hash", id="hash"),
        pytest.param("gamer_xx:lolipop99", "user:password", id="user"),
        pytest.param("admin:admin", "user:password", id="default"),
        pytest.param("+905321234567:sifre123", "phone:password", id="phone"),
        pytest.param("https://a.com/login:user1:Secret12", "url:login:password", id="stealer"),
        pytest.param("login.a.com|u@b.com|Secret12", "url|login|password", id="stealer-bar"),
        pytest.param("a@example.c0m:qwerty12", "email:password", id="misread-domain"),
    ],
)
def test_finds(line: str, form: str) -> None:
    item = only(line, KIND)
    assert (item.text, item.details) == (line, CombolistDetails(form))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Name: John", id="prose"),
        pytest.param("func:_Zn1@X_3\nfunc:_Zn2@X_3\nfunc:_Zn3@X_3", id="field"),
        pytest.param("http://a.com/?p=x;a=commit1;h=35f8ff2e", id="query"),
        pytest.param("12:30", id="time"),
        pytest.param("16:9", id="ratio"),
        pytest.param("2001:db8::1", id="ipv6"),
        pytest.param("font-size:12px;", id="css"),
        pytest.param("Foo::bar()", id="scope"),
        pytest.param("localhost:8080", id="port"),
        pytest.param("rsync a@b.com:/var/www", id="scp"),
        pytest.param("git@github.com:user/repo.git", id="git"),
        pytest.param("info@a.com | www.a.com", id="contacts"),
        pytest.param("From: a@b.com To: c@d.com", id="header"),
        pytest.param("邮箱:ann@example.com", id="label-before-an-address"),
        pytest.param("pass:aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d", id="label"),
        pytest.param("http://user:pass@example.com:8080", id="userinfo"),
    ],
)
def test_refuses(text: str) -> None:
    assert texts(text, KIND) == []


def test_nothing_inside_of_a_line_is_reported_besides_it() -> None:
    (item,) = find("x@example.com:5f4dcc3b5aa765d61d8327deb882cf99")
    assert item.type is KIND
