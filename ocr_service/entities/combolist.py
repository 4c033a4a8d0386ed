"""Leaked credentials: lines of combolists and of stealer logs.

There is no standard; the forms are those that cracking tools read and write: "email:password",
"user:password", "phone:password" and "url:login:password", with ":", ";", "|" or a tab between.
An email in front is proof enough for a line. A bare user name is not: then the password must look
like one, and the line must hold nothing else. Times, ratios, styles, scopes and paths are none.
"""

import re
from collections import Counter
from collections.abc import Iterator

from ocr_service.entities import context, email, hosts
from ocr_service.entities.entity import CombolistDetails, Correction, EntityType
from ocr_service.entities.pattern import Finding, Source, words

TYPE = EntityType.COMBOLIST
context.register(
    TYPE,
    """combo, combolist*, leak*, breach*, dump*, credential*, login*, logins, stealer*, sizinti*,
    sizdirilan, giris bilgileri, zugangsdaten, identifiants, credenciales, credenziali, hacked,
    cracked, database, accounts, user pass, passwords""",
)

_SEPARATOR = r"[:;|\t]"
_EMAIL = r"[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,6}[^\W\d_]{2,24}"
_AFTER_EMAIL = re.compile(
    rf"(?P<gap>[ ]?)(?P<sep>{_SEPARATOR})(?P<pad>[ ]?)(?P<password>[^\s]{{3,64}})(?=\s|$)"
)
_LINE = re.compile(
    r"^[ \t]{0,8}(?P<login>\+?[\w.@-]{2,48})(?P<sep>[:;|\t])"
    r"(?P<password>[^\s:;|][^\s]{2,63})[ \t]{0,8}$",
    re.MULTILINE,
)
_STEALER = re.compile(
    r"^[ \t]{0,8}(?P<url>(?:[a-z]{2,10}://)?[\w-]{1,63}(?:\.[\w-]{1,63}){1,8}(?::\d{2,5}(?=[/:;|]))?"
    r"(?:/[^\s|;:]{0,200})?)"
    rf"(?P<sep>{_SEPARATOR})(?P<login>[^\s:;|/][^\s:;|]{{1,63}})(?P=sep)"
    r"(?P<password>[^\s]{2,64})[ \t]{0,8}$",
    re.MULTILINE | re.IGNORECASE,
)
_PHONE = re.compile(r"\+?\d{10,14}")
_EMAIL_ONLY = re.compile(_EMAIL)
_HEX_HASH = re.compile(r"[0-9a-fA-F]{16,}")
_NO_PASSWORD = re.compile(
    r"//|/(?![^/]*\d)|\\|\[|\(|\{|<|>|\"|'"  # addresses, paths, code
    r"|\d{1,2}(?::\d{2}){1,2}|\d{1,5}[,;]?$"  # times, ports, counts
    r"|-?[\d.]+(?:px|em|rem|pt|%|ms|s|vh|vw|kb|mb|gb)[;,]?$"
    r"|#[0-9a-fA-F]{3,8};?$",
    re.IGNORECASE,
)
_NOT_A_USER = frozenset(
    map(
        context.fold,
        words(
            """
    http https ftp ssh git mailto tel fax sms urn data file blob sha1 sha224 sha256 sha384
    sha512 md5 ntlm hash std self this version localhost date time note todo fixme warning
    error info debug re fw fwd aw from to cc bcc subject host port id name adi ad isim no mac
    ip ipv4 ipv6 isbn doi rfc cve width height color font size margin padding display position
    border email pass password passwd pwd passwort parola sifre senha login username usuario
    kullanici token secret mail phone mobile web site url uri path key value type class null
    true false python node npm docker image tag arn pkg gem crate maven
    """
        ),
    )
)
_DEFAULT_USERS = words(
    """
    admin administrator root user guest test oracle postgres mysql sa ubuntu pi support
    manager operator ftpuser demo
    """
)
_FIELD = 3
"""A name that begins so many lines is the name of a field."""

_PUNCTUATION = frozenset("!@#$%^&*_+=?.-~")


def find(source: Source) -> Iterator[Finding]:
    """Yield the credential lines of a text."""
    view = source.view
    if not any(sign in view for sign in ":;|\t"):
        return
    for match in _STEALER.finditer(view):
        finding = _stealer(match)
        if finding is not None:
            yield finding
    for address in email.addresses(source):
        finding = judge(source, address)
        if finding is not None:
            yield finding
    yield from _users(source)


def _stealer(match: re.Match[str]) -> Finding | None:
    url, login, password = match["url"], match["login"], match["password"]
    host = re.sub(r"^[a-z]+://", "", url.lower()).split("/")[0].split(":")[0]
    known = hosts.parse(host) is not None or "://" in url or hosts.IPV4.fullmatch(host)
    if (
        not known
        or _EMAIL_ONLY.fullmatch(url)
        or "=" in login
        or (login.isdigit() and len(login) < 6)
    ):
        return None
    if not re.search(r"[^\W_]", password) or (password.isdigit() and len(password) < 4):
        return None
    certain = _EMAIL_ONLY.fullmatch(login) or _PHONE.fullmatch(login)
    if not certain and not (_looks_like_user(login) and _looks_like_password(password)):
        return None
    return _finding(
        match.start("url"),
        match.end("password"),
        match.group().strip(),
        0.96,
        "url:login:password",
        match["sep"],
    )


def judge(source: Source, address: Finding) -> Finding | None:
    """Return the finding for an email with a password behind it, or None where none is there."""
    view = source.view
    match = _AFTER_EMAIL.match(view, address.end)
    if match is None or re.match(r"[\w.@/+-]", source.before(address.start)):
        return None
    password = match["password"]
    spaced = bool(match["gap"] or match["pad"])
    line_end = view.find("\n", match.end())
    rest = view[match.end() : line_end if line_end >= 0 else len(view)][:80].strip()
    if spaced and (rest or (match["sep"] in ";\t" and match["gap"])):
        return None
    trimmed = password.rstrip(",") if rest else password
    if password[:1] in "/\\~" or "://" in password or _EMAIL_ONLY.search(password):
        return None  # scp paths, addresses, lists of addresses
    if hosts.parse(password.lower()) is not None and match["sep"] in "|;":
        return None
    if re.search(r"\.git$|^[\w.-]+/[\w./-]+$", password) or not re.search(r"[^\W_]", password):
        return None
    if spaced and not _looks_like_password(password):
        return None
    if rest and match["sep"] != ":" and not _looks_like_password(trimmed):
        return None
    form = "email:hash" if _HEX_HASH.fullmatch(password) else "email:password"
    end = match.end() - len(password) + len(trimmed)
    separator = match["sep"]
    return _finding(
        address.start, end, f"{address.value}{separator}{trimmed}", 0.9 if spaced else 0.95, form,
        separator, address.corrections,
    )  # fmt: skip


def _users(source: Source) -> Iterator[Finding]:
    """Yield lines that begin with a user name or a phone number."""
    rows = [match for match in _LINE.finditer(source.view) if _plausible(match)]
    names = Counter(match["login"] for match in rows)
    rows = [match for match in rows if names[match["login"]] < _FIELD]
    strong = [match for match in rows if _looks_like_password(match["password"])]
    # several lines of one form say what a single one cannot
    listed = len(strong) >= 2 and 2 * len(strong) >= len(rows)
    for match in rows:
        login, password = match["login"], match["password"]
        phone = bool(_PHONE.fullmatch(login)) and not _PHONE.fullmatch(password)
        good = _looks_like_password(password)
        default = login.lower() in _DEFAULT_USERS and (
            good
            or password.lower() in _DEFAULT_USERS
            or (password.isdigit() and len(password) >= 4)
            or password.lower().startswith("pass")
            or password.lower() in {login.lower(), login.lower()[::-1]}
        )
        labelled = source.around(match.start("login"), match.end("password")).has(TYPE)
        if phone and re.search(r"[^\W\d_]", password):
            score, form = 0.88, "phone:password"
        elif default or (good and _looks_like_user(login)):
            score, form = (0.85 if default or listed or labelled else 0.7), "user:password"
        elif (listed or labelled) and (good or len(password) >= 5) and not login.isdigit():
            score, form = 0.6, "user:password"
        else:
            continue
        if _HEX_HASH.fullmatch(password):
            form = form.replace("password", "hash")
        yield _finding(
            match.start("login"),
            match.end("password"),
            match.group().strip(),
            score,
            form,
            match["sep"],
        )


def _plausible(match: re.Match[str]) -> bool:
    login, password = match["login"], match["password"]
    if context.fold(login) in _NOT_A_USER or "@" in login:
        return False
    if _EMAIL_ONLY.fullmatch(password):
        return False  # a label and an address
    if _NO_PASSWORD.match(password) and not (
        login.lower() in _DEFAULT_USERS and re.fullmatch(r"\d{4,}", password)
    ):
        return False
    if not re.search(r"[^\W_]", login) or not re.search(r"[^\W_]", password):
        return False
    if hosts.parse(login.lower()) is not None or password[-1] in ";,{([":
        return False
    if _HEX_HASH.fullmatch(login) and not login.isdigit():
        return False
    if login.isdigit() and len(login) < 10:
        return False
    if re.fullmatch(r"[0-9a-fA-F]{0,4}(?::[0-9a-fA-F]{0,4})*", password) and len(login) <= 4:
        return False  # IPv6 and MAC addresses
    if match["sep"] in password or (login == login.upper() and password == password.upper()):
        return False  # rows of tables, lists of constants
    return not (match["sep"] == ";" and password.endswith(";")) and "=" not in login


def _looks_like_user(login: str) -> bool:
    """Tell whether a word has the shape of a user name rather than of prose or of code."""
    if login.isdigit() or not re.search(r"[^\W\d_]", login):
        return False
    return bool(re.search(r"[\d_.]", login)) or (login == login.lower() and len(login) >= 4)


def _looks_like_password(password: str) -> bool:
    """Tell whether a word mixes kinds of characters as passwords do."""
    if len(password) < 4 or re.fullmatch(r"[\d.,:/-]+", password):
        return False
    if re.match(r"\w+[(\[{<]|.*[)\]}>]$|.*[:;,]$|[\w.-]+/[\w./-]+$", password):
        return False
    if re.fullmatch(r"v?\d+(?:\.\d+)+[\w.-]*|[\w-]+\.[a-z]{1,4}", password):
        return False  # versions of packages, file names
    letters = bool(re.search(r"[^\W\d_]", password))
    digits = bool(re.search(r"\d", password))
    signs = bool(_PUNCTUATION & set(password))
    both_cases = password != password.lower() and password != password.upper()
    inner_case = both_cases and password[1:] != password[1:].lower()
    return letters and (digits or (signs and (inner_case or password[-1] in "!@#$%*?")))


def _finding(
    start: int,
    end: int,
    value: str,
    score: float,
    form: str,
    separator: str,
    corrections: tuple[Correction, ...] = (),
) -> Finding:
    sign = "\\t" if separator == "\t" else separator
    return Finding(
        start, end, value, score, corrections=corrections,
        details=CombolistDetails(form.replace(":", sign)),
    )  # fmt: skip


def mask(text: str) -> str:
    """Star everything but the separators."""
    return re.sub(r"[^\s:;|@]", "*", text)
