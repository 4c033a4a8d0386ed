# ruff: noqa: RUF001  # the characters themselves are meant
"""Words near a number that say what it is: "Tel", "Kart No", "TC Kimlik", "Invoice no".

Every type registers its words under a topic. For a place in a text the nearest word of each
topic is looked up, on the left as far as the label above, on the right within the line. The
topic that stands nearest decides: an invoice number that looks like a telephone number loses.

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

_LEFT_CHARS, _RIGHT_CHARS = 64, 32
_LEFT_WORDS, _RIGHT_WORDS = 8, 3
_FAR = 99
_FIGURE = "00"
"""Stands for every number: what labels one does not depend on the others, and is looked up once."""
# the signs above and below letters of Thai, Indic, Arabic and Hebrew script are no letters to \w
_SIGNS = (
    "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094d"
    "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
)
_WORD = re.compile(rf"[^\W_]+(?:[{_SIGNS}]+[^\W_]*)*")


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
    """Words and phrases by topic; a word that ends in ``*`` is a stem."""

    def __init__(self) -> None:
        self.exact: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self.stems: dict[str, list[tuple[str, tuple[str, ...]]]] = {}
        self.stem_sizes: tuple[int, ...] = ()

    def add(self, topic: str, phrases: Iterable[str]) -> None:
        for phrase in phrases:
            *before, last = [fold(part) for part in phrase.rstrip("*").split()]
            table = self.stems if phrase.endswith("*") else self.exact
            table.setdefault(last, []).append((topic, tuple(reversed(before))))
        self.stem_sizes = tuple(sorted({len(stem) for stem in self.stems}))

    def known(self, folded: str) -> _Known:
        """Return the topics that a folded word may stand for."""
        found = list(self.exact.get(folded, ()))
        for size in self.stem_sizes:
            if size > len(folded):
                break
            found += self.stems.get(folded[:size], ())
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
    """Add words to a topic; they are parted by commas or line breaks, stems end in ``*``."""
    _LEXICON.add(topic, filter(None, (word.strip() for word in re.split(r"[,\n]", words))))


@lru_cache(maxsize=16384)
def _known(word: str) -> _Known:
    return _LEXICON.known(fold(word))


def is_label(word: str) -> bool:
    """Tell whether a word may end a phrase of any topic."""
    known = _known(word)
    return bool(known.alone or known.phrases)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Distance in words of the nearest word of each topic, from 0.

    Places with the same words around them share the dictionaries, which are never changed.
    """

    left: dict[str, int]
    right: dict[str, int]

    def distance(self, topic: str) -> int:
        """Words between the place and the topic, on the nearer side; 99 where it is absent."""
        # a label stands before its number, so the right side counts as farther
        return min(self.left.get(topic, _FAR), self.right.get(topic, _FAR - 4) + 4)

    def has(self, topic: str) -> bool:
        """Tell whether a word of the topic stands near."""
        return topic in self.left or topic in self.right

    def strength(self, topic: str) -> float:
        """0 where the topic is absent or a rival stands nearer, else up to 1 for a label beside."""
        own = self.distance(topic)
        if own >= _FAR or self.rival(topic) is not None:
            return 0.0
        return 1.0 if own <= 2 else max(0.5, 1.0 - 0.08 * (own - 2))

    def rival(self, topic: str) -> str | None:
        """Return the topic of another kind of number that labels the place instead, if any."""
        own = self.left.get(topic, _FAR)
        best, nearest = None, own
        for name in RIVALS:
            if name != topic and self.left.get(name, _FAR) < nearest:
                best, nearest = name, self.left[name]
        return best if nearest <= 5 else None


def _row(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(_FIGURE if len(word) > 1 and word.isdigit() else word for word in words)


def on_the_left(view: str, start: int) -> dict[str, int]:
    """Look up the topics before a place: on its line and, for a label, on the line above."""
    floor = max(0, start - _LEFT_CHARS)
    before = view[floor:start]
    if "\n" in before:
        before = "\n".join(before.rstrip().rsplit("\n", 2)[-2:])
    words = _WORD.findall(before)
    if words and floor and view[floor - 1].isalnum() and len(before) == start - floor:
        del words[:1]  # the window begins inside a word
    return _left_topics(_row(reversed(words)))


@lru_cache(maxsize=4096)
def _left_topics(reversed_words: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    distance = 0
    for index, word in enumerate(reversed_words):
        if distance >= _LEFT_WORDS:
            break
        if word.isdigit():
            continue
        for topic in _topics(reversed_words, index):
            found.setdefault(topic, distance)
        distance += 1
    return found


def _topics(reversed_words: Sequence[str], index: int) -> Iterator[str]:
    """Yield what a word of a row stands for, with those before it or as the end of initials."""
    yield from _of_phrases(reversed_words, index)
    if len(reversed_words[index]) == 1:
        yield from _known(_initials(reversed_words, index)).alone


def _of_phrases(reversed_words: Sequence[str], index: int) -> Iterator[str]:
    known = _known(reversed_words[index])
    yield from known.alone
    if known.phrases and index + 1 < len(reversed_words):
        for topic, rest in known.phrases.get(_known(reversed_words[index + 1]).folded, ()):
            if not rest or _follows(reversed_words, index + 2, rest):
                yield topic


def on_the_right(view: str, end: int) -> dict[str, int]:
    """Look up the topics behind a place, on its line."""
    after = view[end : end + _RIGHT_CHARS]
    words = _WORD.findall(after.partition("\n")[0])[: _RIGHT_WORDS + 2]
    return _right_topics(_row(words))


@lru_cache(maxsize=4096)
def _right_topics(words: tuple[str, ...]) -> dict[str, int]:
    found: dict[str, int] = {}
    for index, word in enumerate(words):
        for topic in () if word.isdigit() else _of_phrases(words[index::-1], 0):
            found.setdefault(topic, index)
    return found


def _initials(reversed_words: Sequence[str], index: int) -> str:
    """Return single letters in a row as one word: "N.I.F." is "NIF"."""
    letters = itertools.takewhile(lambda word: len(word) == 1, reversed_words[index : index + 6])
    return "".join(letters)[::-1]


def _follows(words: Sequence[str], index: int, prefix: tuple[str, ...]) -> bool:
    before = words[index : index + len(prefix)]
    return len(before) == len(prefix) and all(
        _known(word).folded == wanted for word, wanted in zip(before, prefix, strict=True)
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
    numero cliente, klantnummer*""",
)
