"""Archive: search, look-ups, exports, numbers."""

import json
from datetime import timedelta

import pytest
from builders import NOW, make_source
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from stores.making import CRISIS, DESK, MINUTE, exported, make_promise, make_taken, waiting_ids

from monitor.text.find import find_term
from monitor.text.query import Either, Every, Part, Query, Term, Without
from monitor.text.query_line import parse_query

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
        ("secondary tariff", ""),
        ('"secondary tariff*"', "a2"),
        ("at&t", "a2"),
        ("c++", "a2"),
        ("&", "a2"),
        ("題", "a4 a3 a2 a1"),
        ("「停戦」", "a4"),
        ("存在しない", ""),
        ("日本 OR 停戦", "a4 a1"),
        ("NATO -停戦", "a1"),
        ("-NATO 題", "a3 a2"),
        ("題 -(NATO OR 会談)", "a2"),
        ("題 (停戦｜関税 OR tariffs)", "a4 a2"),
        ("title:題 NATO", "a4 a1"),
        ("title:NATO", ""),
        ("source:朝の 日本", "a1"),
        ("題 -source:通信", ""),
        ("加盟 -US", "a4"),
    ],
)
def test_a_search_gives_what_answers_it(library, words, expected):
    assert [found.article.id for found in library.archive.search(parse_query(words), limit=10)] == expected.split()


@pytest.mark.parametrize(
    ("words", "auto", "part"), [("米", "", "a2 a1"), ("nat", "", "a4 a1"), ("s", "", "a4 a2"), ("歓", "", "a1")]
)
def test_letters_inside_longer_words_are_found_on_demand(library, words, auto, part):
    for boundary, expected in (("auto", auto), ("part", part)):
        query = parse_query(words, boundary=boundary)
        assert [one.article.id for one in library.archive.search(query, limit=10)] == expected.split(), boundary


@pytest.mark.parametrize(
    "words", ["NEAR/2 日本国", "words:日本", "^日本^", "'; drop table articles; --", "a\x00NEAR", "\ud800", "{日本}x"]
)
def test_nothing_that_is_typed_is_syntax_of_the_database(library, words):
    assert library.archive.search(parse_query(words), limit=10) == []
    assert len(exported(library, "articles")) == 4


def test_a_hit_names_its_outlet(library):
    [found] = library.archive.search(parse_query("日本"), limit=1)
    assert found.outlet == "朝の通信"
    assert found.article.text == TEXTS["a1"]


def test_an_outlet_that_nobody_knows_goes_by_its_source(store):
    store.polls.save_articles([make_taken(source_id="nowhere")])
    assert store.archive.search(parse_query("二次"), limit=1)[0].outlet == "nowhere"


def test_the_newest_come_first_and_no_more_than_asked_for(store):
    # 日米首脳 and 首脳日米 have pairs in common: every second article is a candidate and no hit.
    store.polls.save_articles([
        make_taken(f"a{number}", title="", text="会談で日米首脳が" if number % 2 else "米首脳会談、日米、脳が")
        for number in range(300)
    ])  # fmt: skip
    found = [one.article.id for one in store.archive.search(parse_query("日米首脳"), limit=70)]
    assert found == [f"a{number}" for number in range(299, 159, -2)]
    assert len(store.archive.search(parse_query("日米首脳"), limit=1000)) == 150
    assert store.archive.search(parse_query("日米首脳"), limit=0) == []


def test_news_go_by_the_time_of_the_news_not_of_the_poll(store):
    # A poll stores the newest entry first.
    store.polls.save_articles([
        make_taken(f"a{hours}", title="停戦", published_at=NOW - timedelta(hours=hours)) for hours in range(8)
    ])  # fmt: skip
    found = [one.article.id for one in store.archive.search(parse_query("停戦"), limit=3)]
    assert found == ["a0", "a1", "a2"]


def test_a_query_may_be_long(library):
    assert len(library.archive.search(parse_query(TEXTS["a1"]), limit=5)) == 1
    assert library.archive.search(parse_query("二次関税" * 10_000), limit=5) == []


_WORDS = st.sampled_from(
    ["日本", "日", "米", "ﾄﾗ", "・", "a", "A1", "aa", "+&", "カ国", "3カ国", "ー", "ア", "🚀", "本 米", "サーバ"]
)
_TERMS = st.builds(lambda word, part: Term(word=word, part=part), _WORDS, st.sampled_from(Part))
_NODES = st.recursive(
    _TERMS,
    lambda nodes: (
        st.builds(lambda *some: Every(nodes=some), nodes, nodes)
        | st.builds(lambda *some: Either(nodes=some), nodes, nodes)
        | st.builds(lambda node: Without(node=node), nodes)
    ),
    max_leaves=5,
)
_TEXTS = st.lists(st.sampled_from([*"日本米ーﾄﾗト・aA1+& \n🚀\x00ｶﾞ3ヶカ国", "サーバー"]), max_size=30).map("".join)


@given(title=_TEXTS, text=_TEXTS, root=_NODES, boundary=st.sampled_from(["auto", "part", "whole"]))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_index_leaves_nothing_out(store, title, text, root, boundary):
    """Whatever the tree: what answers it when looked at is found by way of the index."""
    name = f"{title}/{text}".encode().hex()
    store.polls.save_articles([make_taken(name, title=title, text=text)])
    found = {one.article.id for one in store.archive.search(Query(root=root, boundary=boundary), limit=10_000)}
    assert (name in found) is _answers(root, title, text, boundary)


def _answers(node, title, text, boundary):
    """The same said in the obvious way, without any index."""
    if isinstance(node, Every):
        return all(_answers(one, title, text, boundary) for one in node.nodes)
    if isinstance(node, Either):
        return any(_answers(one, title, text, boundary) for one in node.nodes)
    if isinstance(node, Without):
        return not _answers(node.node, title, text, boundary)
    parts = {Part.TITLE: [title], Part.BODY: [text], Part.ANY: [title, text]}[node.part]
    return any(find_term(part, node.word, boundary=boundary) for part in parts)


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
    assert store.archive.counts() == {
        "articles": {"stored": 0},
        "matches": {},
        "told": {"matches": 0, "unsent": 0},
        "deliveries": {},
        "notes": {},
        "revisits": {},
    }
    store.polls.save_articles([make_taken("a1", rules=("一",)), make_taken("a2")])
    store.deliveries.promise(make_promise(payloads=("一", "二")), now=NOW, slot=None)
    assert store.archive.counts() == {
        "articles": {"stored": 2},
        "matches": {"waiting": 1},
        "told": {"matches": 1, "unsent": 0},
        "deliveries": {"pending": 2},
        "notes": {},
        "revisits": {},
    }


class TestPatience:
    """A search to which nearly everything looks like an answer ends, and says how far it came."""

    @pytest.fixture
    def crowded(self, store, monkeypatch):
        monkeypatch.setattr("monitor.stores.sqlite.searching.LEAST_MISSES", 10)
        texts = ["関税と日本政府"] * 30 + ["関税"] + ["関税と全日本空輸"] + ["関税と日本政府"] * 30
        store.polls.save_articles([
            make_taken(f"a{n}", title=text, text="", fetched_at=NOW + timedelta(minutes=n)) for n, text in enumerate(texts)
        ])  # fmt: skip
        return store

    def test_what_holds_no_letter_of_the_excluded_is_found_all_the_same(self, crowded):
        query = parse_query("関税 -日本")
        hurried = crowded.archive.search(query, limit=50, patience=timedelta(0))
        assert [one.article.id for one in hurried] == ["a30"]
        assert hurried.looked_back_to is not None
        patient = crowded.archive.search(query, limit=50)
        assert (patient.looked_back_to, patient[-1].article.id) == (None, "a30")

    def test_where_the_excluded_stands_alone_nothing_is_read(self, store, monkeypatch):
        monkeypatch.setattr("monitor.stores.sqlite.searching.LEAST_MISSES", 10)
        store.polls.save_articles([make_taken(f"a{n}", title="関税と日本と", text="") for n in range(30)])
        hurried = store.archive.search(parse_query("関税 -日本"), limit=50, patience=timedelta(0))
        assert (hurried, hurried.looked_back_to) == ([], None)

    def test_without_anything_excluded_it_ends(self, crowded):
        hurried = crowded.archive.search(parse_query("本空"), limit=50, patience=timedelta(0))
        assert (hurried, hurried.looked_back_to) == ([], None)
        hurried = crowded.archive.search(parse_query("関税 source:南極"), limit=50, patience=timedelta(0))
        assert (hurried, hurried.looked_back_to) == ([], NOW + timedelta(minutes=61))

    def test_hits_are_never_too_many(self, crowded):
        hurried = crowded.archive.search(parse_query("関税"), limit=100, patience=timedelta(0))
        assert (len(hurried), hurried.looked_back_to) == (62, None)
