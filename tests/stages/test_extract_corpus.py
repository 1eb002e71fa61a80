"""Scores on real pages: at least as good as the extractor we build on, alone."""

import importlib.util
import json
import unicodedata
from pathlib import Path

import pytest
from builders import make_entry, make_page, make_source

from monitor.stages.extract import extract_article

pytestmark = pytest.mark.corpus


@pytest.fixture(scope="module")
def benchmark():
    path = Path(__file__).parents[2] / "benchmarks" / "corpus_articles.py"
    spec = importlib.util.spec_from_file_location("corpus_articles", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def scored(benchmark, corpus):
    return benchmark.score_all(corpus, processes=1)


@pytest.mark.parametrize("measure", ["title", "day", "minute", "authors", "body", "contains", "excludes"])
def test_at_least_as_good_as_trafilatura_alone(benchmark, scored, measure):
    ours, theirs, cases = benchmark.means(scored)[measure]
    assert cases > 30
    assert ours >= theirs - 0.002


@pytest.mark.parametrize(
    ("measure", "least"),
    [("title", 0.85), ("day", 0.95), ("minute", 0.95), ("authors", 0.73), ("body", 0.95), ("contains", 0.80)],
)
def test_does_not_fall_below_what_was_reached(benchmark, scored, measure, least):
    assert benchmark.means(scored)[measure][0] >= least


def test_japanese_pages(benchmark, scored):
    means = benchmark.means([one for one in scored if one[1] == "ja"])
    assert {name: ours for name, (ours, theirs, _) in means.items() if ours < theirs - 0.002} == {}
    assert means["title"][0] >= 0.90
    assert means["body"][0] >= 0.95


def test_markup_traps(corpus):
    """A term is in the text, or is not, after a plain fold; a break that the page meant counts for a space or nothing."""
    wrong = []
    for line in (corpus / "texttraps" / "cases.jsonl").read_text(encoding="utf-8").splitlines():
        case = json.loads(line)
        if case["kind"] != "html" or case["level"] == "policy":
            continue
        page = make_page(case["text"].encode(), content_type="text/html; charset=utf-8")
        text = unicodedata.normalize("NFKC", extract_article(make_source(), make_entry(title=""), page).text)
        blocks = text.split("\n\n")
        readings = [block.replace("\n", joint) for block in blocks for joint in (" ", "")]
        if "<li>" in case["text"]:
            readings = text.split("\n")
        term = unicodedata.normalize("NFKC", case["term"])
        if any(term in reading for reading in readings) != case["should_match"]:
            wrong.append((case["id"], text))
    assert wrong == []
