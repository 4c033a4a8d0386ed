"""Words near a number that say what it is: "Tel", "Kart No", "TC Kimlik", "Invoice no".

Every type registers its words under a topic. For a place in a text the nearest word of each topic is
looked up, on the left as far as the label above, on the right within the line. The topic that stands
nearest decides: an invoice number that looks like a telephone number loses.

Words are compared without case and accents, and with the characters that engines confuse made equal,
so "Te1" and "TEL" are one word.
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ocr_service.entities.pattern import Source

OTHER = "OTHER"
RIVALS = ("PHONE_NUMBER", "ID_NUMBER", "CREDIT_CARD_NUMBER", "PLATE", "HASH", OTHER)

_LEFT_CHARS, _RIGHT_CHARS = 64, 32
_LEFT_WORDS, _RIGHT_WORDS = 8, 3
_FAR = 99
_WORD = re.compile(r"[^\W_]+")


def _fold_table() -> dict[int, str]:
    table = dict(zip(map(ord, "ıi1|05862"), "llllosbgz", strict=True))
    for code in range(0xC0, 0x250):
        base = unicodedata.normalize("NFD", chr(code))[0].casefold()
        if base.isascii():
            table[code] = base.translate(table)
    table[0x131] = "l"
    table[0x307] = ""
    return table


_FOLD = _fold_table()


def fold(word: str) -> str:
    """Return the word without case, accents and differences that engines do not see."""
    return word.casefold().translate(_FOLD).replace("rn", "m")


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

    def topics(self, words: list[str], index: int) -> Iterable[str]:
        """Yield the topics of the word at the index; the words go from the last to the first."""
        word = words[index]
        yield from self._fit(self.exact.get(word), words, index)
        for size in self.stem_sizes:
            if size > len(word):
                break
            yield from self._fit(self.stems.get(word[:size]), words, index)

    @staticmethod
    def _fit(
        entries: list[tuple[str, tuple[str, ...]]] | None, words: list[str], index: int
    ) -> Iterable[str]:
        for topic, before in entries or ():
            if tuple(words[index + 1 : index + 1 + len(before)]) == before:
                yield topic


_LEXICON = _Lexicon()


def register(topic: str, words: str) -> None:
    """Add words to a topic; they are parted by commas or line breaks, stems end in ``*``."""
    _LEXICON.add(topic, filter(None, (word.strip() for word in re.split(r"[,\n]", words))))


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Distance in words of the nearest word of each topic, from 0."""

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


def surroundings(source: "Source", start: int, end: int) -> Surroundings:
    """Look up the topics around a half-open range of code points."""
    view = source.view
    floor = max(0, start - _LEFT_CHARS)
    before = view[floor:start]
    if floor > 0 and view[floor - 1].isalnum():  # the window begins inside a word
        before = _WORD.sub("", before, count=1) if before[0].isalnum() else before
    # this line and the one above it, where a label may stand
    lines = before.rstrip().rsplit("\n", 2)
    before = "\n".join(lines[-2:])
    after = view[end : end + _RIGHT_CHARS].split("\n", 1)[0]
    left_words = [fold(word) for word in _WORD.findall(before)][::-1]
    right_words = [fold(word) for word in _WORD.findall(after)]
    left: dict[str, int] = {}
    distance = 0
    for index, word in enumerate(left_words):
        if distance >= _LEFT_WORDS:
            break
        for topic in _LEXICON.topics(left_words, index):
            left.setdefault(topic, distance)
        distance += 0 if word.isdigit() else 1
    right: dict[str, int] = {}
    backwards = right_words[: _RIGHT_WORDS + 2][::-1]
    for index in range(len(backwards) - 1, -1, -1):
        for topic in _LEXICON.topics(backwards, index):
            right.setdefault(topic, len(backwards) - 1 - index)
    return Surroundings(left, right)


register(
    OTHER,
    """invoice*, fatura*, rechnung*, facture*, factura*, fattura*, factuur*, order*, siparis*,
    bestell*, commande*, pedido*, ordine*, encomenda*, ref, reference*, referenz*, referans*,
    referencia*, riferimento*, referentie*, receipt*, fis no, makbuz*, quittung*, beleg*, recu*,
    recibo*, ricevuta*, bon nr, serial*, seri no, seriennummer*, serie, product*, urun*, produkt*,
    produit*, producto*, prodotto*, produto*, artikel*, article*, articulo*, articolo*, sku, isbn,
    issn, ean, upc, gtin, barcode*, barkod*, imei, meid, iccid, vin, chassis*, sasi*, iban, swift,
    bic, tracking*, takip*, sendung*, suivi, kargo*, zip, postal, postcode*, posta kodu, plz,
    version*, surum*, model*, amount*, total*, toplam*, tutar*, betrag*, montant*, importe*,
    importo*, bedrag*, subtotal, summe*, unix, timestamp*, epoch, batch*, lot, ticket*, bilet*,
    account*, hesap*, konto*, compte, cuenta*, conto, conta, rekening*, contract*, sozlesme*,
    vertrag*, contrat*, contratto*, document*, belge*, dosya*, aktenzeichen*, dossier*, policy,
    police*, polis, part, patent*, rfc, port, pid, room, oda, floor, kat, page, sayfa, seite, code,
    kod, kodu, transaction*, islem*, txn, session*, build*, revision*, commit*, case, claim*,
    customer*, musteri*, kunden*, client*, cliente*, klant*, gst, vat, mwst, kdv, tva, iva, btw,
    mac, price*, fiyat*, preis*, prix, prezzo*, precio*, preco*, prijs*, item*, stok*, stock*, qty,
    inventory*, approval*, onay*, auth*, trace*, terminal*, merchant*, isyeri*, batch, stan, rrn,
    coordinates*, latitude*, longitude*, weight, height, score*, vergi dairesi, mersis*, sicil*,
    bitcoin*, wallet*, cuzdan*, ip, ipv4, ipv6, dns, bytes, sektor, sector, chapter, section""",
)
