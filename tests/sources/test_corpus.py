"""The corpus of real feeds, scored as `benchmarks/corpus_feeds.py` prints it."""

import importlib.util
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "corpus_feeds.py"


@pytest.mark.corpus
def test_real_feeds(corpus):
    spec = importlib.util.spec_from_file_location("corpus_feeds", SCRIPT)
    benchmark = sys.modules[spec.name] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(benchmark)
    score, _seconds = benchmark.run(corpus, benchmark.ours)
    misses = "\n".join(score.misses)
    assert score.stated["entry count"] > 80
    assert score.share("no feed") == 1, misses
    for name in ("entry count", "title", "link", "id", "published", "updated", "text"):
        assert score.share(name) >= 0.98, f"{name}\n{misses}"
