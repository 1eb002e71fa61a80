"""Searches over real articles, held against what people say holds."""

import json

import pytest
from stores.making import make_taken

from monitor.text.query_line import parse_query

pytestmark = pytest.mark.corpus


def typed(query):
    """A query of the corpus as an editor would type it."""
    if "term" in query:
        return f'{"title:" if query.get("field") == "title" else ""}"{query["term"]}"'
    if "not" in query:
        return f"-{typed(query['not'])}"
    if "all" in query:
        return f"({' '.join(map(typed, query['all']))})"
    return f"({' OR '.join(map(typed, query['any']))})"


@pytest.fixture
def filled(store, corpus):
    truth = json.loads((corpus / "fulltext" / "truth.shared-articles.json").read_text(encoding="utf-8"))
    for name in truth["documents"]:
        article = json.loads((corpus / "articles" / name / "expected.json").read_text(encoding="utf-8"))
        taken = make_taken(name, title=article.get("title") or "", text=article.get("body") or "")
        store.polls.save_articles([taken])
    return store, truth["results"]


def test_real_articles_are_found_as_people_say(filled, corpus):
    store, results = filled
    queries = json.loads((corpus / "fulltext" / "queries.json").read_text(encoding="utf-8"))
    wrong = {}
    for query in queries:
        truth = results[query["id"]]
        found = {one.article.id for one in store.archive.search(parse_query(typed(query["query"])), limit=1000)}
        missed = set(truth["match"]) - found
        too_many = found - {*truth["match"], *truth["unsure"], *truth["page_only"]}
        if missed or too_many:
            wrong[query["name"]] = missed, too_many
    assert len(queries) >= 12
    assert wrong == {}
