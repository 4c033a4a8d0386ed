# ruff: noqa: RUF001  # the characters themselves are meant
"""Words near a number that say what it is: "Tel", "Kart No", "TC Kimlik", "Invoice no".

Every type registers its words under a topic; `surroundings` tells which of them stand near a place.

Words are compared without case and accents, and with the characters that engines confuse made
equal, so "Te1" and "TEL" are one word.
"""

import itertools
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

OTHER = "OTHER"
RIVALS = ("PHONE_NUMBER", "ID_NUMBER", "CREDIT_CARD_NUMBER", "PLATE", "HASH", OTHER)
LEFT_WORDS = 8
# the signs above and below letters of Thai, Indic, Arabic and Hebrew script are no letters to \w
_SIGNS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094d"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
WORD = re.compile(rf"[^\W_]+(?:[{_SIGNS}]+[^\W_]*)*")


def _fold_table() -> dict[int, str]:
    table = dict(zip(map(ord, "ıi1|05862"), "llllosbgz", strict=True))
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFD", chr(code))[0].casefold()
        if base.isascii():
            table[code] = base.translate(table)
    for code in range(0x386, 0x3CF):  # Greek letters with an accent
        table[code] = unicodedata.normalize("NFD", chr(code))[0].casefold()
    table.update(
        zip(map(ord, "øðđłþæœıß"), ("o", "d", "d", "l", "th", "ae", "oe", "l", "ss"), strict=True)
    )
    table[0x307] = ""
    return table


_FOLD = _fold_table()


def fold(word: str) -> str:
    """Return the word without case, accents and differences that engines do not see."""
    return word.casefold().translate(_FOLD).replace("rn", "m")


@dataclass(frozen=True, slots=True)
class _Known:
    """What a word may stand for: by itself, and as the end of a phrase by the word before it."""

    folded: str
    alone: tuple[str, ...]
    phrases: dict[str, tuple[tuple[str, tuple[str, ...]], ...]]


class _Lexicon:
    """Words and phrases by topic; a ``*`` ends the beginning of a word, or begins its end."""

    def __init__(self) -> None:
        self.exact: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self.stems: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self.tails: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self.stem_sizes: tuple[int, ...] = ()
        self.tail_sizes: tuple[int, ...] = ()
        self.parts: set[str] = set()

    def add(self, topic: str, phrases: Iterable[str]) -> None:
        for phrase in phrases:
            *before, last = [fold(part) for part in phrase.strip("*").split()]
            table = self.stems if phrase.endswith("*") else self.exact
            table = self.tails if phrase.startswith("*") else table
            table.setdefault(last, []).append((topic, tuple(reversed(before))))
            self.parts.update(before)
        self.stem_sizes = tuple(sorted({len(stem) for stem in self.stems}))
        self.tail_sizes = tuple(sorted({len(tail) for tail in self.tails}))

    def holds(self, folded: str) -> bool:
        """Tell whether a folded word is one of a label's."""
        return (
            folded in self.exact
            or folded in self.parts
            or any(folded[:size] in self.stems for size in self.stem_sizes)
            or any(folded[-size:] in self.tails for size in self.tail_sizes)
        )

    def ends(self, folded: str) -> bool:
        """Tell whether a word that lost a space ends a label: "myphone"."""
        ends = (folded[place:] for place in range(1, len(folded) - 4))
        return any(end in table for end in ends for table in (self.exact, self.stems, self.parts))

    def known(self, folded: str) -> _Known:
        """Return the topics that a folded word may stand for."""
        found = list(self.exact.get(folded, ()))
        for size in self.stem_sizes:
            if size > len(folded):
                break
            found += self.stems.get(folded[:size], ())
        for size in self.tail_sizes:
            found += self.tails.get(folded[-size:], ())
        phrases: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        for topic, before in found:
            if before:
                phrases.setdefault(before[0], []).append((topic, before[1:]))
        return _Known(
            folded,
            tuple(dict.fromkeys(topic for topic, before in found if not before)),
            {word: tuple(entries) for word, entries in phrases.items()},
        )


_LEXICON = _Lexicon()


def register(topic: str, words: str) -> None:
    """Add words to a topic; they are parted by commas or line breaks.

    A ``*`` behind a word stands for any ending, one before it for any beginning.
    """
    _LEXICON.add(topic, filter(None, (word.strip() for word in re.split(r"[,\n]", words))))


@lru_cache(maxsize=16384)
def _known(word: str) -> _Known:
    return _LEXICON.known(fold(word))


@lru_cache(maxsize=16384)
def is_label(word: str) -> bool:
    """Tell whether a word may end a label: of any topic, of a phrase, or of initials."""
    known = _known(word)
    return bool(known.alone or known.phrases or (len(word) == 1 and word.isalpha()))


_LONGEST = 64  # letters
_INERT, _SHORT = "----", "---"
_FIGURE = "00"
_OF = frozenset(["de", "di", "do", "da", "du", "del", "van"])
_NUMBER = "NUMBER"
"""Topic of the words for a number of any kind."""


def token(word: str) -> str:
    """Return a word if labels are made of it, else what stands for every other word or number.

    What surrounds numbers is then mostly alike, and is looked up once. Of a word longer than any
    label the end counts, so that one of a million letters costs and keeps no more than others.
    """
    return _token(word[-_LONGEST:])


@lru_cache(maxsize=16384)
def _token(word: str) -> str:
    figures = sum(map(str.isdigit, word))
    if 2 * figures > len(word) > 1:  # more digits than a misread label has
        return _FIGURE if figures == len(word) else _INERT
    folded = fold(word)
    if len(word) == 1 or _LEXICON.holds(folded):
        return word
    return _INERT if len(word) > len(_SHORT) and not _LEXICON.ends(folded) else _SHORT


def before(reversed_words: tuple[str, ...]) -> dict[str, int]:
    """Return how many words away each topic is, for the words before a place, the nearest first.

    A single letter also counts as the end of initials: "N.I.F." is "NIF".
    """
    found: dict[str, int] = {}
    distance = 0
    for index, word in enumerate(reversed_words):
        if distance >= LEFT_WORDS:
            break
        if word.isdigit():
            continue
        topics = list(_topics(reversed_words, index))
        for topic in topics:
            found.setdefault(topic, distance)
        if _numbers_something(reversed_words, index, topics):
            found.setdefault(OTHER, distance)
        if len(word) == 1:
            for topic in _known(_initials(reversed_words, index)).alone:
                found.setdefault(topic, distance)
        distance += 1
    return found


def _numbers_something(words: tuple[str, ...], index: int, topics: list[str]) -> bool:
    """Tell whether a label names a thing that no topic knows: "Locker no", "numero de reserva"."""
    following = words[index + 1 : index + 3]
    if topics == [_NUMBER]:
        return following[:1] == (_INERT,)
    return (
        words[index] == _INERT
        and len(following) > 1
        and fold(following[0]) in _OF
        and _known(following[1]).alone == (_NUMBER,)
    )


def behind(words: Sequence[str]) -> dict[str, int]:
    """Return how many words away each topic is, for the words behind a place."""
    found: dict[str, int] = {}
    for index, word in enumerate(words):
        for topic in () if word.isdigit() else _topics(words[index::-1], 0):
            found.setdefault(topic, index)
    return found


def _topics(reversed_words: Sequence[str], index: int) -> Iterator[str]:
    """Yield what a word stands for by itself and as the end of a phrase."""
    known = _known(reversed_words[index])
    yield from known.alone
    if known.phrases and index + 1 < len(reversed_words):
        for topic, rest in known.phrases.get(_known(reversed_words[index + 1]).folded, ()):
            if not rest or _follows(reversed_words, index + 2, rest):
                yield topic


def _initials(reversed_words: Sequence[str], index: int) -> str:
    letters = itertools.takewhile(lambda word: len(word) == 1, reversed_words[index : index + 6])
    return "".join(letters)[::-1]


def _follows(words: Sequence[str], index: int, prefix: tuple[str, ...]) -> bool:
    found = words[index : index + len(prefix)]
    return len(found) == len(prefix) and all(
        _known(word).folded == wanted for word, wanted in zip(found, prefix, strict=True)
    )


register(
    OTHER,
    """invoice*, fatura*, rechnung*, facture*, factura*, fattura*, factuur*, order*, siparis*,
    bestell*, commande*, pedido*, ordine*, encomenda*, ref, reference*, referenz*, referans*,
    referencia*, riferimento*, referentie*, receipt*, fis no, makbuz*, quittung*, beleg*,
    recu*, recibo*, ricevuta*, bon nr, serial*, seri no, seriennummer*, serie, product*,
    urun*, produkt*, produit*, producto*, prodotto*, produto*, artikel*, article*, articulo*,
    articolo*, sku, isbn, issn, ean, upc, gtin, barcode*, barkod*, imei, meid, iccid, vin,
    chassis*, sasi*, iban, swift, bic, tracking*, takip*, sendung*, suivi, kargo*, zip,
    postal, postcode*, posta kodu, plz, version*, surum*, model*, amount*, total*, toplam*,
    tutar*, betrag*, montant*, importe*, importo*, bedrag*, subtotal, summe*, unix,
    timestamp*, epoch, batch*, lot, ticket*, bilet*, account*, hesap*, konto*, compte,
    cuenta*, conto, conta, rekening*, contract*, sozlesme*, vertrag*, contrat*, contratto*,
    document*, belge*, dosya*, aktenzeichen*, dossier*, policy, police*, polis, part, patent*,
    rfc, port, pid, room, oda, floor, kat, page, sayfa, seite, code, kod, kodu, transaction*,
    islem*, txn, session*, build*, revision*, commit*, case, claim*, gst, vat, mwst, kdv, tva,
    iva, btw, mac, price*, fiyat*, preis*, prix, prezzo*, precio*, preco*, prijs*, item*,
    stok*, stock*, qty, inventory*, approval*, onay*, auth*, trace*, terminal*, merchant*,
    isyeri*, batch, stan, rrn, coordinates*, latitude*, longitude*, weight, height, score*,
    vergi dairesi, mersis*, sicil*, bitcoin*, wallet*, cuzdan*, ip, ipv4, ipv6, dns, bytes,
    sektor, sector, chapter, section, customer no, customer number, customer id, musteri no,
    musteri numarasi, kundennummer*, kunden nr, numero client, client no, client id,
    numero cliente, klantnummer*, type, typ, tip, tipo, codes, range, series, sayac*, tesisat*,
    abone*, uye, uyelik*, member, membership*, mitglied*, adherent*, socio, lidnummer, library,
    loyalty, meter, zahler*, compteur*, contador*, contatore*, subscriber*, voucher*, coupon*,
    kupon*, cupon*, gutschein*, buono, locker*, raf, reyon, koli, palet, depo, lager*, regal,
    palette*, shelf, rack, aisle, pallet*, carton, warehouse, scaffale, estante*, lotto, loto,
    lottery, siret, siren, rcs, kvk, hrb, hra, naf, ape, eori, duns, lei, isin, cusip, sedol, wkn,
    gln, sscc, figi, asin, oclc, lccn, nsn, imo, mmsi, awb, mrn, msn, cas, einecs, hs code, gtip,
    tarif*, cpv, nace, mpan, icao, metar, doi, orcid, isni, isrc, ismn, iswc, pmid, uuid*, guid*,
    parcel*, parsel*, pafta, tapu, parzelle*, flurstuck*, parcelle*, parcela*, docket,
    *nummer, *numarasi""",
)
register(
    _NUMBER,
    "no, nos, nr, num, numara*, number, numbers, nummer, nummern, numero, numeros, numer, nro",
)
register(
    "FILLER",
    """de, di, do, da, du, del, van,
    this, that, your, their, with, under, called, reach, have, from, unser*, meine*, seine*,
    ihre*, deine*, unter, lautet, notre, votre, sous, nuestro, vuestro, bajo, nostro, vostro, sotto,
    nosso, vosso, onze, jullie, onder, benim, senin, onun, bizim, sizin, onlarin, asagidaki""",
)
