"""Email addresses.

Format: RFC 5321 section 4.1.2 and RFC 5322 section 3.4.1 (dot-atom local parts), RFC 6531
(international addresses). The domain must stand under a public suffix. Read with a sign for the
at ("©", "(at)", "[at]"), with spaces around it and with a comma for a point, where the suffix
confirms.
"""

import re
from collections.abc import Iterator

from ocr_service.entities import context, hosts
from ocr_service.entities.entity import Correction, EntityType
from ocr_service.entities.pattern import Finding, Source, words

TYPE = EntityType.EMAIL
context.register(
    TYPE,
    """email*, mail*, e posta, eposta*, posta, courriel, correo*, posta elettronica, kontakt,
    contact*, iletisim, adresse""",
)

_SHORT_WORD = 3
_AT = r"@|©|®|\s?[\[({]\s?(?:at|AT|a|@)\s?[\])}]\s?"
_HINT = re.compile(r"[@©®]|[\[({]\s?(?:at|a)\s?[\])}]", re.IGNORECASE)
_PATTERN = re.compile(
    rf"(?P<gap>[ \t]?)(?P<at>{_AT})(?P<after>[ \t]?)"
    rf"(?P<host>\[?[\w-]{{1,63}}(?:[ ]?(?:{hosts.DOTS}|,)[ ]?[\w-]{{1,63}}){{1,8}})",
    re.IGNORECASE,
)
_LOCAL = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}")  # on the reversed text
_PIECE = re.compile(rf"[ ]?(?:{hosts.DOTS}|,)[ ]?", re.IGNORECASE)
_STRICT = re.compile(rf"[\w-]{{1,63}}(?:{hosts.DOTS}[\w-]{{1,63}}){{1,9}}", re.IGNORECASE)
_OPENERS = "'\"`{}|*/=&#$^~+-.!?%"
_IRISH = re.compile(r"(?:^|[._-])o$", re.IGNORECASE)  # o'neill
_CJK = re.compile(r"[\u2e80-\u9fff\uac00-\ud7af\u3040-\u30ff]")


def find(source: Source) -> Iterator[Finding]:
    """Yield the addresses of a text."""
    yield from addresses(source)


def addresses(source: Source) -> list[Finding]:
    """Return the addresses of a text; kept, because combolist lines begin with them."""
    kept = source.memo.get(TYPE)
    if isinstance(kept, list):
        return kept
    found = list(_addresses(source))
    source.memo[TYPE] = found
    return found


def _addresses(source: Source) -> Iterator[Finding]:
    view = source.view
    for hint in _HINT.finditer(view):
        begin = hint.start()
        match = begin and _PATTERN.match(view, begin - (view[begin - 1] in " \t"))
        if not match:
            continue
        finding = judge(source, match)
        if finding is not None:
            yield finding


def judge(source: Source, match: re.Match[str]) -> Finding | None:
    """Return the finding for an at sign followed by something like a host, or None."""
    view = source.view
    plain_at = match["at"] == "@"
    strict = _STRICT.match(view, match.start("host"))
    if strict is not None and view[strict.end() : strict.end() + 1] == "@":
        return None
    tight = not match["gap"] and not match["after"]
    local = _local(view, match.start(), ascii_only=match["host"].isascii())
    if not local or (not tight and not _parted(source, match, local)):
        return None
    host, length, repairs = _host(view, match.start("host"), match["host"])
    if host is None:
        return None
    if view[match.start("host") + length : match.start("host") + length + 1] == "@":
        return None
    start = match.start() - len(local)
    corrections: list[Correction] = []
    if match["gap"] + match["at"] + match["after"] != "@":
        if not plain_at and "." not in local and len(local) < 3:
            return None
        corrections.append(Correction(len(local), match["gap"] + match["at"] + match["after"], "@"))
    offset = match.start("host") - start
    corrections.extend(Correction(offset + at, was, now) for at, was, now in repairs)
    return Finding(
        start,
        match.start("host") + length,
        f"{local}@{host.name}",
        0.97,
        corrections=tuple(corrections),
    )


def _parted(source: Source, match: re.Match[str], local: str) -> bool:
    """Tell whether the spaces around an at sign are misread; in "to @debian.org" they are not."""
    return len(local) > _SHORT_WORD or source.around(match.start(), match.end()).has(TYPE)


def _local(view: str, end: int, *, ascii_only: bool) -> str:
    found = _LOCAL.match(view[max(0, end - 64) : end][::-1])
    if found is None:
        return ""
    local = found.group()[::-1]
    if ascii_only:  # prose without spaces runs into an ASCII address
        cut = [hit.end() for hit in _CJK.finditer(local)]
        if cut and cut[-1] < len(local):
            local = local[cut[-1] :]
    for sign in "=/|`'{}&?#*":  # what stands before these belongs to a query, a path or a quote
        before, _, after = local.rpartition(sign)
        if not (sign == "'" and _IRISH.search(before)):
            local = after
    local = local.lstrip(_OPENERS)
    return "" if local.endswith(".") or ".." in local else local


def _host(
    view: str, start: int, written: str
) -> tuple[hosts.Host | None, int, list[tuple[int, str, str]]]:
    """Return the host, its length in the text, and its repairs with offsets into it."""
    strict = _STRICT.match(view, start)
    if strict is not None:
        name = strict.group().rstrip("-_")
        host = _longest(name)
        if host is not None:
            return host, len(host.name) if name.lower().startswith(host.name) else len(name), []
    pieces = _PIECE.split(written)
    gaps = list(_PIECE.finditer(written))
    for count in range(2, len(pieces) + 1):
        last = pieces[count - 1]
        name = ".".join(pieces[:count])
        host = hosts.parse(name) if last.lower() in _COMMON else hosts.repaired(name)
        if host is None:
            continue
        length = gaps[count - 2].end() + len(last)
        if (
            count < len(pieces)
            and gaps[count - 1].group() == "."
            and hosts.parse(f"{name}.{pieces[count]}")
        ):
            continue
        repairs = [
            (gap.start(), gap.group(), ".")
            for gap in gaps[: count - 1]
            if hosts.refang(gap.group()) != "."
        ]
        suffix = host.name.rpartition(".")[2]
        if suffix != last.lower():
            repairs.append((length - len(last), last, suffix))
        return host, length, repairs
    return None, 0, []


_COMMON = words(
    """
    com net org edu gov info biz tr de fr es it pt nl uk io co us ca au br ch at be
    """
)


def _longest(name: str) -> hosts.Host | None:
    """Return the host, shortened where the text ran on without a space ("a@b.com.Then")."""
    host = hosts.parse(name)
    if host is None and name.count(".") > 1:
        shorter = name.rpartition(".")[0]
        host = hosts.parse(shorter)
        if host is not None and host.suffix not in _COMMON:
            return None
    if host is not None:
        return host
    return None


def mask(text: str) -> str:
    """Keep the domain and, of more than one, the first letter."""
    at = re.search(_AT, text)
    stop = at.start() if at else len(text)
    kept = int(len(text[:stop].strip()) > 1)
    return text[:kept] + re.sub(r"\S", "*", text[kept:stop]) + text[stop:]
