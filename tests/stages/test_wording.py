"""The words around the stories."""

from datetime import UTC, datetime, timedelta

import pytest
from builders import NOW
from digests import TOKYO, make_digest, make_digest_entry
from hypothesis import given
from hypothesis import strategies as st

from monitor.model import DigestSection, Outlet, Snippet, Upcoming
from monitor.stages.wording import (
    Wording,
    brief,
    inert,
    linkable,
    pieces,
    rule_snippets,
    shortened,
    whole,
    window,
)

JA = Wording(language="ja", zone=TOKYO)
EN = Wording(language="en", zone=TOKYO)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a\tb\n\nc\u3000d\u2028e", "a b c d e"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("zero\u200bwidth\ufeff\u00ad", "zerowidth"),
        ("\x00\x1b[31mred\x9b", "[31mred"),
        ("क्‍ष 👨‍👩‍👧", "क्‍ष 👨‍👩‍👧"),
        ("\ud800\ufdd0\U0010ffff\ue000x", "x"),
        ("\U0001fae8", "\U0001fae8"),
        ("<b>&amp;", "<b>&amp;"),
        ("e" + "\u0301" * 900 + "f", "e" + "\u0301" * 4 + "f"),
        ("a" + "\u200d\u202e" * 900, "a" + "\u200d" * 4),
        ("བསྒྲུབས་ ที่ e\u0323\u0302", "བསྒྲུབས་ ที่ e\u0323\u0302"),
        ("\u3164\u115fx", "x"),
    ],
)
def test_inert(text, expected):
    assert inert(text) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://news.example/",
        "HTTP://news.example:8080/a?b=c&d=e#f",
        "https://ニュース.example/記事",
        "https://a.jp/%3Cscript%3E(x)'",
    ],
)
def test_linkable(url):
    assert linkable(url) == url


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a/",
        "javascript:x",
        "https://a/<",
        "https://a/|",
        "https://a/ b",
        "https://a/\u202eb",
        "https://a/\ud800",
        "https://" + "a" * 1300,
    ],
)
def test_not_linkable(url):
    assert linkable(url) is None


def test_shortened():
    assert shortened("abc", 3) == "abc"
    assert shortened("ab cd", 4) == "ab…"


@pytest.mark.parametrize("sign", ["👨‍👩‍👧", "🇯🇵", "か\u3099", "👍🏽", "☀\ufe0f", "क्‍ष"])
def test_no_sign_is_cut_in_two(sign):
    text = sign * 9
    for limit in range(2, len(text)):
        kept = shortened(text, limit).removesuffix("…")
        assert kept == sign * (len(kept) // len(sign)) or limit <= len(sign)


def test_a_flood_is_cut_anywhere():
    assert whole("a" + "\u0301" * 900, 500) == 500


def test_matched_words_in_a_long_snippet_are_not_cut_in_two():
    snippet = Snippet(text="👨‍👩‍👧" * 100 + "税", highlights=((500, 501),))
    cut = window(snippet, 30)
    assert cut.text == "…" + "👨‍👩‍👧" * (cut.text.count("👧")) + "税"
    assert [cut.text[start:end] for start, end in cut.highlights] == ["税"]


def test_what_would_not_be_seen_is_said():
    for words in ("", " ", "\u200d\u200c", "\u2800 \u3164", "\u202e"):
        assert JA.title(make_digest_entry(title=Snippet(text=words))) == "(見出しなし)"
        assert brief(words) == "?"
        assert JA.rule(DigestSection(rule_id="r", rule_name=words, entries=())) == "?"


def test_breaking_rules_are_marked():
    section = DigestSection(rule_id="r", rule_name="地震", entries=(), breaking=True)
    assert (JA.rule(section), EN.rule(section)) == ("【速報】地震", "BREAKING: 地震")


def test_long_lists_say_how_many_they_leave_out():
    entry = make_digest_entry(
        also_outlets=tuple(Outlet(name=str(number), url="") for number in range(11)),
        also_rules=tuple((str(number), Snippet(text="x")) for number in range(12)),
    )
    assert JA.also_outlets(entry) == ("ほか11媒体: ", " ほか3")
    assert EN.also_rules(entry) == "Also matches: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 2 more"
    assert [before for before, _ in rule_snippets(entry)] == ["0: ", "1: ", "2: "]


def snippets() -> st.SearchStrategy[Snippet]:
    """Texts with sorted highlights that do not overlap."""

    def marked(text: str) -> st.SearchStrategy[Snippet]:
        edges = st.lists(st.integers(0, len(text)), max_size=8, unique=True).map(sorted)
        return edges.map(lambda at: Snippet(text=text, highlights=tuple(zip(at[::2], at[1::2], strict=False))))

    return st.text(max_size=60).flatmap(marked)


@given(snippets(), st.integers(4, 70))
def test_a_window_keeps_highlights_on_their_words(snippet, limit):
    cut = window(snippet, limit)
    assert len(cut.text) <= limit + 2
    words = [snippet.text[start:end] for start, end in snippet.highlights]
    for start, end in cut.highlights:
        assert 0 <= start < end <= len(cut.text)
        assert any(cut.text[start:end] in word for word in words)
    if words:
        assert cut.highlights


@given(snippets())
def test_pieces_hold_all_visible_text_and_nothing_empty(snippet):
    found = list(pieces(snippet))
    assert all(text for text, _ in found)
    squeezed = "".join("".join(text for text, _ in found).split())
    assert squeezed == "".join(inert(snippet.text).split())


def test_headings():
    assert JA.heading(make_digest()) == "crisis ダイジェスト 11月23日(月) 8:30 ・ 1件"
    assert EN.heading(make_digest()) == "crisis digest, Mon 23 Nov 08:30 · 1 story"
    assert EN.heading(make_digest(period="now/crisis/3")) == "crisis alert, Mon 23 Nov 08:30 · 1 story"
    assert JA.heading(make_digest(period="now/crisis/3")) == "crisis アラート 11月23日(月) 8:30 ・ 1件"
    assert JA.heading(make_digest(period="breaking/crisis/3")) == "crisis 速報 11月23日(月) 8:30 ・ 1件"
    late = make_digest(late_for_at=NOW - timedelta(hours=1))
    assert JA.heading(late) == "crisis ダイジェスト 11月23日(月) 7:30 ・ 1件"


def test_notes():
    assert JA.notes(make_digest(since_at=None)) == ()
    hello = make_digest(hello=(12, 3, None), since_at=None)
    assert EN.notes(hello) == ("Hello! From now on you read here what the rules find. Sources: 12, rules: 3.",)
    assert JA.notes(make_digest()) == ("対象: 11月22日(日) 18:30 〜 11月23日(月) 8:30",)


def test_the_year_is_said_where_it_is_another():
    assert JA.moment(NOW - timedelta(days=365), NOW) == "2025年11月23日 8:30"
    assert EN.moment(NOW, NOW) == "Mon 23 Nov 08:30"


UPCOMING = [
    ({"hours": 2}, {}, "#news: goes out 11:00", "#news: 11:00 に送信します"),
    ({"hours": 24}, {}, "#news: goes out Tue 24 Nov 09:00", "#news: 11月24日(火) 9:00 に送信します"),
    ({}, {}, "#news: goes out now", "#news: 今すぐ送信します"),
    ({"hours": 2}, {"held": True}, "#news: held until 11:00 by the quiet hours", "11:00 まで止めて送信します"),
    ({"hours": 2}, {"breaking_only": True}, "#news: goes out 11:00, through the quiet hours", "でも 11:00 に"),
    ({}, {"breaking_only": True}, "#news: goes out now, through the quiet hours", "今すぐ送信します"),
    (None, {}, "#news: has no time to go out.", "送信する時刻がありません"),
]


@pytest.mark.parametrize(("ahead", "facts", "en", "ja"), UPCOMING)
def test_when_a_digest_goes_out(ahead, facts, en, ja):
    now = datetime(2026, 11, 23, 0, tzinfo=UTC)
    at = None if ahead is None else now + timedelta(**ahead)
    one = Upcoming(digest=make_digest(channel="#news"), at=at, seen_at=now, **facts)
    assert en in EN.upcoming(one)
    assert ja in JA.upcoming(one)
