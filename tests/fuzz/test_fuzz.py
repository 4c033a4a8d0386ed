"""A short fuzz of each target: what was found once, and some thousand inputs more."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.targets import TARGETS

RUNS = {"decode": 1000, "find_entities": 1000, "batch": 2000, "gateway": 2000}


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris has no wheel for this machine")
@pytest.mark.parametrize("target", TARGETS)
def test_nothing_is_found_in_a_short_fuzz(tmp_path: Path, target: str) -> None:
    command = [sys.executable, "-m", "tests.fuzz", target, "--runs", str(RUNS[target])]
    done = subprocess.run([*command, "--work", tmp_path], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    executed = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    assert executed is not None
    assert int(executed[1]) >= RUNS[target]
    assert list((tmp_path / "failed").iterdir()) == []
