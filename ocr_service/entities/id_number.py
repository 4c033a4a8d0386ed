"""National identity, tax and social security numbers of persons.

The schemes of more than seventy countries stand in `id_schemes`; each names its check, mostly a
module of python-stdnum, whose docstring links the issuer's own description. The shape of a
candidate selects the schemes it may belong to, the check digit decides, and words near it ("TC
Kimlik", "SSN", the name of a country) raise the score or settle which scheme is meant. Document
numbers in machine-readable zones (ICAO Doc 9303) are found by `mrz`.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

from ocr_service.entities import context, mrz
from ocr_service.entities.confusions import AS_DIGIT, AS_LETTER, differences
from ocr_service.entities.effort import CHECK
from ocr_service.entities.entity import Correction, EntityType, IdNumberDetails, Validation
from ocr_service.entities.id_rating import Place, Rated, rated
from ocr_service.entities.id_schemes import INDEX, LAYOUTS, SCHEMES, Layout, Proof
from ocr_service.entities.pattern import Finding, Source

TYPE = EntityType.ID_NUMBER
context.register(
    TYPE,
    """id, id number, id no, national id*, identity*, identification*, kimlik*, personal number,
    personal code, personal id*, citizen*, civil id, tax id*, taxpayer*, tin, social security*,
    social insurance*, identitat*, ausweis*, personalausweis*, identite*, identifiant*,
    identidad*, identificacion*, cedula*, identita*, carta d'identita, documento*, identidade*,
    contribuinte*, identiteit*, persoonsnummer, passport*, pasaport*, reisepass*, passeport*,
    pasaporte*, passaporto*, paspoort*, personnummer*, ssn, tckn, vatandas*, nin,
    national number, national code, resident*, medicare*, nif, cpf, steuer*, fiscal*, fiscale*,
    born, insurance number, register number,
    id card*, identity card*, national card, medicare card, health card*, insurance card,
    aadhaar card, pan card, voter card, kimlik karti, carte d identite, carte vitale,
    carta d identita, carta identita, tessera sanitaria, tarjeta sanitaria, cartao de cidadao,
    cartao cidadao, kad pengenalan""",
)
for _scheme in SCHEMES:
    context.register(_scheme.topic, _scheme.words)
    context.register(f"{_scheme.topic}:{_scheme.name}", _scheme.words)
_BAR_CODE = 13
_UNPARTED = {
    len(shape): [one for one in layouts if one.scheme.check is not None]
    for shape, layouts in LAYOUTS.items()
    if shape == "X" * len(shape)
}
"""Layouts without separators, by length."""

# A word with a digit in it, and letters or a short group that may belong before it.
_DIGIT_WORD = re.compile(r"(?<![^\W_])[A-Za-z|!]{0,18}\d[A-Za-z0-9|!]*")
_BEFORE = re.compile(r"(?<![^\W_])(?:[A-Za-z]{1,6}|[A-Za-z]{3} [A-Za-z]{3})[ .-]$")
_PARTED = re.compile(
    r"(?P<front>[A-Za-z0-9]{1,14})(?P<gap>[ ]?[ \n][ ]?)(?P<back>[A-Za-z0-9]{1,14})"
    r"(?![^\W_]|[ .,/-]\d)"
)
_GLUE_BEFORE = re.compile(r"[^\W_][-./_+]$|[_$€£#/\\@=]$")
_DIGIT = re.compile(r"\d")
_PROVEN = (Proof.STRONG, Proof.DATED)
_SAME_SHAPE = frozenset("CKOPSUVWXZckopsuvwxz")  # large and small letters look alike
_GLUED_LABEL = re.compile(r"[A-Za-z]{2,18}(?=\d{5})")
_LABEL_END = re.compile(r"[^\W\d_][./]$|=$")
_GLUE_AFTER = re.compile(r"[-/+_][^\W_]|[.,]\d|@|[.]\w|:\d")


def find(source: Source) -> Iterator[Finding]:
    """Yield the identity numbers of a text."""
    view = source.view
    bones = source.bones
    done = 0
    for match in source.near_digits(_DIGIT_WORD):
        start, end = match.span()
        if start < done:
            continue
        starts = [start]
        if start > 1 and view[start - 1] in " .-" and view[start - 2].isalpha():
            before = _BEFORE.search(view, max(done, start - 8), start)
            if before is not None:
                starts.insert(0, before.start())
        label = _GLUED_LABEL.match(match.group())
        if label is not None and context.is_label(label.group()):
            starts.append(start + label.end())  # "No16172839478" lost a space
        for place in starts:
            finding = _at(source, bones, place)
            if finding is None and end - start > 2:
                finding = _broken(source, place)
            if finding is not None:
                done = finding.end
                yield finding
                break
    yield from mrz.find(source)


def _at(source: Source, bones: str, start: int) -> Finding | None:
    """Return the best finding that begins at a place, the longest layouts first."""
    for end, layouts in INDEX.at(bones, start) if source.efforts[TYPE].allows(start) else ():
        if bones[end : end + 1] == "X" or _glued(source, start, end):
            continue
        finding = _best(source, start, end, layouts)
        if finding is not None:
            return finding
    return None


def _broken(source: Source, start: int) -> Finding | None:
    """Join a number that one space or line break parts, where a label or nothing else stands by."""
    effort = source.efforts[TYPE]
    match = _PARTED.match(source.view, start) if effort.allows(start) else None
    if match is None:
        return None
    joined = match["front"] + match["back"]
    layouts = _UNPARTED.get(len(joined))
    if layouts is None:
        return None
    around = source.around(start, match.end())
    topics = [topic for topic in around.left if topic == TYPE or topic.startswith("ID:")]
    bare = source.is_bare(start, match.end())
    if not topics and not bare:
        return None
    gap = len(match["front"])
    figures = all(_DIGIT.search(match[part]) for part in ("front", "back"))
    letters = sum(map(str.isalpha, joined))
    best: Finding | None = None
    for layout in layouts:
        named = around.left.get(layout.scheme.topic) is not None
        least, most = layout.letters
        if not (named and figures) and not least <= letters <= most:
            continue
        proven = layout.scheme.proof in _PROVEN
        score = 0.5 + 0.3 * named + 0.1 * proven
        if not (named or bare or (proven and topics)) or (best and score <= best.score):
            continue
        read = _fitted(joined, layout.template)
        if read is None or (read != joined and not (named and figures)):
            continue
        if not layout.scheme.passes(read):
            effort.spend(CHECK)
            continue
        # the correction of a place behind the gap stands one further in the text
        fixes = tuple(
            Correction(one.offset + (one.offset >= gap), one.recognized, one.corrected)
            for one in differences(joined, read)
        )
        best = Finding(
            start, match.end(), read.upper(), score, Validation.VALID,
            (*fixes, Correction(gap, match["gap"], "")),
            IdNumberDetails(layout.scheme.country, layout.scheme.name),
        )  # fmt: skip
    return best


def _glued(source: Source, start: int, end: int) -> bool:
    """Tell whether the candidate is a part of something longer."""
    view = source.view
    before, after = view[max(0, start - 2) : start], view[end : end + 2]
    if after[1:].isdigit() and after[0] in " .,:" and (after[0] != " " or " " in view[start:end]):
        return True
    if before[1:] == " " and before[0].isdigit() and " " in view[start:end]:
        return True
    if not before.endswith(" ") and _GLUE_BEFORE.search(before) and not _LABEL_END.search(before):
        return True
    return not after.startswith(" ") and bool(_GLUE_AFTER.match(after))


def _best(source: Source, start: int, end: int, layouts: tuple[Layout, ...]) -> Finding | None:
    around = source.around(start, end)
    written = source.view[start:end]
    place = Place(
        tuple(around.left.items()), tuple(around.right.items()),
        source.is_bare(start, end), bool(source.regions) and source.is_line(start, end),
        len(written) == _BAR_CODE and _ean(written), source.regions,
    )  # fmt: skip
    best: Finding | None = None
    failed = 0
    letters = sum(map(str.isalpha, written))
    for one in rated(layouts, place):
        if best is not None and one.score <= _worth(best):
            break
        if not one.may_have(letters):
            continue
        finding = judge(source, start, end, one)
        if finding is None:
            failed += CHECK
        elif best is None or _worth(finding) > _worth(best):
            best = finding
    if best is None:
        source.efforts[TYPE].spend(failed)
    return best


def _worth(finding: Finding) -> float:
    """Return by what findings are compared: what needs no repair comes first."""
    return finding.score - 0.2 * len(finding.corrections)


def judge(source: Source, start: int, end: int, rating: Rated) -> Finding | None:
    """Return the finding for a candidate in one layout, or None."""
    layout = rating.layout
    scheme = layout.scheme
    written = source.view[start:end]
    read = _fitted(written, layout.template)
    if read is None:
        return None
    repairs = differences(written, read)
    if repairs and not _repairable(written, repairs, rating):
        return None
    if not scheme.passes(read):
        return None
    compact = "".join(filter(str.isalnum, read))
    if len(set(compact)) == 1 or not (repairs or read.isdigit() or _one_case(compact)):
        return None
    return Finding(
        start,
        end,
        "".join(char for char in read.upper() if char.isalnum() or (scheme.signs and char in "+-")),
        rating.score,
        Validation.NOT_APPLICABLE if scheme.proof is Proof.FORMAT else Validation.VALID,
        repairs,
        IdNumberDetails(scheme.country, scheme.name),
    )


def _one_case(compact: str) -> bool:
    letters = "".join(char for char in compact if char.isalpha() and char not in _SAME_SHAPE)
    return letters in {letters.upper(), letters.lower()}


def _repairable(written: str, repairs: tuple[Correction, ...], rating: Rated) -> bool:
    """Tell whether so many repairs are believed: nearly every digit could be a letter."""
    if len(repairs) > rating.repairs or sum(map(str.isdigit, written)) < 5:
        return False
    return rating.named or not any(one.recognized.isdigit() for one in repairs)


def _ean(written: str) -> bool:
    """Tell whether thirteen digits pass the check of the GS1 bar codes."""
    if not written.isdigit():
        return False
    return sum(int(digit) * (1 + 2 * (place % 2)) for place, digit in enumerate(written)) % 10 == 0


@lru_cache(maxsize=1024)
def _fitted(written: str, template: str) -> str | None:
    """Return the text with misread characters repaired so that it fits the template, or None."""
    if written.isdigit() and template.isdigit():
        return written
    read = []
    for char, wanted in zip(written, template, strict=True):
        now = char
        if wanted == "9" and not char.isdigit():
            now = char.translate(AS_DIGIT)
            if not now.isdigit():
                return None
        elif wanted == "A" and not char.isalpha():
            now = char.translate(AS_LETTER)
            if not now.isalpha():
                return None
        elif wanted.isalpha() and wanted not in "AX" and char.upper() != wanted:
            return None  # a letter that the layout fixes, as in Finnish century signs
        read.append(now)
    return "".join(read)


def mask(text: str) -> str:
    """Star letters and digits."""
    return re.sub(r"[^\W_]", "*", text)
