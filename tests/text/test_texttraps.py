import runpy
from pathlib import Path

import pytest

SCORE = Path(__file__).parents[2] / "benchmarks" / "texttraps.py"


@pytest.mark.corpus
def test_no_trap_that_matters_is_walked_into(corpus):
    levels, wrong = runpy.run_path(str(SCORE))["score"](corpus)
    right, cases = levels["should"]
    assert cases
    assert [case["id"] for case in wrong if case["level"] == "must"] == []
    assert right >= 0.9 * cases, [case["id"] for case in wrong if case["level"] == "should"]
