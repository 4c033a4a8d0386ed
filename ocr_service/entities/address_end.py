# ruff: noqa: RUF001  # the characters themselves are meant
"""Where a web address ends: the punctuation of the sentence around it is left out."""

import re

_TRAILING = ".,;:!?'\"*…>»”’_~|"
_CLOSER = {"(": ")", "[": "]", "{": "}"}
_PAIRS = frozenset(_CLOSER.values())
_BRACKET = re.compile(r"[()\[\]{}]")
_IDEOGRAPH = re.compile(
    r"(?<=[\w.=&%-])[\u3000-\u303f\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af\uff00-\uffef]"
)


def trimmed(view: str, start: int, end: int) -> int:
    """Return the end of an address without the punctuation of the sentence around it.

    Args:
        view: The text.
        start: Where the part after the host begins.
        end: Where characters that no address holds begin.
    """
    cut = _IDEOGRAPH.search(view, start, end)
    if cut is not None:
        end = cut.start()
    depth = dict.fromkeys(_PAIRS, 0)
    for bracket in _BRACKET.finditer(view, start, end):
        sign = bracket.group()
        if sign in _PAIRS:
            depth[sign] -= 1
            if depth[sign] < 0:  # closes what was opened before the address
                end = bracket.start()
                break
        else:
            depth[_CLOSER[sign]] += 1
    while end > start and (view[end - 1] in _TRAILING or view[end - 1] in _CLOSER):
        end -= 1
    return end
