"""Archive: search, look-ups, exports, numbers."""

import json
from datetime import timedelta

import pytest
from builders import NOW, make_source
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores.making import CRISIS, DESK, MINUTE, exported, make_promise, make_taken, waiting_ids

from monitor.text.fold import fold

TEXTS = {
    "a1": "日本とNATOが協力を確認した。米国は歓迎",
    "a2": "The secondary tariffs on Russian oil, AT&T said. C++ \n日米",
    "a3": "ゼレンスキー・ウォロディミル大統領は､ﾄﾗﾝﾌﾟ氏と会談",
    "a4": "ＮＡＴＯ加盟国が会合。SENATOR Smith「停戦」",
}


@pytest.fixture
def library(store):
    store.polls.sync_sources([make_source()], now=NOW)
    for name, text in TEXTS.items():
        store.polls.save_articles([make_taken(name, title=f"題{name}", text=text)])
    return store


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("NATO", "a4 a1"),
        ("nato", "a4 a1"),
        ("ＮＡＴＯ", "a4 a1"),
        ("日本", "a1"),
        ("米", "a2 a1"),
        ("迎", "a1"),
        ("米国", "a1"),
        ("協力を確認", "a1"),
        ("NATO 協力", "a1"),
        ("NATO　協力", "a1"),
        ("協力 NATO 会合", ""),
        ("トランプ", "a3"),
        ("ゼレンスキー", "a3"),
        ('"secondary tariffs"', "a2"),
        ('"tariffs secondary"', ""),
        ("tariffs secondary", "a2"),
        ("“secondary tariffs”", "a2"),
        ('"secondary tar', "a2"),
        ("at&t", "a2"),
        ("c++", "a2"),
        ("&", "a2"),
        ("+", "a2"),
        ("s", "a4 a2"),
        ("題", "a4 a3 a2 a1"),
        ("「停戦」", "a4"),
        ("存在しない", ""),
        ("", ""),
        ('"" "', ""),
        ("　", ""),
    ],
)
def test_every_word_is_found_wherever_it_stands(library, words, expected):
    assert [found.article.id for found in library.archive.search(words, limit=10)] == expected.split()


@pytest.mark.parametrize(
    "words", ['"', "a*", "NEAR(日 本)", "words:日本", "^日本", "-日本", "'; drop table articles; --", "\x00", "\ud800"]
)
def test_nothing_that_is_typed_is_syntax(library, words):
    assert library.archive.search(words, limit=10) == []
    assert len(exported(library, "articles")) == 4


def test_operators_are_words(library):
    assert library.archive.search("日本 OR 停戦", limit=10) == []
    assert library.archive.search("日本 AND 停戦", limit=10) == []


def test_a_hit_names_its_outlet(library):
    [found] = library.archive.search("日本", limit=1)
    assert found.outlet == "朝の通信"
    assert found.article.text == TEXTS["a1"]


def test_an_outlet_that_nobody_knows_goes_by_its_source(store):
    store.polls.save_articles([make_taken(source_id="nowhere")])
    assert store.archive.search("二次", limit=1)[0].outlet == "nowhere"


def test_the_newest_come_first_and_no_more_than_asked_for(store):
    # 日米首脳 and 首脳日米 have pairs in common: every second article is a candidate and no hit.
    store.polls.save_articles([
        make_taken(f"a{number}", title="", text="会談で日米首脳が" if number % 2 else "米首脳会談、日米、脳が")
        for number in range(300)
    ])  # fmt: skip
    found = [one.article.id for one in store.archive.search("日米首脳", limit=70)]
    assert found == [f"a{number}" for number in range(299, 159, -2)]
    assert len(store.archive.search("日米首脳", limit=1000)) == 150
    assert store.archive.search("日米首脳", limit=0) == []


def test_a_query_may_be_long(library):
    assert len(library.archive.search(TEXTS["a1"], limit=5)) == 1
    assert library.archive.search("二次関税" * 10_000, limit=5) == []


@given(text=st.text("日本米ーﾄト・aA1+& \n🚀\x00ｶﾞ", max_size=30), start=st.integers(0, 29), length=st.integers(1, 4))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_piece_of_a_text_is_found(store, text, start, length):
    name = text.encode().hex() or "empty"
    store.polls.save_articles([make_taken(name, title="", text=text)])
    for piece in text[start : start + length].split():
        hits = {one.article.id for one in store.archive.search(f'"{piece}"', limit=1000)}
        assert (name in hits) is _holds(text, piece)


def _holds(text, piece):
    """Folding looks at neighbours, so that a piece may fold otherwise than in its place."""
    folded = " ".join(fold(piece).text.split())
    return folded != "" and folded in " ".join(fold(f"\n\n{text}").text.split())


def test_exports_have_exactly_the_fields_of_the_contract(store):
    store.polls.save_articles([make_taken("a1", rules=("NATO",), notices=(CRISIS, DESK), authors=("山田",))])
    [delivery] = store.deliveries.promise(make_promise(told=waiting_ids(store)), now=NOW, slot=None)
    assert exported(store, "articles") == [
        {
            "id": "a1",
            "url": "http://127.0.0.1/a1",
            "source": "asahi-wire",
            "title": "見出し a1",
            "authors": ["山田"],
            "published_at": "2026-11-22T22:30:00Z",
            "updated_at": None,
            "fetched_at": "2026-11-22T23:30:00Z",
            "language": "ja",
            "text": "トランプ大統領は、ロシア産石油の購入国に二次関税を課す可能性があると答えた。",
            "text_from": "page",
            "story": "a1",
        }
    ]
    match = {
        "id": 1,
        "rule": "NATO",
        "article": "a1",
        "url": "http://127.0.0.1/a1",
        "title": "見出し a1",
        "source": "asahi-wire",
        "channel": "crisis",
        "terms": ["二次関税", "secondary tariff*"],
        "snippet": "購入国に二次関税を課す",
        "matched_at": "2026-11-22T23:30:00Z",
        "delivery": delivery.id,
    }
    assert exported(store, "matches") == [match, match | {"channel": "desk", "delivery": None}]
    assert exported(store, "deliveries") == [
        {
            "id": delivery.id,
            "channel": "crisis",
            "state": "pending",
            "attempts": 0,
            "created_at": "2026-11-22T23:30:00Z",
            "sent_at": None,
            "slack_ts": None,
            "error": None,
            "matches": [1],
        }
    ]
    for what in ("articles", "matches", "deliveries"):
        assert json.loads(json.dumps(exported(store, what))) == exported(store, what)


def test_exports_begin_at_an_instant(store):
    for number in range(4):
        at = NOW + number * MINUTE
        store.polls.save_articles([make_taken(f"a{number}", rules=("一",), fetched_at=at)])
        store.deliveries.promise(make_promise(period=f"now/{number}"), now=at, slot=None)
    for what in ("articles", "matches", "deliveries"):
        assert len(exported(store, what, since=NOW + 2 * MINUTE)) == 2
        assert exported(store, what, since=NOW + timedelta(days=1)) == []


def test_exports_of_many_pages_are_whole_in_order_and_hold_nothing_open(store, opened):
    store.polls.save_articles([make_taken(f"a{number}", rules=("一", "二"), text="短い") for number in range(700)])
    rows = store.archive.rows("matches", since=None)
    first = next(rows)
    other = opened()
    other.polls.save_articles([make_taken("late", rules=("一",))])
    other.upkeep.checkpoint()
    ids = [first["id"], *(row["id"] for row in rows)]
    assert ids == list(range(1, 1402))
    assert [row["id"] for row in exported(store, "articles")] == [*(f"a{number}" for number in range(700)), "late"]


def test_counts(store):
    assert store.archive.counts() == {"articles": {"stored": 0}, "matches": {}, "deliveries": {}}
    store.polls.save_articles([make_taken("a1", rules=("一",)), make_taken("a2")])
    store.deliveries.promise(make_promise(payloads=("一", "二")), now=NOW, slot=None)
    assert store.archive.counts() == {
        "articles": {"stored": 2},
        "matches": {"waiting": 1},
        "deliveries": {"pending": 2},
    }
