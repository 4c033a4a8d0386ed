# the characters themselves are meant
"""Web addresses.

Format: RFC 3986 (and RFC 3987 for international ones) with the schemes people share; without a
scheme, a host under a public suffix with a port, a path or a query. Defanged forms ("hxxp://",
"[.]") and what engines make of "://" are read too.
"""

import re
from collections.abc import Iterator

from ocr_service.entities import domain, hosts
from ocr_service.entities.address_end import trimmed
from ocr_service.entities.confusions import differences
from ocr_service.entities.entity import Correction, EntityType, UrlDetails, Validation
from ocr_service.entities.pattern import Finding, Source

TYPE = EntityType.URL

# the colon and the slashes, and what they are misread as
_MARK = re.compile(
    r"\[?[:;]\]?[ \t]?(?:/[ \t]?/|[/\\][l1I|]|[l1I|]/|/(?=\w))(?=\S)|(?<![\w:/])//(?=\w)"
)
_SCHEMES = {
    "http": "http", "https": "https", "ftp": "ftp", "ftps": "ftps", "sftp": "sftp", "ws": "ws",
    "wss": "wss", "hxxp": "http", "hxxps": "https", "hxtp": "http", "hxtps": "https",
    "meow": "http", "fxp": "ftp", "ssh": "ssh", "git": "git", "rtsp": "rtsp", "rtmp": "rtmp",
    "ldap": "ldap", "ldaps": "ldaps", "smb": "smb", "ipfs": "ipfs", "tcp": "tcp", "udp": "udp",
    "postgres": "postgres", "postgresql": "postgresql", "mysql": "mysql", "mongodb": "mongodb",
    "redis": "redis", "amqp": "amqp", "jdbc": "jdbc", "s3": "s3", "magnet": "magnet",
    "git+ssh": "git+ssh", "svn": "svn", "telnet": "telnet", "gopher": "gopher", "file": "",
}  # fmt: skip
_SCHEME = re.compile(r"[a-z0-9+]{2,12}", re.IGNORECASE)  # on the reversed text
_REST = re.compile(r"[^\s<>\"`]{1,2048}")
_AUTHORITY = re.compile(
    r"(?:(?P<user>[^\s/?#@()\[\]<>\"]{1,128})@)?(?P<host>\[[0-9a-fA-F:.]+\](?![\w.])|"
    rf"(?:{hosts.DOTS}|[^\s/?#:,;!'()\[\]{{}}<>\"|\\^])+)(?P<port>:\d{{1,5}}(?!\d))?",
    re.IGNORECASE,
)
_GAPPED = re.compile(r"[\w-]{1,63}(?:[ ]?[.][ ]?[\w-]{1,63}){1,5}(?![\w.-])")
_MISREAD_SCHEME = str.maketrans({"1": "l", "|": "l", "+": "t", "5": "s"})
_SOURCE_FILES = frozenset(["py", "md", "sh", "rs", "pl", "cc", "zip", "java", "ps", "in"])


def find(source: Source) -> Iterator[Finding]:
    """Yield the addresses of a text, those with a scheme first."""
    done = 0
    for match in _MARK.finditer(source.view):
        if match.start() < done:
            continue
        finding = judge(source, match)
        if finding is not None:
            done = finding.end
            yield finding
    for place in domain.places(source):
        if place.tail > place.end:
            finding = _without_scheme(source, place)
            if finding is not None:
                yield finding


def judge(source: Source, match: re.Match[str]) -> Finding | None:
    """Return the finding around a "://", or None where no address stands there."""
    view = source.view
    scheme, written = _scheme(view, match)
    if scheme is None:
        return None
    authority = _AUTHORITY.match(view, match.end(), match.end() + 400)
    if authority is None:
        return None
    gapped = _gapped_host(view, match.end()) if scheme else None
    if gapped is not None:
        return _with_gaps(source, match, scheme, written, gapped)
    host_text, host_end, score = _host(authority["host"], authority["port"] or "", bool(scheme))
    rest = _REST.match(view, match.end()) if host_text else None
    if rest is None:
        return None
    begin = authority.start("host") + host_end
    if host_end == len(authority["host"]):
        begin = authority.end()
        end = trimmed(view, begin, rest.end())
    else:
        end = begin
    start = match.start() - len(written)
    mark = match.group()
    if mark.endswith(":/") and hosts.parse(host_text) is None:
        return None
    repairs: tuple[Correction, ...] = ()
    if mark not in {"://", "//"}:
        repairs = (Correction(len(written), mark, "://"),)
    if scheme and written.lower() not in _SCHEMES and len(written) == len(scheme):
        repairs = (*differences(written.lower(), scheme), *repairs)
    tail = (authority["port"] or "") + view[begin:end] if begin == authority.end() else ""
    suffix, last = host_text.rpartition(".")[2], hosts.refang(authority["host"]).rpartition(".")[2]
    if suffix != last.lower() and len(host_text) != host_end and host_end == len(authority["host"]):
        repairs = (*repairs, Correction(authority.end("host") - len(last) - start, last, suffix))
    user = f"{authority['user']}@" if authority["user"] else ""
    prefix = f"{scheme}://" if scheme else "//"
    return Finding(
        start,
        end,
        f"{prefix}{user}{host_text}{tail}",
        score,
        Validation.VALID,
        repairs,
        UrlDetails(scheme, host_text),
    )


def _gapped_host(view: str, at: int) -> re.Match[str] | None:
    """Return a host with spaces beside its points, if it is one without them and none before."""
    found = _GAPPED.match(view, at, at + 200)
    if found is None or " " not in found.group():
        return None
    first = found.group().partition(" ")[0].strip(".")
    whole = found.group().replace(" ", "")
    known = hosts.parse(whole) is not None and hosts.parse(first) is None
    return found if known and not hosts.is_joined(whole) else None


def _with_gaps(
    source: Source, mark: re.Match[str], scheme: str, written: str, host: re.Match[str]
) -> Finding:
    """Return the address whose host is parted by spaces."""
    view = source.view
    start = mark.start() - len(written)
    rest = _REST.match(view, host.end())
    end = trimmed(view, host.end(), rest.end()) if rest else host.end()
    gaps = tuple(
        Correction(place - start, " ", "")
        for place in range(host.start(), host.end())
        if view[place] == " "
    )
    name = host.group().replace(" ", "").lower()
    return Finding(
        start, end, f"{scheme}://{name}{view[host.end() : end]}", 0.85, Validation.VALID, gaps,
        UrlDetails(scheme, name),
    )  # fmt: skip


def _scheme(view: str, match: re.Match[str]) -> tuple[str | None, str]:
    """Return the scheme (empty for "//", None for no address) and how it is written."""
    if match.group() == "//":
        return "", ""
    found = _SCHEME.match(view[max(0, match.start() - 12) : match.start()][::-1])
    if found is None:
        return None, ""
    written = found.group()[::-1]
    lower = written.lower()
    before = match.start() - len(written)
    for name in (lower, lower.translate(_MISREAD_SCHEME)):
        for cut in range(len(name) - 1):  # "MORE:https" is cut by the colon, "texthttp" is not one
            if cut and not view[before + cut - 1].isdigit():
                break
            scheme = _SCHEMES.get(name[cut:])
            if scheme:
                outside = view[before + cut - 1] if before + cut else ""
                if not cut and ((outside.isalpha() and outside.isascii()) or outside == "_"):
                    return None, ""
                return scheme, written[cut:]
    return None, ""


_WELL_FORMED = re.compile(r"[^\W_](?:[\w-]*[^\W_])?|[^\x00-\x7f][^\x00-\x2f]*")


def _host(written: str, port: str, with_scheme: bool) -> tuple[str, int, float]:
    """Return the host, the length of it in the text, and the score; an empty host for none."""
    if written.startswith("["):
        return written.lower(), len(written), 0.95
    name = hosts.refang(written).rstrip(".")
    length = len(written.rstrip("."))
    if "." not in name:
        return (name.lower(), length, 0.8) if _single_label(name, port) else ("", 0, 0.0)
    host = hosts.parse(name)
    if host is not None:
        return host.name, length, 0.97
    ascii_part = re.match(r"[\x21-\x7f]+", name)
    cut = hosts.parse(ascii_part.group()) if ascii_part and name == written else None
    if ascii_part and cut is not None:  # prose in another script runs on
        return cut.name, len(ascii_part.group()), 0.95
    if hosts.IPV4.fullmatch(name):
        return name, length, 0.95
    if not all(map(_WELL_FORMED.fullmatch, name.split("."))) or not with_scheme:
        return "", 0, 0.0
    fixed = hosts.repaired(name)
    if fixed is not None:
        return fixed.name, length, 0.85
    last = name.rpartition(".")[2]
    return (name.lower(), length, 0.8) if len(last) > 1 and not last.isdigit() else ("", 0, 0.0)


def _single_label(name: str, port: str) -> bool:
    """Tell whether a host without a point is one: "localhost", or a name with a port."""
    if name.lower() == "localhost":
        return True
    return bool(port or not name.isascii()) and _WELL_FORMED.fullmatch(name) is not None


def _without_scheme(source: Source, place: domain.Place) -> Finding | None:
    view = source.view
    written = view[place.start : place.end]
    tail = view[place.end : place.tail]
    host = place.host
    if not place.sure and (
        not hosts.believable(hosts.refang(written), host)
        and (host.suffix in _SOURCE_FILES or tail[:1] != "/" or len(tail) < 3)
    ):
        return None
    if tail[0] == ":" and not place.sure and hosts.is_file_name(host):
        return None  # "main.rs:12" is a line of a file
    return Finding(
        place.start,
        place.tail,
        host.name + tail,
        0.92 if place.sure else 0.85,
        Validation.VALID,
        place.corrections,
        UrlDetails("", host.name),
    )


def mask(text: str) -> str:
    """Keep the scheme and the punctuation."""
    mark = re.match(r"[A-Za-z0-9+]+\[?[:;]\]?[ \t]?/[ \t]?/", text)
    begin = mark.end() if mark else 0
    return text[:begin] + re.sub(r"[^\W_]", "*", text[begin:])
