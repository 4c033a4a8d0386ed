# ruff: noqa: RUF001  # the characters themselves are meant
import pytest

from ocr_service.entities import EntityType
from ocr_service.entities.entity import DateDetails
from tests.entities.tables import only, texts

KIND = EntityType.DATE


@pytest.mark.parametrize(
    ("text", "regions", "expected", "value"),
    [
        pytest.param("on 2024-03-15.", (), "2024-03-15", "2024-03-15", id="iso"),
        pytest.param("2024-03-15T14:30:00Z", (), "2024-03-15", "2024-03-15", id="iso-time"),
        pytest.param("DATE :25/12/2018", (), "25/12/2018", "2018-12-25", id="colon-before"),
        pytest.param("16-04-201814:51", (), "16-04-2018", "2018-04-16", id="time-glued-to-it"),
        pytest.param("Date: 25/12/2018", (), "25/12/2018", "2018-12-25", id="slashes"),
        pytest.param("12/25/2018", (), "12/25/2018", "2018-12-25", id="month-first-by-force"),
        pytest.param("03/04/2018", ("US",), "03/04/2018", "2018-03-04", id="us"),
        pytest.param("03/04/2018", ("GB",), "03/04/2018", "2018-04-03", id="gb"),
        pytest.param("22.02.2016'da", (), "22.02.2016", "2016-02-22", id="turkish-suffix"),
        pytest.param("22-04-16 13:13", (), "22-04-16", "2016-04-22", id="two-digit-year"),
        pytest.param("December 13, 2014", (), "December 13, 2014", "2014-12-13", id="en"),
        pytest.param(
            "the 3rd of March 2019", (), "3rd of March 2019", "2019-03-03", id="en-ordinal"
        ),
        pytest.param("23 Nisan 1920'de", (), "23 Nisan 1920", "1920-04-23", id="tr"),
        pytest.param("am 12. März 2016", (), "12. März 2016", "2016-03-12", id="de"),
        pytest.param("le 1er février 2016", (), "1er février 2016", "2016-02-01", id="fr"),
        pytest.param("12 de enero de 2016", (), "12 de enero de 2016", "2016-01-12", id="es"),
        pytest.param("il 12 gennaio 2016", (), "12 gennaio 2016", "2016-01-12", id="it"),
        pytest.param("12 de março de 2016", (), "12 de março de 2016", "2016-03-12", id="pt"),
        pytest.param("op 12 maart 2016", (), "12 maart 2016", "2016-03-12", id="nl"),
        pytest.param("Date:24/12/2021", (), "24/12/2021", "2021-12-24", id="glued-label"),
        pytest.param("Tarih:5 Ocak 2021", (), "5 Ocak 2021", "2021-01-05", id="glued-named"),
        pytest.param("28 MAR 18", (), "28 MAR 18", "2018-03-28", id="receipt"),
        pytest.param("12 AUGUST/AOUT 74", (), "12 AUGUST/AOUT 74", "1974-08-12", id="passport"),
        pytest.param("2019/sep/01", (), "2019/sep/01", "2019-09-01", id="year-name-day"),
        pytest.param("on June 29 we met", (), "June 29", "--06-29", id="no-year"),
        pytest.param("2O24-0l-15", (), "2O24-0l-15", "2024-01-15", id="misread-digits"),
        pytest.param("5 Septernber 2019", (), "5 Septernber 2019", "2019-09-05", id="misread-name"),
        pytest.param("Datum: 12.05,2021", (), "12.05,2021", "2021-05-12", id="comma-for-point"),
        pytest.param("Tue Feb 6 11:22:15 2007", (), "Feb 6", "--02-06", id="unix-date"),
        pytest.param("[15/Jan/2021:10:00:00]", (), "15/Jan/2021", "2021-01-15", id="web-log"),
        pytest.param("15JAN2021", (), "15JAN2021", "2021-01-15", id="joined"),
        pytest.param("July 4, 1776", (), "July 4, 1776", "1776-07-04", id="long-ago"),
        pytest.param("20231105T101500Z", (), "20231105", "2023-11-05", id="iso-basic"),
        pytest.param("5 November is near", (), "5 November", "--11-05", id="word-like-a-year"),
        pytest.param("op12 maart 2016", (), "12 maart 2016", "2016-03-12", id="lost-space"),
        pytest.param("5 lutego 1988", (), "5 lutego 1988", "1988-02-05", id="pl"),
        pytest.param("dne 9. října 2015", (), "9. října 2015", "2015-10-09", id="cs"),
        pytest.param("4 octombrie 2011", (), "4 octombrie 2011", "2011-10-04", id="ro"),
        pytest.param("1. desember 2003", (), "1. desember 2003", "2003-12-01", id="no"),
        pytest.param("30. elokuuta 1999", (), "30. elokuuta 1999", "1999-08-30", id="fi"),
        pytest.param("2012. március 8.", (), "2012. március 8", "2012-03-08", id="hu"),
        pytest.param("2014 m. kovo 11 d.", (), "2014 m. kovo 11", "2014-03-11", id="lt"),
        pytest.param("8 марта 2019 г.", (), "8 марта 2019", "2019-03-08", id="ru"),
        pytest.param("24 серпня 1991", (), "24 серпня 1991", "1991-08-24", id="uk"),
        pytest.param("25 Μαρτίου 1821", (), "25 Μαρτίου 1821", "1821-03-25", id="el"),
        pytest.param("日付:2019年5月1日", (), "2019年5月1日", "2019-05-01", id="ja"),
        pytest.param("令和元年5月1日", (), "令和元年5月1日", "2019-05-01", id="ja-era"),
        pytest.param("民國113年1月13日", (), "民國113年1月13日", "2024-01-13", id="tw"),
        pytest.param("2018년 2월 9일", (), "2018년 2월 9일", "2018-02-09", id="ko"),
        pytest.param("2 tháng 9 năm 1945", (), "2 tháng 9 năm 1945", "1945-09-02", id="vi"),
        pytest.param("7.IX.1962", (), "7.IX.1962", "1962-09-07", id="roman-month"),
        pytest.param(
            "this 1st day of May 2010", (), "1st day of May 2010", "2010-05-01", id="deed"
        ),
        pytest.param("Vertrag bis zum 30.11.26", (), "30.11.26", "2026-11-30", id="rival-far"),
    ],
)
def test_finds(text: str, regions: tuple[str, ...], expected: str, value: str) -> None:
    item = only(text, KIND, regions)
    assert (item.text, item.value) == (expected, value)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("30.02.2021", id="no-such-day"),
        pytest.param("31/04/2021", id="april-31"),
        pytest.param("2021-13-01", id="month-13"),
        pytest.param("dpkg 1.17.14", id="version"),
        pytest.param("bump it to 2.14.10 due to dpkg", id="version-with-a-word"),
        pytest.param("192.168.10.20", id="ipv4"),
        pytest.param("120/80", id="pressure"),
        pytest.param("1/2 cup", id="fraction"),
        pytest.param("Version 2, June 1991", id="version-and-month"),
        pytest.param("you may 5 times", id="modal-verb"),
        pytest.param("2 SET MENU", id="menu"),
        pytest.param("one of (7, 8, 10)", id="list"),
        pytest.param("ISO 9001:2015", id="standard"),
        pytest.param("Ürün kodu 12-34-56", id="code"),
        pytest.param("Windows 2000", id="year"),
        pytest.param("2 - 12 - 20 - 31 - 40", id="lottery"),
        pytest.param("2019年2月30日", id="no-such-day-in-signs"),
        pytest.param("section 4.XIII.2010", id="no-such-roman-month"),
    ],
)
def test_refuses(text: str) -> None:
    assert texts(text, KIND) == []


@pytest.mark.parametrize(
    ("text", "regions", "ambiguous"),
    [
        pytest.param("03/04/2018", (), True, id="either"),
        pytest.param("03/04/2018", ("TR",), False, id="region-decides"),
        pytest.param("25/04/2018", (), False, id="only-one-fits"),
        pytest.param("04/04/2018", (), False, id="same-either-way"),
    ],
)
def test_says_what_could_be_exchanged(
    text: str, regions: tuple[str, ...], *, ambiguous: bool
) -> None:
    assert only(text, KIND, regions).details == DateDetails(ambiguous)


def test_a_range_is_two_dates() -> None:
    assert texts("3/12/81-3/24/81", KIND) == ["3/12/81", "3/24/81"]
