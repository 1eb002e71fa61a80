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


@pytest.mark.corpus
def test_matters_of_policy_are_decided_as_the_docs_say(corpus):
    _, wrong = runpy.run_path(str(SCORE))["score"](corpus)
    decided_otherwise = {(case["term"], case["text"]) for case in wrong if case["level"] == "policy"}
    docs = Path(__file__).parents[2] / "docs"
    assert len(decided_otherwise) <= 3
    for page in ("japanese.md", "japanese.ja.md"):
        told = (docs / page).read_text(encoding="utf-8")
        assert [case for case in decided_otherwise if f"| {case[0]} | {case[1][:5]}" not in told] == []
