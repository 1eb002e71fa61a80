"""What people type to search."""

import re
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.messages import LANGUAGES, say
from monitor.text.query import Every, Outlet, Part, Term, Without
from monitor.text.query_line import QueryError, parse_query, rejoin


def written(node):
    """A tree as one unambiguous line."""
    if isinstance(node, Term):
        part = "" if node.part is Part.ANY else f"{node.part}:"
        return f"{part}[{node.word}]" + "*" * node.open_end
    if isinstance(node, Outlet):
        return f"source:[{node.name}]"
    if isinstance(node, Without):
        return f"-{written(node.node)}"
    return "(" + (" & " if isinstance(node, Every) else " | ").join(map(written, node.nodes)) + ")"


@pytest.mark.parametrize(
    ("line", "tree"),
    [
        ("二次関税 NATO", "([二次関税] & [NATO])"),
        ("二次関税　ＮＡＴＯ", "([二次関税] & [ＮＡＴＯ])"),
        ('"secondary tariff" 石油', "([secondary tariff] & [石油])"),
        ("“首脳 会談”", "[首脳 会談]"),
        ("„a b“ 〝c d〟 ＂e f＂ «g h»", "([a b] & [c d] & [e f] & [g h])"),
        ("「君の 名は」『君』", "([君の 名は] & [君])"),
        ("映画「君の名は」", "([映画] & [君の名は])"),
        ("A B OR C", "([A] & ([B] | [C]))"),
        ("A ＯＲ B ｜ C|D", "([A] | [B] | [C] | [D])"),
        ("A AND B ＡＮＤ C", "([A] & [B] & [C])"),
        ("a or b and c", "([a] & [or] & [b] & [and] & [c])"),
        ("NOT a b ＮＯＴ c", "(-[a] & [b] & -[c])"),
        ("A （B C） OR D", "([A] & (([B] & [C]) | [D]))"),
        ("((A))", "[A]"),
        ("A －B −C ‐D -E", "([A] & -[B] & -[C] & -[D] & -[E])"),
        ('関税 -"近い 言葉" -(a b)', "([関税] & -[近い 言葉] & -([a] & [b]))"),
        ("COVID-19 F-35", "([COVID-19] & [F-35])"),
        ("a - b ー", "([a] & [b] & [ー])"),
        ('trump* "a b*" "c d"＊ ﾄﾗﾝﾌﾟ＊', "([trump]* & [a b]* & [c d]* & [ﾄﾗﾝﾌﾟ]*)"),
        ("title:a Title：b 見出し:c body:d 本文:e", "(title:[a] & title:[b] & title:[c] & body:[d] & body:[e])"),
        ('a source:NHK 媒体:"b c"', "(source:[NHK] & source:[b c] & [a])"),
        ("title:(a OR body:b) -title:c", "((title:[a] | body:[b]) & -title:[c])"),
        ("https://example.jp a:b subtitle:c", "([https://example.jp] & [a:b] & [subtitle:c])"),
        ('a "OR" b', "([a] & [OR] & [b])"),
        ('a "" \u200b b', "([a] & [b])"),
        ("- a", "[a]"),
    ],
)
def test_lines_that_are_understood(line, tree):
    assert written(parse_query(line).root) == tree


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("", "query-empty"),
        (' "" \t-', "query-empty"),
        ("-a", "query-needs-word"),
        ("a OR -b", "query-needs-word"),
        ("source:NHK", "query-needs-word"),
        ("()", "query-needs-word"),
        ('"open', "query-unbalanced"),
        ("「open", "query-unbalanced"),
        ("close」", "query-unbalanced"),
        ("(a", "query-unbalanced"),
        ("a）", "query-unbalanced"),
        ("a OR", "query-dangling"),
        ("OR a", "query-dangling"),
        ("a OR OR b", "query-dangling"),
        ("(a OR) b", "query-dangling"),
        ("title:", "query-dangling"),
        ("NOT", "query-dangling"),
        ("*tariff", "query-leading-star"),
        ("a ＊", "query-leading-star"),
        ("a " * 65, "query-too-long"),
        ("(" * 30 + "a" + ")" * 30, "query-too-deep"),
        ("NOT " * 500 + "a", "query-too-deep"),
    ],
)
def test_lines_that_ask_for_nothing_say_so(line, code):
    with pytest.raises(QueryError) as raised:
        parse_query(line)
    assert raised.value.code == f"text.{code}"
    for language in LANGUAGES:
        assert "{" not in say(raised.value.code, language, **raised.value.facts)


@given(
    st.lists(
        st.sampled_from([*'ab関-－()（）"“「」|* :　', " OR ", "title:", "NOT ", "\u200b", "\ud800"]), max_size=30
    ).map("".join)
)
def test_any_line_is_understood_or_refused(line):
    try:
        query = parse_query(line)
    except QueryError as error:
        assert say(error.code, "ja", **error.facts)  # noqa: PT017 - either way is right
    else:
        assert list(query.root.terms())


@pytest.mark.parametrize(
    "line",
    [
        '二次関税 OR 関税 -EU "近い 言葉"',
        '関税 -"近い 言葉"',
        '関税 title:"近い 言葉" －source:"b c"',
        "二次関税　OR　関税",
        "'二次関税 OR 関税 -EU'",
        "'関税 (EU OR 米)'",
        "関税 'a \"b c\"'",
    ],
)
def test_a_shell_takes_the_quotes_and_they_are_put_back(line):
    typed = re.sub("'(.*?)'", r"(\1)", line)
    assert written(parse_query(rejoin(shlex.split(line))).root) == written(parse_query(typed).root)


def test_a_quoted_line_does_not_run_into_what_follows():
    assert written(parse_query(rejoin(["a", "OR", "b -c"])).root) == "([a] | ([b] & -[c]))"
