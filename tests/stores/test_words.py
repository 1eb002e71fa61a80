"""What the search index holds, what a search line asks for, and that no article is missed."""

import sqlite3

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.stores.sqlite import indexing
from monitor.stores.sqlite.words import index_words, query_of, searchable, sure_query_of
from monitor.text.query import Either, Every, Part, Query, Term, Without
from monitor.text.query_line import parse_query


def test_a_text_is_indexed_by_every_pair_once():
    assert sorted(index_words("", "月日月日")) == sorted("月日 日月 日  ＝月日月日")
    assert index_words("", "") == ""


def test_words_that_stand_alone_are_indexed_whole():
    words = set(index_words("EUは日本と", "said トランプ氏 W.H.O. ㎏").split())
    assert {"＝eu", "＾eu", "＝日本", "＝said", "＝トランプ", "＋who", "＋kg"} <= words
    assert words.isdisjoint({"＝ai", "＾said", "＝who", "＝kg", "＝ラン"})


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
        ("a\x00b", '("＝ab" OR "＋ab")'),
        ("サーバ", '(("サー" AND "ーバ") OR ("サー" AND "ーバ" AND "バー"))'),
        ("停戦 OR 休戦", '("停戦" OR "休戦")'),
        ("停戦 OR &", ""),
        ("停戦 (& OR 休戦)", '"停戦"'),
        ("停戦 source:通信", '"停戦"'),
        ("停戦 停戦", '"停戦"'),
        ("停戦 -休戦", '("停戦") NOT "＝休戦"'),
        ("停戦 -(休戦 OR US)", '("停戦") NOT ("＝休戦" OR "＾us")'),
        ("停戦 -title:休戦 -(休 戦)", '"停戦"'),
        ("US", '("＾us" OR "＋us")'),
        ("u.s.", '("＝us" OR "＋us")'),
        ("tariffs", '("＝tariffs" OR "＋tarif")'),
        ('"a us tariff"', '(("＝us" OR "＋us") AND ("＝tariff" OR "＋tarif"))'),
        ("us*", '"us"'),
        ('"us ta*"', '(("＝us" OR "＋us") AND "ta")'),
        ("G7", '"g7"'),
    ],
)
def test_a_query_is_made_of_quoted_pairs_and_words(line, query):
    assert query_of(parse_query(line)) in {query, f"({query})"}


def test_a_search_for_what_is_not_there_alone_is_answered_by_reading():
    assert query_of(Query(root=Without(node=Term(word="休戦")))) == ""


def test_inside_words_only_pairs_are_asked_for():
    assert query_of(parse_query("AI -US", boundary="part")) == '("ai" OR ("a" AND "i"))'


def test_longer_runs_are_no_words():
    assert "＝" not in query_of(Query(root=Term(word="x" * 33)))


def test_what_is_excluded_may_be_asked_for_by_its_letters():
    assert sure_query_of(parse_query("停戦 -休戦")) == '("停戦") NOT "休戦"'
    assert sure_query_of(parse_query("停戦 -&")) == ""
    assert sure_query_of(parse_query("停戦")) == ""


def test_nothing_typed_can_leave_the_quotes():
    assert query_of(Query(root=Term(word='a"b" OR "cd'))) == '("a" AND "b" AND "o" AND "or" AND "r" AND "c" AND "cd")'


_PRINTED = [
    *"aiAIusＵＳ日本米国トランプガか個3月々・ー-.’'（） \n\u3000\u00ad\u200b\u0301\u3099㎏éſﬁ™Å",
    *["US", "AI", "U.S.", "日本", "トランプ", "\U0001f1fa\U0001f1f8", "naïve"],
]
_TEXTS = st.lists(st.sampled_from(_PRINTED) | st.characters(), max_size=14).map("".join)
_WORDS = st.sampled_from(
    ["AI", "ai", "us", "US", "U.S.", "a us", "kg", "fi", "日本", "米国", "トランプ", "カ月", "ranpu"]
)
_TERMS = st.builds(Term, word=_WORDS | _TEXTS.filter(str.strip), open_end=st.booleans(), part=st.sampled_from(Part))
_EITHER = _TERMS | st.builds(lambda *nodes: Either(nodes=nodes), _TERMS, _TERMS)
_BOTH = st.builds(lambda one, other: Every(nodes=(one, Without(node=other))), _EITHER, _EITHER)
_QUERIES = st.builds(Query, root=_EITHER | _BOTH, boundary=st.sampled_from(["auto", "whole", "part"]))


@given(title=_TEXTS, text=_TEXTS, query=_QUERIES)
@settings(max_examples=500, deadline=None)
@example(title="", text="二次\n関税", query=parse_query("二次 -関税"))
@example(title="", text="b\u00adus", query=parse_query("us"))
@example(title="", text="caféUS US™", query=parse_query("ai OR US"))
def test_the_index_misses_nothing_that_answers(title, text, query):
    db = sqlite3.connect(":memory:")
    db.execute(indexing.TABLE)
    db.execute("insert into article_words (rowid, words) values (1, ?)", [index_words(title, text)])

    def given_by(asked):
        return not asked or bool(
            db.execute("select 1 from article_words where article_words match ?", [asked]).fetchall()
        )

    holds = query.holds(title=title, text=text, outlet="")
    wanted, sure = query_of(query), sure_query_of(query)
    db_has, sure_has = given_by(wanted), sure and given_by(sure)
    db.close()
    assert db_has or not holds
    assert db_has or not sure_has
