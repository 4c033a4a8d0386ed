"""Digests and password hashes.

Formats: hexadecimal digests after FIPS 180-4 (SHA-1, SHA-2), FIPS 202 (SHA-3) and RFC 1321
(MD5), of exactly their lengths; modular crypt formats after crypt(5), PHC strings (argon2,
scrypt, pbkdf2) and RFC 2307 ("{SSHA}"). UUIDs, colours, MAC and IPv6 addresses and plain numbers
are none.
"""

import re
from collections.abc import Iterator

from ocr_service.entities import context
from ocr_service.entities.confusions import differences
from ocr_service.entities.entity import Correction, EntityType, HashDetails, Validation
from ocr_service.entities.pattern import Finding, Source

TYPE = EntityType.HASH
context.register(
    TYPE,
    """hash*, md5*, md4, sha*, ntlm*, digest*, checksum*, fingerprint*, thumbprint*, parmak izi,
    ozet*, prufsumme*, empreinte*, huella*, impronta*, sum, password*, passwort*, parola*,
    sifre*, pass, pwd, contrasena*, senha*, wachtwoord*, bcrypt, crypt, sagest, integrity""",
)

_IDENTIFIER = "IDENTIFIER"
context.register(
    _IDENTIFIER,
    """uuid*, guid*, trace*, span*, request id, correlation id, session id, machine id, device id,
    request, traceparent, correlation, span id, trace id, requestid, traceid""",
)
_UUID = 32
"""Digits of a UUID (RFC 9562) and of a W3C trace identifier."""

_BY_LENGTH: dict[int, tuple[str, ...]] = {
    16: ("mysql323", "crc64"),
    32: ("md5", "ntlm", "md4", "lm", "md2", "ripemd-128"),
    40: ("sha1", "ripemd-160", "mysql5"),
    48: ("tiger-192",),
    56: ("sha224", "sha3-224", "sha512/224"),
    64: ("sha256", "sha3-256", "blake2s", "sha512/256", "keccak-256"),
    96: ("sha384", "sha3-384"),
    128: ("sha512", "sha3-512", "blake2b", "whirlpool"),
}
_NEEDS_WORD = frozenset({16, 48})
_LENGTHS = frozenset(_BY_LENGTH)

# Digits and a-f, and what the digits among them are misread as.
_HEX = re.compile(r"(?<!\w)[0-9a-fA-FOoIliSsZzGgq|]{16,129}(?![^\W_])")
_BROKEN = re.compile(r"\b[0-9a-fA-FOoIliSsZz]{6,126}(?:[ \n][0-9a-fA-FOoIliSsZz]{4,126}){1,7}\b")
_PAIRS = re.compile(r"\b(?<!:)[0-9a-fA-F]{2}(?:[: \n][0-9a-fA-F]{2}){15,63}(?![\w:])")
_UUID_LIKE = re.compile(r"[-.:@]")
_ONLY_HEX = re.compile(r"[0-9a-fA-F]+")
_IN_LOWER = str.maketrans("BGD", "860")
_IN_UPPER = str.maketrans("b", "6")
_LABELLED = str.maketrans("gq", "99")
_TO_HEX = str.maketrans("OoIli|SsZz", "0011115522")

_B64 = r"[./A-Za-z0-9]"
_CRYPT = re.compile(
    r"(?<![\w$])(?:"
    rf"(?P<bcrypt>\$2[abxy]?\$\d\d\${_B64}{{53}})"
    rf"|(?P<sha512crypt>\$6\$(?:rounds=\d{{1,9}}\$)?[^$\s:]{{0,16}}\${_B64}{{86}})"
    rf"|(?P<sha256crypt>\$5\$(?:rounds=\d{{1,9}}\$)?[^$\s:]{{0,16}}\${_B64}{{43}})"
    rf"|(?P<md5crypt>\$1\$[^$\s:]{{0,8}}\${_B64}{{22}})"
    rf"|(?P<apr1>\$apr1\$[^$\s:]{{0,8}}\${_B64}{{22}})"
    r"|(?P<argon2>\$argon2(?:id|i|d)\$(?:v=\d+\$)?[mtp]=\d+(?:,[mtp]=\d+){0,3}(?:,[a-z]+=[\w+/]+){0,2}"
    r"\$[A-Za-z0-9+/]{8,88}={0,2}\$[A-Za-z0-9+/]{16,172}={0,2})"
    rf"|(?P<yescrypt>\$(?:y|gy)\$[./A-Za-z0-9]{{2,20}}\${_B64}{{0,86}}\${_B64}{{43}})"
    rf"|(?P<scrypt>\$(?:7|scrypt)\$[^\s:]{{30,200}})"
    rf"|(?P<phpass>\$[PH]\${_B64}{{31}})"
    rf"|(?P<drupal7>\$S\${_B64}{{52}})"
    r"|(?P<django>(?:pbkdf2_sha(?:1|256|512)|bcrypt(?:_sha256)?|argon2|scrypt|sha1|md5)"
    r"\$[\w.$,=/+-]{8,60}\$[A-Za-z0-9+/$.=]{22,130})"
    r"|(?P<pbkdf2>\$pbkdf2(?:-sha(?:1|256|512))?\$[^\s:]{30,200})"
    r"|(?P<ntpassword>\$(?:3|NT)\$\$?[0-9a-fA-F]{32})"
    r"|(?P<ldap>\{(?:S?SHA(?:256|384|512)?|S?MD5|CRYPT)\}[A-Za-z0-9+/$.]{20,130}={0,2})"
    r"|(?P<mysql41>\*[0-9A-F]{40}(?![0-9A-Za-z]))"
    r"|(?P<mssql>0x0[12]00[0-9A-F]{48,136}(?![0-9A-Za-z]))"
    r")"
)


def find(source: Source) -> Iterator[Finding]:
    """Yield the hashes of a text."""
    view = source.view
    if "$" in view or "{" in view or "*" in view or "0x0" in view:
        for match in _CRYPT.finditer(view):
            yield _crypt(match)
    for match in _HEX.finditer(view):
        finding = judge(source, match)
        if finding is not None:
            yield finding
    for match in _BROKEN.finditer(view):
        finding = _broken(source, match)
        if finding is not None:
            yield finding
    for match in _PAIRS.finditer(view):
        finding = _paired(source, match)
        if finding is not None:
            yield finding


def _crypt(match: re.Match[str]) -> Finding:
    name = str(match.lastgroup)
    return Finding(
        match.start(), match.end(), match.group(), 0.98, Validation.NOT_APPLICABLE,
        details=HashDetails((name,)),
    )  # fmt: skip


def judge(source: Source, match: re.Match[str]) -> Finding | None:
    """Return the finding for a run of hexadecimal characters, or None."""
    written = match.group()
    if len(written) not in _LENGTHS:
        return None
    start, end = match.span()
    if _joined(source, start, end):
        return None
    around = source.around(start, end)
    labelled = around.has(TYPE)
    read = _read(written, labelled=labelled)
    repairs = differences(written, read)
    most = max(2, len(read) // (6 if labelled else 12))
    if not _ONLY_HEX.fullmatch(read) or not _mixed(read) or len(repairs) > most:
        return None
    if len(read) == _UUID and not labelled and around.left.get(_IDENTIFIER, 9) <= 1:
        return None
    if len(read) in _NEEDS_WORD and (around.left.get(TYPE, 9) > 2 or repairs):
        return None
    if repairs and not (labelled or _one_case(read)):
        return None
    one_case = _one_case(read)
    score = 0.95 if labelled else 0.88 if one_case else 0.6
    return Finding(
        start, end, read.lower() if one_case else read, score, corrections=repairs,
        details=HashDetails(_algorithms(source, start, len(read), read)),
    )  # fmt: skip


def _read(written: str, *, labelled: bool) -> str:
    """Return the digits that were read as letters; a letter of the other case was a digit."""
    lower = sum(map(str.islower, written))
    upper = sum(map(str.isupper, written))
    if lower > 4 * upper:
        written = written.translate(_IN_LOWER)
    elif upper > 4 * lower:
        written = written.translate(_IN_UPPER)
    if labelled:  # "g" may as well be a letter of a longer word
        written = written.translate(_LABELLED)
    return written.translate(_TO_HEX)


def _joined(source: Source, start: int, end: int) -> bool:
    """Tell whether the run is a part of a longer thing, such as a UUID or a name."""
    before, after = source.before(start), source.after(end)
    if before in {"-", "_"} or after in {"-", "_"}:
        beyond = source.view[end + 1 : end + 2] if after in {"-", "_"} else ""
        ahead = source.view[start - 2 : start - 1] if before in {"-", "_"} and start > 1 else ""
        return beyond.isalnum() or ahead.isalnum()
    return before == "x" or (before == "0" and after == "x")


def _mixed(read: str) -> bool:
    digits = sum(map(str.isdigit, read))
    # a random digest has five digits in eight; a number or a word of a-f is none
    if read.lower()[:8] in "0123456789abcdef" or read[::2] == read[1::2]:
        return False
    return 0 < digits < len(read) and len(set(read.lower())) >= 6 and digits < len(read) - 1


def _one_case(read: str) -> bool:
    return read == read.lower() or read == read.upper()


def _algorithms(source: Source, start: int, length: int, read: str) -> tuple[str, ...]:
    names = _BY_LENGTH[length]
    label = source.view[max(0, start - 40) : start].lower().replace("-", "")
    named = [name for name in names if name.replace("-", "") in label]
    if length == 32 and not named and read == read.upper():
        named = ["ntlm"]
    return tuple(dict.fromkeys([*named, *names]))


def _broken(source: Source, match: re.Match[str]) -> Finding | None:
    """Join pieces that a space or a line break parts, where they add up to a digest."""
    view = source.view
    start = match.start()
    pieces = re.split(r"[ \n]", match.group())
    length, offset = 0, 0
    lengths = _named_lengths(source, start) or _LENGTHS - _NEEDS_WORD
    best: tuple[int, str] | None = None
    for count, piece in enumerate(pieces):
        length += len(piece)
        offset += len(piece) + (count > 0)
        if count and length in lengths:
            best = (start + offset, "".join(pieces[: count + 1]))
            break
        if length in lengths:
            return None
    if best is None:
        return None
    end, joined = best
    labelled = source.around(start, end).has(TYPE)
    read = _read(joined, labelled=labelled)
    if not _ONLY_HEX.fullmatch(read) or not _mixed(read) or not _one_case(read):
        return None
    if _joined(source, start, end) or len(differences(joined, read)) > 2:
        return None
    if not labelled and not (all(map(_mixed_piece, pieces)) and not _is_dump(pieces)):
        return None
    written = view[start:end]
    plain = re.sub(r"[^ \n]", "{}", written).format(*read)
    corrections = tuple(
        Correction(place, was, now.strip())
        for place, (was, now) in enumerate(zip(written, plain, strict=True))
        if was != now or was in " \n"
    )
    return Finding(
        start, end, read.lower(), 0.9 if labelled else 0.7, corrections=corrections,
        details=HashDetails(_algorithms(source, start, len(read), read)),
    )  # fmt: skip


def _named_lengths(source: Source, start: int) -> set[int]:
    """Return the lengths of the algorithms that the label before a digest names."""
    label = re.sub(r"[^a-z0-9]", "", source.view[max(0, start - 16) : start].lower())
    return {
        length
        for length, names in _BY_LENGTH.items()
        if any(label.endswith(re.sub(r"[^a-z0-9]", "", name)) for name in names)
    }


def _mixed_piece(piece: str) -> bool:
    return not piece.isdigit() and not piece.isalpha()


def _is_dump(pieces: list[str]) -> bool:
    """Tell whether the pieces are words of memory, all of one length."""
    return len(pieces) > 2 and len(set(map(len, pieces))) == 1


def _paired(source: Source, match: re.Match[str]) -> Finding | None:
    """Read a fingerprint written as pairs, which needs a word that says so."""
    read = re.sub(r"[^0-9a-fA-F]", "", match.group())
    if len(read) not in _LENGTHS - _NEEDS_WORD or not _mixed(read):
        return None
    if not source.around(match.start(), match.end()).has(TYPE):
        return None
    return Finding(
        match.start(), match.end(), read.lower(), 0.85,
        details=HashDetails(_algorithms(source, match.start(), len(read), read)),
    )  # fmt: skip


def mask(text: str) -> str:
    """Keep the name of the algorithm, where the form begins with one."""
    front = re.match(r"\$[a-zA-Z0-9]+\$|\{[A-Z0-9]+\}|[a-z0-9_]+\$", text)
    begin = front.end() if front else 0
    return text[:begin] + re.sub(r"[^\s]", "*", text[begin:])
