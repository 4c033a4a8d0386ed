"""The shared cases, through the scorer that comes with them."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest

from ocr_service.entities import find


@pytest.fixture(scope="module")
def scorer(shared_data: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("scorer", shared_data / "entity_cases/score.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_shared_cases(scorer: ModuleType, shared_data: Path) -> None:
    cases = scorer.load(str(shared_data / "entity_cases/cases.jsonl"))
    predictions = [
        {
            "id": case["id"],
            "entities": [
                {"type": item.type.value, "start": item.start, "end": item.end}
                for item in find(case["text"])
            ],
        }
        for case in cases
    ]
    per, _, _ = scorer.score(cases, predictions)
    total = scorer.totals(per)
    assert scorer.prf(total["tp"], total["fp"], total["fn"])[2] >= 0.96
    assert total["neg_hit"] <= 0.03 * total["neg"]
    for kind, row in per.items():
        assert scorer.prf(row["tp"], row["fp"], row["fn"])[2] >= 0.90, kind
