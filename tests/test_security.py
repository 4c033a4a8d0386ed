"""SECURITY.md names tests for its promises; they are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_promise_names_tests_that_are_there() -> None:
    text = (ROOT / "SECURITY.md").read_text()
    table = text.partition("|---|---|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert table
    for row in table:
        tests = re.findall(r"`(tests/[\w/]+\.py)`", row.rstrip("| ").rpartition("|")[2])
        assert tests, row
        for name in tests:
            assert "\ndef test_" in (ROOT / name).read_text(), name
    assert (ROOT / "benchmarks" / "amplification.py").is_file()
