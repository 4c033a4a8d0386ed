"""Microsoft Presidio's rules on texts, for comparison; runs in an environment of its own.

    python benchmarks/entities_presidio.py < texts.jsonl > findings.jsonl

A line in is {"id", "text"}, a line out {"id", "entities": [{"type", "start", "end"}]} with our type
names. All rule recognisers of the library are on. There is no language model: a blank spaCy
pipeline gives tokens, with the token in lower case as its lemma so that context words work.
"""

import inspect
import json
import sys

import presidio_analyzer.predefined_recognizers as predefined  # type: ignore[import-not-found]
import spacy  # type: ignore[import-not-found]
from presidio_analyzer import (
    AnalyzerEngine,
    PatternRecognizer,
    RecognizerRegistry,
)
from presidio_analyzer.nlp_engine import SpacyNlpEngine  # type: ignore[import-not-found]

TYPES = {
    "PHONE_NUMBER": "PHONE_NUMBER",
    "CREDIT_CARD": "CREDIT_CARD_NUMBER",
    "DATE_TIME": "DATE",
    "EMAIL_ADDRESS": "EMAIL",
    "DE_KFZ": "PLATE",
    **dict.fromkeys((f"{country}_VEHICLE_REGISTRATION" for country in ("IN", "NG", "UK")), "PLATE"),
    **dict.fromkeys(("TR_LICENSE_PLATE", "ZA_LICENSE_PLATE"), "PLATE"),
    **dict.fromkeys(
        (
            "AU_MEDICARE", "AU_TFN", "CA_SIN", "DE_HEALTH_INSURANCE", "DE_ID_CARD", "DE_PASSPORT",
            "DE_SOCIAL_SECURITY", "DE_TAX_ID", "ES_NIE", "ES_NIF", "FI_PERSONAL_IDENTITY_CODE",
            "IN_AADHAAR", "IN_PAN", "IN_VOTER", "IT_FISCAL_CODE", "IT_IDENTITY_CARD", "KR_FRN",
            "KR_RRN", "NG_NIN", "PH_TIN", "PH_UMID", "PL_PESEL", "SE_PERSONNUMMER", "SG_NRIC_FIN",
            "TH_TNIN", "TR_NATIONAL_ID", "UK_NHS", "UK_NINO", "US_ITIN", "US_MBI", "US_SSN",
            "ZA_ID_NUMBER",
        ),
        "ID_NUMBER",
    ),
}  # fmt: skip


def analyzer() -> "AnalyzerEngine":
    """Return an analyzer with every rule recogniser and no language model."""

    @spacy.Language.component("lower_lemma")  # type: ignore[untyped-decorator]
    def lower_lemma(doc: "spacy.tokens.Doc") -> "spacy.tokens.Doc":
        for token in doc:
            token.lemma_ = token.lower_
        return doc

    blank = spacy.blank("en")
    blank.add_pipe("lower_lemma")
    engine = SpacyNlpEngine()
    engine.nlp = {"en": blank}
    registry = RecognizerRegistry(supported_languages=["en"])
    for name in dir(predefined):
        kind = getattr(predefined, name)
        phones = name in {"PhoneRecognizer", "ZaMobileNumberRecognizer"}
        if phones or (
            inspect.isclass(kind)
            and issubclass(kind, PatternRecognizer)
            and kind is not PatternRecognizer
        ):
            registry.add_recognizer(kind(supported_language="en"))
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=["en"])


def our_type(entity: str, found: str) -> str | None:
    """Return our name of a Presidio entity, None for one that we have no type for."""
    if entity == "URL":
        return "URL" if "/" in found else "DOMAIN"
    return TYPES.get(entity)


def main() -> None:
    """Answer line by line."""
    engine = analyzer()
    for line in sys.stdin:
        row = json.loads(line)
        text = row["text"]
        rows = []
        for item in engine.analyze(text, language="en"):
            kind = our_type(item.entity_type, text[item.start : item.end])
            if kind is not None:
                rows.append(
                    {"type": kind, "start": item.start, "end": item.end, "score": item.score}
                )
        print(json.dumps({"id": row["id"], "entities": rows}))


if __name__ == "__main__":
    main()
