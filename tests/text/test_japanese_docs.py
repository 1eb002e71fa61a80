"""The pages about Japanese cannot lie: every line of their tables is tried."""

import re
from pathlib import Path

import pytest

from monitor.stages.extract_tree import tree_of
from monitor.stages.plain import plain
from monitor.text.find import find_term
from monitor.text.letters import Layer
from monitor.text.query_line import parse_query
from monitor.text.spelling import layers_of

DOCS = Path(__file__).parents[2] / "docs"
PAGES = ("japanese.md", "japanese.ja.md")
KINDS = {"layer": "layer", "層": "layer", "word": "word", "語": "word", "search": "search", "検索": "search"}
FOUND = {"yes": True, "○": True, "no": False, "×": False}


def rows(page):
    """(kind of table, cells) of every line that says what is found."""
    kind = None
    for line in (DOCS / page).read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if not line.startswith("|"):
            kind = None
        elif kind is None:
            kind = KINDS.get(cells[0], "other")
        elif kind != "other" and not re.fullmatch("-+", cells[0]):
            yield kind, cells


CASES = [pytest.param(kind, cells, id=f"{page}-{cells[0]}-{cells[1]}") for page in PAGES for kind, cells in rows(page)]


@pytest.mark.parametrize(("kind", "cells"), CASES)
def test_a_line_is_true(kind, cells):
    if kind == "layer":
        layer, printed, term = cells[:3]
        assert find_term(printed, term), "found"
        assert layers_of(printed, term) == (Layer(layer),)
        return
    text = plain(tree_of(cells[1])) if "<" in cells[1] else cells[1]
    if kind == "search":
        assert parse_query(cells[0]).holds(title="", text=text, outlet="") is FOUND[cells[2]]
    else:
        assert bool(find_term(text, cells[0])) is FOUND[cells[2]]


def test_both_pages_tell_the_same():
    told = [[(kind, cells[:2], FOUND.get(cells[2], cells[2])) for kind, cells in rows(page)] for page in PAGES]
    assert told[0] == told[1]
    assert len(told[0]) > 80
    assert {cells[0] for kind, cells in rows(PAGES[0]) if kind == "layer"} == set(Layer)
