"""Internet domain names.

Format: RFC 1123 section 2.1, RFC 5891 for international names, and the Public Suffix List
(publicsuffix.org). Under rare suffixes, and where a suffix is also a file ending or a word, a
sign is needed that a host is meant: "www.", a path, a word like "domain" near, or nothing else
in the text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ocr_service.entities import context, hosts
from ocr_service.entities.address_end import trimmed
from ocr_service.entities.entity import Correction, DomainDetails, EntityType, Validation
from ocr_service.entities.pattern import Finding, Source

TYPE = EntityType.DOMAIN
context.register(
    TYPE,
    """domain*, website*, web, webseite, site, sitio, sito, sitesi, siteye, visit, host, hostname,
    server, sunucu, dns, nameserver*, url, link, internet, alan adi, adresi, dominio*, domaine*,
    domein*, homepage, www, resolve*, whois, besuchen, visitez, visite, ziyaret, blocked,
    sinkhole""",
)

# From a point on, so that words without one cost nothing.
_POINT = re.compile(rf"[\w-](?:{hosts.DOTS}|,(?=(?:com|net|org)\b))[^\W_]", re.IGNORECASE)
_HOST = re.compile(
    rf"(?<![\w@.-])(?:[\w-]{{1,63}}(?:{hosts.DOTS})){{1,9}}[^\W_][\w-]{{1,62}}", re.IGNORECASE
)
_WWW = re.compile(
    r"(?<!\w)(?:www|wvvw|vvww|wwvv|wwww?|vwvw)(?P<sep>\s?[.,]\s?)(?P<rest>[\w-]{1,63}"
    r"(?:\s?[.,]\s?[\w-]{2,63}){1,5})",
    re.IGNORECASE,
)
_RUN_BACK = re.compile(r"[\w.\[\](){}-]+")
_RUN = re.compile(r"[\w.-]+")
_TAIL = re.compile(r"(?::\d{2,5}(?!\d))?(?:[/?#][^\s<>\"`]*)?")
_NEXT_BRACKET = re.compile(r".*[\])}](?=[\[({])")
_LABEL_END = re.compile(r"\w[:]?[ ]+['\"(]?$")
# said of places on the net; those of English stand before attributes in comments, too
_PREPOSITION = re.compile(r"(?<!\w)(?:auf|bei|unter|sur|chez|en|em|su|presso|op|bij|på|hos|na)[ ]$")
_LONG_ENOUGH = 8
_CALL = re.compile(r"[ ]?(?:[(=]|\[(?!\d+(?:\.\d+){3}\]))|[ ]?:=|->|::|@|['\"]\]")


@dataclass(frozen=True, slots=True)
class Place:
    """A host in a text.

    Attributes:
        start: First code point of the host.
        end: One past its last.
        host: What it is.
        tail: One past the last code point of the port, path or query after it; `end` without them.
        sure: Whether something other than the suffix says that a host is meant.
        corrections: Repairs of the host, offsets from its start.
    """

    start: int
    end: int
    host: hosts.Host
    tail: int
    sure: bool
    corrections: tuple[Correction, ...] = ()


def places(source: Source) -> list[Place]:
    """Return the hosts of a text that stand without a scheme, in order; kept for the URL module."""
    kept = source.memo.get("places")
    if isinstance(kept, list):
        return kept
    found = [*_misread(source), *_plain(source)]
    source.memo["places"] = found
    return found


def _plain(source: Source) -> Iterator[Place]:
    view = source.view
    done = 0
    for point in _POINT.finditer(view):
        if point.start() < done:
            continue
        floor = max(done, point.start() - 200)
        run = _RUN_BACK.match(view[floor : point.end() - 1][::-1])
        begin = point.end() - 1 - len(run.group()) if run else point.start()
        if bracket := _NEXT_BRACKET.match(view, begin, point.start()):
            begin = bracket.end()
        while begin < point.start() and view[begin] in "([{.-":
            begin += 1
        match = _HOST.match(view, begin, min(len(view), point.end() + 260))
        if match is None:
            run = _RUN.match(view, point.start())
            done = run.end() if run else point.end()
            continue
        done = match.end()
        place = _judge_host(source, match.start(), match.group())
        if place is not None:
            yield place


def _judge_host(source: Source, start: int, written: str) -> Place | None:
    view = source.view
    end = start + len(written)
    written = written.rstrip("-_")
    # CJK and other letters that run on after an ASCII host
    host = hosts.parse(written)
    corrections: tuple[Correction, ...] = ()
    if host is None:
        ascii_part = re.match(r"[\x00-\x7f]+", written)
        if ascii_part and len(ascii_part.group()) < len(written):
            written = ascii_part.group()
            host = hosts.parse(written)
    if host is None:
        host = hosts.repaired(written)
        if host is None or not _has_signs(source, start, end, host):
            return None
        last, suffix = re.split(r"\.", written)[-1], host.name.rpartition(".")[2]
        corrections = (Correction(len(written) - len(last), last, suffix),)
    end = start + len(written)
    after = view[end : end + 1]
    if after == "@" or (after == "_" and end < len(view)) or _glued(view, start):
        return None
    tail = _tail_end(view, end)
    defanged = hosts.refang(written) != written
    sure = defanged or bool(corrections) or _has_signs(source, start, end, host)
    return Place(start, end, host, tail, sure, corrections)


def _glued(view: str, start: int) -> bool:
    before = view[max(0, start - 2) : start]
    return before.endswith(("/", "\\", "$", "%", "_", "-", "~")) and before != "//"


def _has_signs(source: Source, start: int, end: int, host: hosts.Host) -> bool:
    if host.name.startswith("www."):
        return True
    if source.is_bare(start, end):
        return not hosts.ends_in_word(host)
    # a label beside it, as in "Domain: example.app"; "host = self.host" is code
    line = source.view[max(0, start - 40) : start].rpartition("\n")[2]
    return source.around(start, end).left.get(TYPE, 9) == 0 and bool(_LABEL_END.search(line))


def _misread(source: Source) -> Iterator[Place]:
    """Yield hosts after a "www" with spaces, commas or misread letters in them."""
    view = source.view
    for match in _WWW.finditer(view):
        whole = match.group()
        if whole[:4].lower() == "www." and not re.search(r"[\s,]", whole):
            continue
        pieces = re.split(r"\s?[.,]\s?", match["rest"])
        gaps = list(re.finditer(r"\s?[.,]\s?", match["rest"]))
        for count in range(len(pieces), 1, -1):
            if any("\n" in gap.group() for gap in gaps[: count - 1]):
                continue
            name = "www." + ".".join(pieces[:count])
            host = hosts.parse(name) or hosts.repaired(name)
            if host is None or (count > 2 and not hosts.believable(name.lower(), host)):
                continue
            end = match.start("rest") + gaps[count - 2].end() + len(pieces[count - 1])
            written = view[match.start() : end]
            if written.lower() == host.name:
                break
            yield Place(
                match.start(),
                end,
                host,
                _tail_end(view, end),
                True,
                (Correction(0, written, host.name),),
            )
            break


def _tail_end(view: str, end: int) -> int:
    match = _TAIL.match(view, end, end + 2048)
    if match is None or match.end() == end:
        return end
    return trimmed(view, end, match.end())


def find(source: Source) -> Iterator[Finding]:
    """Yield the hosts that stand alone, without scheme, port and path."""
    for place in places(source):
        if place.tail == place.end:
            finding = judge(source, place)
            if finding is not None:
                yield finding


def judge(source: Source, place: Place) -> Finding | None:
    """Return the finding for a host, or None where a file name or an attribute is more likely."""
    view = source.view
    written = view[place.start : place.end]
    if (
        written.startswith(("self.", "this."))
        or view.startswith("()", place.end)
        or (hosts.is_joined(written) and written[:4].lower() != "www.")
    ):
        return None
    if not place.sure and (
        hosts.is_file_name(place.host)
        or not _believable(source, place)
        or _CALL.match(view, place.end)
    ):
        return None
    if place.sure and hosts.is_file_name(place.host) and source.is_bare(place.start, place.end):
        return None
    return Finding(
        place.start,
        place.end,
        place.host.name,
        0.95 if place.sure else 0.8,
        Validation.VALID,
        place.corrections,
        DomainDetails(place.host.registrable, place.host.suffix),
    )


def _believable(source: Source, place: Place) -> bool:
    """Tell whether a host without a sign is one rather than words of prose or of code."""
    name = hosts.refang(source.view[place.start : place.end])
    if hosts.believable(name, place.host) or hosts.distinctive(name, place.host):
        return True
    where = source.view[max(0, place.start - 12) : place.start]
    return bool(_PREPOSITION.search(where)) and len(name) >= _LONG_ENOUGH and name == name.lower()


def mask(text: str) -> str:
    """Keep the points and what follows the last one."""
    front, point, last = text.rpartition(".")
    return re.sub(r"[^\W_]", "*", front) + point + last
