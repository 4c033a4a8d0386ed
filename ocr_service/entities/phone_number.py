"""Telephone numbers, national and international, with extensions.

Format: ITU-T E.164 and E.123; numbering plans from the metadata of Google's libphonenumber (the
phonenumbers package). A national number is read for the regions of the request, then for those
where its shape is at home. A number that no plan knows is still reported where a word like "Tel"
labels it.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator

from ocr_service.entities import context, phone_candidate, phone_lines, phone_plans
from ocr_service.entities.confusions import differences
from ocr_service.entities.effort import PLAN
from ocr_service.entities.entity import EntityType, PhoneNumberDetails, Validation
from ocr_service.entities.pattern import Finding, Source, stars
from ocr_service.entities.phone_candidate import Candidate, candidate, something_else

TYPE = EntityType.PHONE_NUMBER
context.register(
    TYPE,
    """tel, telefon*, telephone*, phone*, fon, mobile*, mob, cell*, cellulare*, cep, cep no, gsm,
    fax*, faks*, call, calls, called, calling, dial, ring, sms, text me, whatsapp*, whatsapps,
    viber, telegram, hotline*, helpline*, customer care, care, contact*, iletisim*, irtibat,
    ara, arayin*, arayab*, handy, mobil*, mobiel*, rufnummer*, ruf, anruf*, telefonnummer*,
    telefono*, tlf, tfno, movil*, llame*, llamar, telemovel*, celular*, ligue, tlm, telefax*,
    telecopie*, msisdn*,
    portable, appelez, appeler, chiamare, chiama*, recapito, telefoon*, bel, bellen, toestel,
    gsm nummer, numero verde, toll free, freephone, тел, телефон*, моб, мобильный, факс, τηλ,
    τηλεφωνο, هاتف, 电话, 電話, 手机, 전화, ph, phones, mobiltelefon*, puh, puhelin*, tlf nr,
    telefonszam*, fone*, telp, telepon*, ligar, chame, rufen, handynummer*, reach me, reach us, hp,
    musteri hizmetleri, cagri merkezi, destek hatti, customer service,
    kundenservice, service client""",
)

# a letter that may be a misread digit, beside a digit
_D = r"(?:\d|[OoDlI|SsBbZzGgq](?=[\dOolI|SBZG])|(?<=\d)[OoDlI|SsBbZzGgq])"
_SIGN = r"[ ]?[().\-/·~][ ]?[()\-/]?|[ ]{1,2}[(]?"
_PATTERN = re.compile(
    rf"(?<![^\W_])(?<!(?<![^\W\d_])\d[.,:/-])(?P<number>(?:[+][ ]?[(]?|[(][+]?|00[ ]?)?"
    rf"(?:\d|[OolI](?=[ ]?[(]?\d)|[|](?=[(]?\d)){_D}?(?:(?:{_SIGN})?{_D}){{5,16}})"
    r"(?P<ext>[ ]?,?[ ]?(?i:x|ext\.?|extension|extn\.?|dahili|dah\.?|durchwahl|poste|anexo|ramal"
    r"|interno|int\.|toestel|#)[ .:]{0,2}\d{1,7})?"
    r"(?![^\W_])",
)
_NO_DIGIT = re.compile(r"\D+")
# brackets side by side are no one run; possessive, or each bracket would be kept to come back to
_RUN = re.compile(r"(?:[\d (.\-/+]++|\)(?! \())++")
_GLUE_BEFORE = re.compile(r"[^\W_][-/._+]$|[_$€£#@\\*^]$|\)\+?$|[^\W_]\($|[A-F]\d $")
_GLUE_AFTER = re.compile(r"[-/._+]?[^\W_]|[:]\d|%|[ ]?[€$£]|[ ][A-Z]\d|[ ]\d[A-Z]\b|=")
_SECOND_LINE = re.compile(r"/\d{2,4}\b(?!/)")  # the extension of one
_TRIES = 6
_WHOLE = 9
"""Digits of a national number at least, to be believed as the front of a longer run."""
_GROUP_END = re.compile(r"[ )/,]")
_LOCAL = re.compile(r"[2-9]\d{2}-\d{4}|[2-9]\d{6}")


def find(source: Source) -> Iterator[Finding]:
    """Yield the telephone numbers of a text."""
    parted = list(phone_lines.find(source))
    yield from parted
    starts = [one.start for one in parted]
    for window in source.windows:
        for one in _in_window(source, *window):
            before = bisect_left(starts, one.end)  # both are in order
            if not before or parted[before - 1].end <= one.start:
                yield one


def _in_window(source: Source, at: int, stop: int) -> Iterator[Finding]:
    view = source.view
    run_end, tries = 0, 0
    while (match := _PATTERN.search(view, at, stop)) is not None:
        if match.start() >= run_end:
            run = _RUN.match(view, match.start())
            run_end, tries = run.end() if run else match.end(), 0
        tries += 1
        hopeful = tries <= _TRIES and source.efforts[TYPE].allows(match.start())
        finding = judge(source, match) if hopeful else None
        if finding is not None:
            yield finding
            at, tries = finding.end, 0
        elif not hopeful:
            at = max(run_end, match.end())  # a table of figures
        else:
            # go on behind the first group: the second may begin a number of its own
            gap = _GROUP_END.search(view, match.start() + 1, match.end())
            at = gap.start() if gap else match.end()


def judge(source: Source, match: re.Match[str]) -> Finding | None:
    """Return the finding for a candidate, shortened where a date or another number follows.

    What a plan knows is better than a longer run that only a label speaks for.
    """
    view = source.view
    start, end = match.span("number")
    extension = match["ext"] or ""
    unknown: Finding | None = None
    while True:
        finding = None
        if view[start] == "(" and ")" not in view[start:end]:
            start += 1  # the whole number is in brackets
        if _free(view, start, end + len(extension)):
            one = candidate(source, start, end, extension)
            finding = _read(source, one) if one is not None else None
        known = finding is not None and finding.validation is Validation.VALID
        if known and (unknown is None or len(_NO_DIGIT.sub("", view[start:end])) >= _WHOLE):
            return finding
        unknown = unknown or finding
        cut = max(view.rfind(" ", start, end), view.rfind("/", start, end))
        if extension:
            extension = ""
            continue
        if cut <= start + 6:
            return unknown
        end = cut
        while end > start and not view[end - 1].isalnum():
            end -= 1


def _free(view: str, start: int, end: int) -> bool:
    """Tell whether nothing is glued to the candidate that makes it a part of something else."""
    before, after = view[max(0, start - 3) : start], view[end : end + 3]
    if _GLUE_BEFORE.search(before):
        return False
    if _SECOND_LINE.match(view[end : end + 6]):
        return True
    return not _GLUE_AFTER.match(after)


def _read(source: Source, one: Candidate) -> Finding | None:
    assigned = source.before(one.start) == "="
    if something_else(source, one) or (assigned and not (one.labelled or one.international)):
        return None
    verdict = _international(source, one) if one.international else _national(source, one)
    if verdict is None:
        return None
    reading, score = verdict
    extension = _NO_DIGIT.sub("", one.extension)
    return Finding(
        one.start,
        one.end + len(one.extension),
        f"{reading.value};ext={extension}" if extension else reading.value,
        min(score - 0.45 * (one.rival is not None), 0.98),
        Validation.VALID if reading.valid else Validation.INVALID,
        differences(one.written, one.plain),
        reading.details,
    )


def _international(source: Source, one: Candidate) -> tuple[phone_plans.Reading, float] | None:
    reading = phone_plans.parsed(one.plain)
    if reading is None or not reading.possible:
        source.efforts[TYPE].spend(PLAN)
        return None
    return reading, 0.95 if reading.valid else 0.55 + 0.2 * one.labelled


def _national(source: Source, one: Candidate) -> tuple[phone_plans.Reading, float] | None:
    american = bool(phone_candidate.NANP.fullmatch(one.plain))
    shaped = american or bool(phone_candidate.GROUPED_NATIONAL.fullmatch(one.plain))
    trunk = bool(phone_candidate.TRUNK.match(one.plain)) and 9 <= len(one.digits) <= 12
    signs = one.labelled or one.bare or shaped or source.regions or (trunk and one.groups > 1)
    if signs or (trunk and source.is_line(one.start, one.end)):
        found = phone_plans.national(
            one.plain, one.digits, source.regions, source.efforts[TYPE], american=american
        )
        if found is not None:
            asked, reading = found
            return reading, _score(
                one, reading, american=american, shaped=shaped, trunk=trunk, asked=asked
            )
    dialled = phone_plans.dialled(one.digits)
    if dialled is not None:
        return dialled, 0.7
    return _unknown(one, american=american)


def _score(
    one: Candidate,
    reading: phone_plans.Reading,
    *,
    american: bool,
    shaped: bool,
    trunk: bool,
    asked: bool,
) -> float:
    """Return how sure a number is that a national plan knows."""
    if one.labelled:
        return 0.85 + 0.1 * one.labelled
    grouped = one.groups > 1
    score = 0.45 + 0.15 * trunk + 0.2 * one.bare + 0.15 * asked
    score += 0.25 if american and grouped else 0.2 * shaped + 0.1 * grouped
    if not grouped and not (one.bare or trunk):
        score -= 0.15 if asked else 0.3
    if one.bare and not grouped and not trunk and not asked:
        # nine or ten digits alone may be anything; mobiles are what people write so
        score -= 0.15 * (reading.details.line_type not in phone_plans.MOBILE)
    if grouped and not (shaped or trunk or asked):
        score -= 0.2
    return score


def _unknown(one: Candidate, *, american: bool) -> tuple[phone_plans.Reading, float] | None:
    """Believe a label where no plan of the regions at hand knows the number."""
    if one.labelled and (len(one.digits) >= 8 or _LOCAL.fullmatch(one.plain)):
        reading = phone_plans.without_plus(one.digits)
        if reading is not None:
            return reading, 0.8
        score = 0.4 + 0.3 * one.labelled
    elif american and one.groups > 1 and "(" in one.plain:
        score = 0.5
    else:
        return None
    if len(one.digits) > 15:
        return None
    return phone_plans.Reading(one.digits, False, False, PhoneNumberDetails("", "unknown")), score


def mask(text: str) -> str:
    """Keep the last two digits."""
    return stars(text, keep_last=2)
