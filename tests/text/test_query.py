"""What a search asks for, held against articles."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.text.find import find_term
from monitor.text.query import Either, Every, Outlet, Page, Part, Query, Term, Without
from monitor.text.query_line import parse_query


def found(line, *, title="", text="", outlet="", boundary="auto"):
    return parse_query(line, boundary=boundary).holds(title=title, text=text, outlet=outlet)


@pytest.mark.parametrize(
    ("line", "text", "holds"),
    [
        ("EU", "博物館 museum", False),
        ("EU", "EU27カ国", True),
        ("関税 -EU", "The museum 関税", True),
        ("関税 -EU", "EUの関税", False),
        ("京都", "東京都の予算", False),
        ("京都", "京都市の予算", True),
        ("US", "tell us", False),
        ("us", "US officials", True),
        ("trump*", "Trumpism", True),
        ("trump", "Trumpism", False),
        ("トランプ*", "トランプノミクス", True),
        ("ドナルド・トランプ", "ドナルド＝ﾄﾗﾝﾌﾟ", True),
        ('"secondary  tariff"', "secondary\ntariff", True),
        ('"secondary tariff"', "secondary\n\ntariff", False),
        ("二次関税 OR 停戦 石油", "停戦", False),
        ("二次関税 OR 停戦 石油", "石油と停戦", True),
        ("石油 -停戦 OR -関税", "石油と停戦", True),
        ("石油 -停戦 OR -関税", "石油と停戦と関税", False),
    ],
)
def test_words_stand_as_in_rules(line, text, holds):
    assert found(line, text=text) is holds
    assert found(line, title=text) is holds


def test_a_part_of_the_article_alone():
    assert found("title:停戦", title="停戦", text="")
    assert not found("title:停戦", title="", text="停戦")
    assert found("body:停戦", text="停戦")
    assert not found("本文：停戦", title="停戦")
    assert found("見出し:(停戦 OR 休戦) 石油", title="休戦", text="石油")
    assert not found("停戦 -title:停戦", title="停戦", text="停戦")


def test_the_name_of_the_outlet():
    assert found("source:ＮＨＫ 停戦", text="停戦", outlet="NHK 主要ニュース")
    assert not found("停戦 -媒体:nhk", text="停戦", outlet="NHK 主要ニュース")


def test_parts_of_words_on_demand():
    assert found("京都", text="東京都", boundary="part")
    assert not found("停戦 -京都", text="停戦 東京都", boundary="part")


def test_words_that_speak_for_an_article_are_marked():
    query = parse_query("関税 OR (停戦 -石油) title:米 source:x trump*")
    text = "停戦と関税と石油、米、Trumpism"
    assert query.marks(title="米の関税", text=text) == ([(0, 1), (2, 4)], [(0, 2), (3, 5), (11, 19)])


_NODES = st.recursive(
    st.builds(Term, word=st.sampled_from("abc"), part=st.sampled_from(Part)) | st.builds(Outlet, name=st.just("x")),
    lambda nodes: (
        st.builds(Every, nodes=st.tuples(nodes, nodes))
        | st.builds(Either, nodes=st.tuples(nodes, nodes))
        | st.builds(Without, node=nodes)
    ),
    max_leaves=8,
)


def naive(node, title, text, outlet):
    """Every word looked for anew, nothing left unlooked at."""
    if isinstance(node, Outlet):
        return node.name in outlet
    if isinstance(node, Term):
        parts = {Part.TITLE: [title], Part.BODY: [text], Part.ANY: [title, text]}[node.part]
        return sum(len(find_term(part, node.word)) for part in parts) > 0
    if isinstance(node, Without):
        return not naive(node.node, title, text, outlet)
    verdicts = [naive(one, title, text, outlet) for one in node.nodes]
    return all(verdicts) if isinstance(node, Every) else any(verdicts)


@given(_NODES, st.text("abc ", max_size=5), st.text("abc ", max_size=5), st.sampled_from(["x", "y"]))
def test_trees_mean_what_they_say(node, title, text, outlet):
    query = Query(root=node)
    assert query.holds(title=title, text=text, outlet=outlet) == naive(node, title, text, outlet)
    if node.needs_a_word() and not any(word in title + text for word in "abc"):
        assert not query.holds(title=title, text=text, outlet=outlet)
    marked = query.marks(title=title, text=text)
    assert all(title[first:last] in set("abc") for first, last in marked[0])
    assert {term.word for term in node.terms()} >= {text[first:last] for first, last in marked[1]}


def test_a_text_is_folded_when_it_is_asked_for():
    page = Page(title="停戦", text="石油")
    assert Term(word="停戦").holds(page)
    assert set(page.__dict__) & {"_folded_title", "_folded_text"} == {"_folded_title"}
