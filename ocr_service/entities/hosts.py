"""Host names: what emails, domains and URLs share.

Syntax after RFC 1123 section 2.1 and RFC 5891 (international labels); the suffix must be on the
Public Suffix List (publicsuffix.org), in the copy that tldextract carries: nothing is fetched.
"""

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from ocr_service.entities.confusions import readings
from ocr_service.entities.pattern import words

if TYPE_CHECKING:
    from tldextract import TLDExtract

DOTS = r"(?:\.|\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[d0t\])"
"""A point, plain or defanged."""

# Suffixes that are believed in running text; the others need a sign that a host is meant.
_GENERIC = words(
    """
    com net org edu gov mil int biz io co ai tv me eu asia xyz online site tech shop store
    club website cloud blog agency email app dev global group solutions bank travel jobs tel
    museum coop aero mobi info pro top wiki news live link space digital academy center
    """
)
# Country codes that are words or file endings as often as they are countries.
_AMBIGUOUS = words(
    """
    lt gt ge bg ad ag ai al am an as at ba be bi bo bs by cc cd cf cl cr cs cv cx cy do ee er
    es et fm gm gp gs gu hm id im in is it js ki km la lb li ls lu ly ma md me mg mh mk ml mm
    mo mp ms mu mv mx my na nc ne nf ng ni no np nu om pa pe pf pg ph pk pl pm pn pr ps pt pw
    py re rs sb sc sd se sh si so sr st su sv sy tc td tf th tl tm tn to tv us va vc ve vg vi
    vu ws ye zip mov name host dev app info pro top live link space run zone map data date now
    next page style win cool email bank sc java final plus center wiki group bar new call red
    blue here open build work show land life box cat bin pub tips works rip gal how foo day
    dad ing test tel int app
    """
)
_WORDS = words(
    """
    am an as at be by do go he if in is it ma me my no of on or so to up us we
    al da de el en er et la le li lo mi na ne ni od po sa se si su te tu un va ve vi ya za
    """
)
_LONG = 9  # letters
_FILE_ENDINGS = words(
    """
    md py rs sh pl cc so ps zip mov ai cs ml vi tm ac la am pm st id in do hm as ms app java
    tf bin cat ini mk mo gp link pid data
    """
)
_REPAIRABLE = words(
    """
    com net org edu gov info biz io co tr de fr es it pt nl be at ch uk us ca au br in jp se
    no dk fi pl ru eu gr ro hu cz ie my sg
    """
)
_LABEL = re.compile(r"[^\W_](?:[\w-]{0,61}[^\W_])?|_[\w-]{1,62}", re.UNICODE)
_REFANG = re.compile(r"\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[d0t\]", re.IGNORECASE)
IPV4 = re.compile(r"(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)\.){3}(?:25[0-5]|2[0-4]\d|1?\d?\d)")


@dataclass(frozen=True, slots=True)
class Host:
    """A host name under a public suffix.

    Attributes:
        name: Lower-case, refanged, misread suffix repaired.
        registrable: The part registered under the suffix.
        suffix: The public suffix.
    """

    name: str
    registrable: str
    suffix: str


@cache
def _extractor() -> "TLDExtract":
    import tldextract  # loads the list: only when a host is seen

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def refang(text: str) -> str:
    """Return the text with defanged points made plain."""
    return _REFANG.sub(".", text)


@lru_cache(maxsize=4096)
def parse(name: str) -> Host | None:
    """Return the host if its labels are well formed and its suffix is public, else None."""
    name = refang(name).lower().rstrip(".")
    labels = name.split(".")
    if len(labels) < 2 or len(name) > 253 or labels[-1].isdigit():
        return None
    if not all(_LABEL.fullmatch(label) for label in labels) or "_" in labels[-2]:
        return None
    found = _extractor()(name)
    if not found.domain and len(labels) > 2 and found.suffix == name:
        return Host(name, name, name.partition(".")[2])  # a name below "*.sch.uk"
    if not found.suffix or not found.domain:
        return None
    return Host(name, f"{found.domain}.{found.suffix}", found.suffix)


def repaired(name: str) -> Host | None:
    """Return the host after its misread suffix is repaired, such as "example.c0m"; else None."""
    front, _, last = refang(name).lower().rpartition(".")
    if last.isdigit():
        return None
    for reading in readings(last, _REPAIRABLE):
        host = parse(f"{front}.{reading}")
        if host is not None:
            return host
    return None


def believable(name: str, host: Host) -> bool:
    """Tell whether a host is believed in running text without any other sign.

    A file name, an attribute in source code and two sentences without a space between them look
    like hosts under rare suffixes.
    """
    last = host.name.rpartition(".")[2]
    if is_joined(name):
        return False
    if "." in host.suffix:  # co.uk, com.tr: nobody writes those by chance
        return True
    if last in _AMBIGUOUS:
        return False
    return last in _GENERIC or len(last) == 2 or last.startswith("xn--") or not last.isascii()


def distinctive(name: str, host: Host) -> bool:
    """Tell whether a host under a suffix that is also a word is believed for its name.

    Attributes in source code are short or joined by underscores; a sentence that lost the space
    behind its point goes on with a capital, or with a short word of its language.
    """
    last = host.suffix
    label = host.registrable.removesuffix(f".{last}")
    if last in _FILE_ENDINGS or "_" in name or name != name.lower() or not label.isascii():
        return False
    if len(last) > 2 and last not in _GENERIC:
        return False
    if "-" in label:
        return True
    if len(last) > 2 and last != "info":
        return False
    return len(label) >= _LONG and last not in _WORDS


def ends_in_word(host: Host) -> bool:
    """Tell whether the last label is a word that attributes in source code are named by."""
    last = host.name.rpartition(".")[2]
    if len(last) < 3 or not last.isascii() or last.startswith("xn--"):
        return False
    return last in _AMBIGUOUS or last not in _GENERIC


def is_joined(name: str) -> bool:
    """Tell whether a capital after the last point shows two sentences or words: "done.It"."""
    return name.rpartition(".")[2][:1].isupper() and not name.isupper()


def is_file_name(host: Host) -> bool:
    """Tell whether a two-label name is more likely a file than a host."""
    return host.name.count(".") == 1 and host.suffix in _FILE_ENDINGS
