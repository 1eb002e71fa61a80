"""The pairs that the search index holds, and what a search line asks for."""

import re

import pytest

from monitor.stores.sqlite.words import index_words, query_of, searchable
from monitor.text.query import Term
from monitor.text.query_line import parse_query


def test_a_text_is_indexed_by_every_pair_once():
    assert sorted(index_words("日本日本")) == sorted("日本 本日 本 ")
    assert index_words("") == ""


def test_headline_and_body_do_not_run_into_each_other():
    assert searchable("日本", "米国") == "日本 米国"
    assert searchable("", "二\n行") == "二行"


@pytest.mark.parametrize(
    ("line", "query"),
    [
        ("日本", '"日本"'),
        ("日本国 日本", '("日本" AND "本国") AND "日本"'),
        ("米", '"米" *'),
        ("at&t", '("at" AND "t")'),
        ('"&"', ""),
        ("a\x00b", '"ab"'),
        ("サーバ", '(("サー" AND "ーバ") OR ("サー" AND "ーバ" AND "バー"))'),
        ("停戦 OR 休戦", '("停戦" OR "休戦")'),
        ("停戦 OR &", ""),
        ("停戦 (& OR 休戦)", '"停戦"'),
        ("停戦 -休戦 source:通信", '"停戦"'),
        ("停戦 停戦", '"停戦"'),
    ],
)
def test_a_query_is_made_of_quoted_pairs(line, query):
    assert query_of(parse_query(line).root) in {query, f"({query})"}


def test_nothing_typed_can_leave_the_quotes():
    query = query_of(Term(word='a"b" OR "cd'))
    assert all(re.fullmatch('"[a-z]{1,2}"', pair) for pair in query.strip("()").split(" AND "))
