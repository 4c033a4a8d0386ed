# ruff: noqa: RUF001  # the characters themselves are meant
"""What recognition does to text, seeded; spans are carried along."""

import random
from collections.abc import Sequence

# (what is printed, what is read, weight); after the confusion tables of common engines
CONFUSIONS: tuple[tuple[str, str, float], ...] = (
    ("0", "O", 3), ("O", "0", 3), ("o", "0", 1), ("0", "o", 1), ("0", "D", 0.5),
    ("1", "l", 3), ("1", "I", 2), ("l", "1", 3), ("I", "l", 2), ("l", "I", 2), ("i", "l", 1),
    ("1", "|", 1), ("5", "S", 3), ("S", "5", 3), ("s", "5", 0.5), ("8", "B", 3), ("B", "8", 3),
    ("2", "Z", 2), ("Z", "2", 2), ("z", "2", 0.5), ("6", "G", 2), ("G", "6", 2), ("6", "b", 0.5),
    ("9", "g", 1), ("rn", "m", 2), ("m", "rn", 2), (",", ".", 2), (".", ",", 2), (" ", "", 1.5),
    ("/", "l", 0.5), (":", ";", 1), ("@", "©", 1), ("-", "–", 1),
    ("0", "０", 0.3), ("1", "１", 0.3),    (" ", "\n", 0.5),
)  # fmt: skip
_SPACE_RATE = 0.15  # of the damaged places where nothing else fits, a space is put in


def damaged(
    text: str, spans: Sequence[tuple[int, int]], rate: float, seed: str
) -> tuple[str, list[tuple[int, int]], list[bool]]:
    """Return the text with about `rate` of its characters misread.

    Returns:
        The damaged text, the spans in it, and whether each span was hit.
    """
    dice = random.Random(f"{seed}:{rate}")  # noqa: S311  # not for secrets
    out: list[str] = []
    moved: dict[int, int] = {}
    hits: list[int] = []
    at, length = 0, 0
    while at < len(text):
        moved[at] = length
        step, piece = 1, text[at]
        if dice.random() < rate:
            fits = [item for item in CONFUSIONS if text.startswith(item[0], at)]
            if fits:
                was, piece, _ = dice.choices(fits, [item[2] for item in fits])[0]
                step = len(was)
                hits.append(at)
            elif text[at].isalnum() and dice.random() < _SPACE_RATE:
                piece += " "
                hits.append(at)
        for extra in range(1, step):
            moved[at + extra] = length
        out.append(piece)
        length += len(piece)
        at += step
    moved[len(text)] = length
    new = [(moved[start], moved[end]) for start, end in spans]
    hit = [any(start <= place < end for place in hits) for start, end in spans]
    return "".join(out), new, hit
