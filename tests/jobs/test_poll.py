"""One turn at a source, on the real store: what is new is taken once, what fails is not lost."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, make_source
from fakes import Clock, FakeFetcher, InProcessParser, in_store

from monitor.errors import FetchError, ParseError, recalled_code
from monitor.jobs.poll import PollDesk, poll_source
from monitor.model import Match, Notice, Page, Snippet, SourceState, TextFrom
from monitor.schedule import Reason
from monitor.stores import open_store

FEED = "http://news.example/feed.xml"


def feed(*numbers: int, ttl: str = "", age: timedelta = timedelta(hours=1)) -> bytes:
    stamp = (NOW - age).strftime("%a, %d %b %Y %H:%M:%S +0000")
    items = "".join(
        f"<item><title>記事{n} 二次関税</title><link>http://news.example/a/{n}?utm_source=rss</link>"
        f"<description>要約{n}です。</description><pubDate>{stamp}</pubDate></item>"
        for n in numbers
    )
    return f"<rss version='2.0'><channel><title>通信</title>{ttl}{items}</channel></rss>".encode()


def page(n: int) -> bytes:
    text = "米政府は、ロシア産石油を買う国に関税を課すと発表した。対象や時期は明らかにしていない。" * 6
    return f"<html lang=ja><head><title>記事{n}</title></head><body><article><h1>記事{n} 二次関税</h1><p>{text}</p></article></body></html>".encode()


class Room:
    """A source, its web and its memory."""

    def __init__(self, database, **changes) -> None:
        self.clock = Clock()
        self.web = FakeFetcher(self.clock)
        self.parser = InProcessParser()
        self.store = open_store(str(database))
        self.source = make_source(url=FEED, **changes)
        self.store.polls.sync_sources([self.source], now=self.clock())
        self.state = SourceState(source_id=self.source.id, next_poll_at=NOW)
        #: Rule id -> the only source it listens to; without any, one rule matches everything.
        self.scoped: dict[str, str] = {}

    def judge(self, article, source):
        rules = [rule for rule, only in self.scoped.items() if only == source.id] or ([] if self.scoped else ["r"])
        return tuple(self.match(article, rule) for rule in rules)

    def match(self, article, rule):
        notice = Notice(channel="#news", destination="#news", when="digest")
        return Match(
            article_id=article.id,
            rule_id=rule,
            rule_name=rule,
            rule_order=0,
            terms=("二次関税",),
            title=Snippet(text=article.title),
            snippet=None,
            matched_at=self.clock(),
            notices=(notice,),
        )

    async def poll(self):
        desk = PollDesk(
            fetcher=self.web,
            parser=self.parser,
            in_store=in_store,
            polls=self.store.polls,
            judge=self.judge,
            clock=self.clock,
            choosy_rules=frozenset(self.scoped),
        )
        report = await poll_source(self.source, self.state, desk, jitter=0)
        self.state = report.state
        self.store.polls.save_states([report.state])
        return report

    def articles(self):
        return list(self.store.archive.rows("articles", since=None))

    def waiting(self):
        return sum(one.matches for one in self.store.deliveries.backlog())


@pytest.fixture
def room(tmp_path):
    room = Room(tmp_path / "monitor.db")
    yield room
    room.store.close()


async def test_takes_what_is_new(room):
    room.web.pages = {FEED: feed(2, 1), **{f"http://news.example/a/{n}?utm_source=rss": page(n) for n in (1, 2)}}
    report = await room.poll()
    assert (report.listed, report.new, report.matched) == (2, 2, 2)
    assert report.reason is Reason.INTERVAL
    assert {one["text_from"] for one in room.articles()} == {"page"}
    assert all("utm_" not in one["url"] for one in room.articles())
    assert room.waiting() == 2


async def test_an_unchanged_feed_is_neither_parsed_nor_taken_again(room):
    room.web.pages[FEED] = feed(1)
    await room.poll()
    report = await room.poll()
    assert report.unchanged
    assert room.parser.listings == 1
    assert room.web.asked[-1][1].etag


async def test_an_unchanged_body_without_validators_is_known_by_its_hash(room):
    room.web.with_etags = False
    room.web.pages[FEED] = feed(1)
    await room.poll()
    assert (await room.poll()).unchanged
    assert room.parser.listings == 1


async def test_of_a_feed_that_was_cut_off_whole_entries_are_taken_and_the_rest_is_asked_for_again(room):
    # A cache that sends half of it names the validators of the whole.
    room.web.pages[FEED] = feed(2, 1)[:-100]
    report = await room.poll()
    assert (report.listed, report.new) == (1, 1)
    assert report.state.validators.etag is None
    room.web.pages[FEED] = feed(2, 1)
    assert (await room.poll()).new == 1
    assert sorted(article["url"] for article in room.articles()) == [
        "http://news.example/a/1",
        "http://news.example/a/2",
    ]


async def test_only_the_new_entry_of_a_changed_feed_is_taken(room):
    room.web.pages[FEED] = feed(1)
    await room.poll()
    room.web.pages[FEED] = feed(2, 1)
    report = await room.poll()
    assert (report.listed, report.new) == (2, 1)
    assert len(room.articles()) == 2


@pytest.mark.parametrize("status", [401, 402, 403, 451, 404, 500])
async def test_a_closed_door_falls_back_to_what_the_feed_said(room, status):
    room.web.pages[FEED] = feed(1)
    room.web.pages["http://news.example/a/1?utm_source=rss"] = FetchError("fetch.closed", status=status, url="x")
    await room.poll()
    (article,) = room.articles()
    assert (article["text_from"], article["text"]) == ("entry", "要約1です。")
    assert room.store.archive.article(article["id"]).missing == "fetch.closed"


async def test_a_host_that_hangs_does_not_hold_up_the_feed(room):
    room.web.pages[FEED] = feed(*range(25, 0, -1))
    for number in range(1, 26):
        url = f"http://news.example/a/{number}?utm_source=rss"
        room.web.pages[url] = FetchError("fetch.timeout", url=url, seconds=30)
    report = await room.poll()
    assert (report.new, report.error) == (25, None)
    assert 3 <= len(room.web.asked) - 1 <= 4
    missing = {room.store.archive.article(one["id"]).missing for one in room.articles()}
    assert missing == {"fetch.timeout", "fetch.hanging"}


async def test_without_full_text_no_page_is_asked_for(tmp_path):
    room = Room(tmp_path / "m.db", full_text=False)
    room.web.pages[FEED] = feed(1)
    await room.poll()
    assert [url for url, _, _ in room.web.asked] == [FEED]
    assert room.articles()[0]["text_from"] == TextFrom.ENTRY
    assert room.store.archive.article(room.articles()[0]["id"]).missing is None
    room.store.close()


async def test_the_first_poll_tells_only_what_is_fresh(room):
    room.web.pages[FEED] = feed(1, age=timedelta(days=3))
    await room.poll()
    assert len(room.articles()) == 1
    assert room.waiting() == 0
    room.web.pages[FEED] = feed(2, 1, age=timedelta(days=3))
    await room.poll()
    assert room.waiting() == 1


@pytest.mark.parametrize(("initial", "told"), [(timedelta.max, 1), (timedelta(0), 0), (timedelta(days=4), 1)])
async def test_initial_decides_for_the_first_poll(tmp_path, initial, told):
    room = Room(tmp_path / "m.db", initial=initial)
    room.web.pages[FEED] = feed(1, age=timedelta(days=3))
    await room.poll()
    assert room.waiting() == told
    room.store.close()


async def test_a_failure_backs_off_and_the_next_success_takes_everything(room):
    room.web.pages[FEED] = FetchError("fetch.timeout", url=FEED, seconds=30)
    report = await room.poll()
    assert recalled_code(report.state.last_error) == "fetch.timeout"
    assert report.state.failures == 1
    room.web.pages[FEED] = feed(1)
    report = await room.poll()
    assert (report.new, report.state.failures, report.state.last_error) == (1, 0, None)


async def test_what_is_no_feed_is_a_failure_that_says_so(room):
    room.web.pages[FEED] = b"<!doctype html><html><body><h1>Hello</h1></body></html>"
    report = await room.poll()
    assert isinstance(report.error, ParseError)
    assert report.state.body_hash is None


@pytest.mark.fault(60)
async def test_gone_ends_the_polling(room):
    room.web.pages[FEED] = FetchError("fetch.gone", status=410, url=FEED)
    report = await room.poll()
    assert report.state.gone
    assert room.store.polls.claim_due(now=NOW + timedelta(days=9), lease=timedelta(minutes=1), limit=9) == []


async def test_a_wish_of_the_feed_lengthens_the_interval(room):
    room.web.pages[FEED] = feed(1, ttl="<ttl>60</ttl>")
    report = await room.poll()
    assert report.state.next_poll_at == NOW + timedelta(hours=1)


async def test_a_permanent_move_is_followed_and_forgotten_when_it_fails(room):
    moved = "http://new.example/feed.xml"
    room.source = replace(room.source, headers=(("X-Key", "secret"),))
    room.web.pages[FEED] = Page(
        url=FEED, final_url=moved, moved_to=moved, status=200, body=feed(1), fetched_at=NOW, content_type="text/xml"
    )
    assert (await room.poll()).state.moved_to == moved
    assert room.web.asked[0][2] == (("X-Key", "secret"),)
    await room.poll()
    assert room.web.asked[-1][0] == moved
    assert room.web.asked[-1][2] == ()
    assert room.state.moved_to is None


async def test_an_entry_that_cannot_be_taken_comes_again(room, monkeypatch):
    room.web.pages[FEED] = feed(2, 1)
    whole = InProcessParser.article
    broken = {"on": True}

    async def article(self, source, entry, page):
        if broken["on"] and "記事1" in entry.title:
            raise ParseError("parsing.died", url="x")
        return await whole(self, source, entry, page)

    monkeypatch.setattr(InProcessParser, "article", article)
    report = await room.poll()
    assert isinstance(report.error, ParseError)
    assert report.new == 1
    broken["on"] = False
    report = await room.poll()
    assert (report.new, report.error) == (1, None)
    assert len(room.articles()) == 2


async def test_one_entry_listed_twice_is_one_article(room):
    room.web.pages[FEED] = feed(1, 1)
    assert (await room.poll()).new == 1


async def test_the_same_address_in_two_feeds_is_one_article(room):
    room.web.pages[FEED] = feed(1)
    await room.poll()
    room.source = replace(room.source, id="other", url="http://other.example/rss")
    room.store.polls.sync_sources([room.source], now=NOW)
    room.state = SourceState(source_id="other", next_poll_at=NOW)
    room.web.pages["http://other.example/rss"] = feed(1).replace(b"utm_source=rss", b"utm_source=other")
    assert (await room.poll()).new == 0
    assert len(room.articles()) == 1


class TestRulesThatListenToOneSource:
    """An article that two feeds carry is fetched once, and judged for whoever carries it."""

    async def first_from_elsewhere(self, room, *, age=timedelta(hours=1)):
        room.scoped = {"theirs": "asahi-wire", "ours": "other"}
        room.web.pages[FEED] = feed(1, age=age)
        await room.poll()
        assert [one["rule"] for one in room.store.archive.rows("matches", since=None)] == ["theirs"]
        room.source = replace(room.source, id="other", url="http://other.example/rss")
        room.store.polls.sync_sources([room.source], now=NOW)
        room.state = SourceState(source_id="other", next_poll_at=NOW)
        room.web.pages["http://other.example/rss"] = feed(1, age=age)

    def rules(self, room):
        return sorted(one["rule"] for one in room.store.archive.rows("matches", since=None))

    async def test_a_rule_for_the_second_feed_matches_too(self, room):
        await self.first_from_elsewhere(room)
        report = await room.poll()
        assert report.new == 0
        assert self.rules(room) == ["ours", "theirs"]
        assert room.waiting() == 2

    async def test_and_only_once(self, room):
        await self.first_from_elsewhere(room)
        await room.poll()
        room.web.pages["http://other.example/rss"] = feed(1).replace("通信".encode(), "新通信".encode())
        await room.poll()
        assert self.rules(room) == ["ours", "theirs"]

    async def test_a_process_that_died_between_does_it_again(self, room):
        await self.first_from_elsewhere(room)
        unseen = room.store.polls.unseen
        room.store.polls.unseen = None
        with pytest.raises(TypeError):
            await room.poll()
        room.store.polls.unseen = unseen
        await room.poll()
        assert self.rules(room) == ["ours", "theirs"]

    async def test_the_first_poll_of_the_second_feed_floods_nobody(self, room):
        await self.first_from_elsewhere(room, age=timedelta(days=3))
        await room.poll()
        assert self.rules(room) == ["ours", "theirs"]
        assert room.waiting() == 0
