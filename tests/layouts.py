"""Page layouts with known reading order and known rows, as a detector's boxes: nothing is drawn."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from ocr_service.results import BoundingPoly, Line, Point, Word
from tests.drawn import SENTENCES

Row = list[Line]  # pieces that stand side by side and are read as one line
PITCH = 1.45  # heights of a line from one to the next
ADVANCE = 0.5  # heights of a line from one character to the next

NAMES = ("Brown bread", "Milk", "Green tea 20 bags", "Washing powder", "Apples", "Rice 5 kg")
LABELS = ("Name", "Street", "Town", "Date of birth", "Telephone", "Occupation", "Employer")
VALUES = ("Ada Novak", "12 Mill Lane", "Leeds", "3 May 1961", "0113 496 0021", "Clerk", "Post")


def piece(text: str, x: float, y: float, size: float) -> Line:
    """A line of that height whose box begins at (x, y)."""
    step = ADVANCE * size
    words, at = [], 0
    for token in text.split():
        left, at = x + at * step, at + len(token)
        box = BoundingPoly.box(left, y, x + at * step, y + size)
        words.append(Word(token, box, 0.9))
        at += 1
    return Line(tuple(words), BoundingPoly.box(x, y, x + len(text) * step, y + size))


@dataclass
class Sheet:
    """Rows in reading order, written from top to bottom."""

    random: random.Random
    size: float
    y: float
    rows: list[Row]

    @classmethod
    def of(cls, seed: int) -> "Sheet":
        source = random.Random(seed)  # noqa: S311  # not for secrets
        return cls(source, source.uniform(12, 30), source.uniform(20, 90), [])

    def row(self, *cells: tuple[float, str], size: float = 1.0) -> None:
        """Write cells at places given in heights of a line."""
        height = self.size * size
        self.rows.append([piece(text, x * self.size, self.y, height) for x, text in cells])
        self.y += height * PITCH

    def space(self, lines: float = 1.0) -> None:
        self.y += lines * self.size * PITCH

    def prose(self, x: float, width: float, lines: int, size: float = 1.0) -> None:
        """Write that many lines, left at `x`, up to `width` heights of a line wide."""
        room = int(width / ADVANCE / size)
        text = ""
        while lines:
            text = f"{text} {self.random.choice(SENTENCES)}.".strip()
            while len(text) > room and lines:
                end = text.rfind(" ", 0, room + 1)
                self.row((x, text[:end]), size=size)
                text, lines = text[end + 1 :], lines - 1

    def beside(self, *columns: Callable[[], None]) -> None:
        """Write columns side by side, read one after the other."""
        top, lowest = self.y, self.y
        for column in columns:
            self.y = top
            column()
            lowest = max(lowest, self.y)
        self.y = lowest

    def price(self, right: float, least: int = 1) -> tuple[float, str]:
        text = f"{self.random.randint(least, 999)}.{self.random.randint(0, 99):02}"
        return right - ADVANCE * len(text), text


def one_column(sheet: Sheet) -> None:
    sheet.row((2, "A walk along the harbour"), size=1.6)
    for _ in range(3):
        sheet.space()
        sheet.prose(2, 40, sheet.random.randint(3, 8))


def two_columns(sheet: Sheet) -> None:
    sheet.row((2, "Harbour Notes"), (38, "page 7"))
    sheet.space()
    sheet.row((6, "A walk along the harbour and what was seen"), size=1.6)
    sheet.space()
    lines = sheet.random.randint(12, 30)
    sheet.beside(lambda: sheet.prose(2, 19, lines), lambda: sheet.prose(22.5, 19, lines))
    sheet.space()
    sheet.row((2, "Volume 3"), (38, "Winter"))


def three_columns(sheet: Sheet) -> None:
    sheet.row((4, "What travellers waited for near the station in winter"), size=1.6)
    sheet.space()

    def second() -> None:
        sheet.prose(21, 17, 6)
        sheet.space()
        sheet.row((23, "Snow on the old pier"), size=0.8)
        sheet.space()
        sheet.prose(21, 17, 9)

    sheet.beside(lambda: sheet.prose(2, 17, 18), second, lambda: sheet.prose(40, 17, 18))


def columns_around_a_table(sheet: Sheet) -> None:
    sheet.beside(lambda: sheet.prose(2, 19, 10), lambda: sheet.prose(22.5, 19, 10))
    sheet.space(1.5)
    for name in NAMES:
        sheet.row((4, name), sheet.price(24), sheet.price(32), sheet.price(40))
    sheet.space(1.5)
    sheet.beside(lambda: sheet.prose(2, 19, 10), lambda: sheet.prose(22.5, 19, 10))


def receipt(sheet: Sheet) -> None:
    sheet.row((6, "CORNER SHOP LTD"), size=1.3)
    sheet.row((7, "12 MILL LANE LEEDS"))
    sheet.space()
    sheet.row((1, "DATE 12/03/2021"), (18, "TIME 10:42"))
    for name in sheet.random.choices(NAMES, k=sheet.random.randint(3, 12)):
        if sheet.random.random() < 0.5:
            sheet.row((1, name.upper()), sheet.price(28))
        else:
            sheet.row((1, name.upper()))
            sheet.row((2, "2 X"), (6, "4.50"), sheet.price(28))
    sheet.space()
    sheet.row((1, "TOTAL"), sheet.price(28), size=1.2)
    sheet.row((1, "CASH"), sheet.price(28))
    sheet.row((1, "CHANGE"), sheet.price(28))
    sheet.space()
    sheet.row((5, "THANK YOU COME AGAIN"))


def table(sheet: Sheet) -> None:
    sheet.row((2, "Country"), (14, "Capital"), (26, "Language"), (38, "People"))
    rows = ["Norway Oslo Norwegian", "Peru Lima Spanish", "Kenya Nairobi Swahili"]
    rows += ["Japan Tokyo Japanese", "Chad Ndjamena French", "Cuba Havana Spanish"]
    for text in sheet.random.choices(rows, k=sheet.random.randint(4, 20)):
        country, capital, language = text.split()
        sheet.row((2, country), (14, capital), (26, language), sheet.price(43, 100))


def form(sheet: Sheet) -> None:
    sheet.row((10, "APPLICATION FOR MEMBERSHIP"), size=1.3)
    sheet.space()
    for label, value in zip(LABELS, VALUES, strict=True):
        sheet.row((2, f"{label}:"), (12, value))
    sheet.space()
    for label, value in zip(LABELS, VALUES, strict=True):
        sheet.row((2, f"{label}:"), (10, value), (24, "Number:"), (30, "4711"))


def sidebar(sheet: Sheet) -> None:
    sheet.row((2, "Seven travellers near the station"), size=1.6)
    sheet.space()

    def aside() -> None:
        for text in ("In short", "Snow fell early", "Trains were late", "Nobody complained"):
            sheet.row((35, text), size=0.75)
        sheet.prose(35, 9, 10, size=0.75)

    sheet.beside(lambda: sheet.prose(2, 30, 16), aside)


def letter(sheet: Sheet) -> None:
    def sender() -> None:
        for text in ("Corner Shop Ltd", "Wholesale Department", "12 Mill Lane", "Leeds"):
            sheet.row((2, text))
        sheet.row((2, "United Kingdom"))

    def facts() -> None:
        for label, value in zip(LABELS[:5], VALUES[:5], strict=True):
            sheet.row((26, f"{label}:"), (36, value))
            sheet.space(0.4)

    sheet.beside(sender, facts)
    sheet.space(2)
    for name in NAMES:
        sheet.row((2, name), (24, "2"), sheet.price(40))
    sheet.space(2)
    sheet.beside(lambda: sheet.prose(2, 19, 6), lambda: sheet.prose(22.5, 19, 6))


LAYOUTS = (
    one_column,
    two_columns,
    three_columns,
    columns_around_a_table,
    receipt,
    table,
    form,
    sidebar,
    letter,
)


def rows_of(layout: Callable[[Sheet], None], seed: int) -> list[Row]:
    """Rows of a layout, each with its pieces, in reading order."""
    sheet = Sheet.of(seed)
    layout(sheet)
    return sheet.rows


def moved(line: Line, place: Callable[[Point], Point]) -> Line:
    """The line with each corner where `place` puts it."""

    def poly(corners: BoundingPoly) -> BoundingPoly:
        a, b, c, d = map(place, corners.vertices)
        return BoundingPoly((a, b, c, d))

    words = tuple(Word(word.text, poly(word.poly), word.confidence) for word in line.words)
    return Line(words, poly(line.poly))


def skewed(line: Line, degrees: float) -> Line:
    """The line on a page turned clockwise about its origin."""
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return moved(line, lambda p: (p[0] * cosine - p[1] * sine, p[1] * cosine + p[0] * sine))


def jittered(line: Line, source: random.Random, share: float) -> Line:
    """The line with its box moved by up to that share of its height, each way."""
    (_, top), _, (_, bottom), _ = line.poly.vertices
    x, y = (source.uniform(-share, share) * (bottom - top) for _ in "xy")
    return moved(line, lambda p: (p[0] + x, p[1] + y))


def split(line: Line, at: int) -> Row:
    """The line in two pieces, the second one from that word on."""
    return [_spanning(part) for part in (line.words[:at], line.words[at:]) if part]


def _spanning(words: tuple[Word, ...]) -> Line:
    (a, _, _, d), (_, b, c, _) = words[0].poly.vertices, words[-1].poly.vertices
    return Line(words, BoundingPoly((a, b, c, d)))
