"""The pairs that the search index holds, and what a search line asks for."""

import pytest

from monitor.stores.sqlite.words import index_words, query_of, searchable, wanted_words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("日本 NATO", ["日本", "nato"]),
        ("ＮＡＴＯ　ﾄﾗﾝﾌﾟ", ["nato", "トランプ"]),
        ('"New  York" x', ["new york", "x"]),
        ('x"New York', ["x", "new york"]),
        ("〝日本〟", ["日本"]),
        ('""', []),
    ],
)
def test_a_line_asks_for_its_words(line, words):
    assert wanted_words(line) == words


def test_a_text_is_indexed_by_every_pair_once():
    assert sorted(index_words("日本日本")) == sorted("日本 本日 本 ")
    assert index_words("") == ""


def test_headline_and_body_do_not_run_into_each_other():
    assert searchable("日本", "米国") == "日本 米国"
    assert searchable("", "二\n行") == "二行"


@pytest.mark.parametrize(
    ("words", "query"),
    [
        (["日本"], '"日本"'),
        (["日本国", "日本"], '"日本" AND "本国"'),
        (["米"], '"米" *'),
        (["at&t"], '"at" AND "t"'),
        (["&"], ""),
        (['"'], ""),
        (["a\x00b"], '"a" AND "b"'),
    ],
)
def test_a_query_is_made_of_quoted_pairs(words, query):
    assert query_of(words) == query
