"""The article with which it began: three words as rules, one match each, with snippets that people can read."""

import pytest
from builders import NOW, make_article, make_source

from monitor.rules.matcher import compile_rules
from monitor.stages.match import find_matches

RULES = "- 二次関税\n- NATO\n- ゼレンスキー\n"


@pytest.mark.corpus
def test_each_rule_matches_once_and_shows_its_word_in_whole_sentences(load, corpus):
    title, _, text = (corpus.parent / "seed-article.txt").read_text(encoding="utf-8").partition("\n\n")
    article = make_article(title=title, text=text)
    matches = find_matches(article, make_source(), compile_rules(load(RULES).rules), route=lambda _: (), now=NOW)
    assert [(match.rule_name, match.terms) for match in matches] == [
        ("二次関税", ("二次関税",)),
        ("NATO", ("NATO",)),
        ("ゼレンスキー", ("ゼレンスキー",)),
    ]
    assert [_marked(match.snippet) for match in matches] == [["二次関税"], ["NATO", "NATO"], ["ゼレンスキー"]]
    for match in matches:
        assert match.title.highlights == ()
        shown = match.snippet.text.strip("…")
        assert len(shown) <= 120
        assert shown.endswith("。")
        assert shown.split("。")[0] in text
        assert text[text.index(shown.split("。")[0]) - 1] in "\n。"


def _marked(snippet):
    return [snippet.text[first:last] for first, last in snippet.highlights]
