"""Pages that could not be had, asked for again on the real store: what the body says counts, and nothing waits for ever."""

from dataclasses import replace
from datetime import timedelta

import pytest
from builders import NOW, make_article, make_source
from fakes import Clock, FakeFetcher, InProcessParser, in_store

from monitor.errors import FetchError, ParseError
from monitor.jobs.revisit import Outcome, RevisitDesk, revisit_due
from monitor.model import Match, Notice, Snippet, Telling, TextFrom
from monitor.ports import Taken
from monitor.stores import open_store

URL = "http://news.example/a/1"
BODY = "米政府は、ロシア産石油を買う国に関税を課すと発表した。対象や時期は明らかにしていない。" * 6


def page(text=BODY):
    return f"<html lang=ja><head><title>見出し</title></head><body><article><h1>見出し</h1><p>{text}</p></article></body></html>".encode()


BUSY = FetchError("fetch.busy", status=503, url=URL)
SHUT = FetchError("fetch.closed", status=403, url=URL)


class Room:
    """Articles without bodies, a web that may have them now, and one rule that wants 関税 in the body and no 映画."""

    def __init__(self, database) -> None:
        self.clock = Clock()
        self.web = FakeFetcher(self.clock)
        self.web.pages[URL] = BUSY
        self.parser = InProcessParser()
        self.store = open_store(str(database))
        source = make_source(url="http://news.example/feed.xml", headers=(("X-Key", "k"),))
        self.sources = {source.id: source}
        self.store.polls.sync_sources([source], now=self.clock())

    def judge(self, article, source):
        if "映画" in article.text:
            return ()
        needs_body = article.missing is not None
        return (
            Match(
                article_id=article.id,
                rule_id="r",
                rule_name="r",
                rule_order=0,
                terms=("関税",),
                title=Snippet(text=article.title),
                snippet=None,
                matched_at=self.clock(),
                notices=(Notice(channel="#news", destination="#news", when="digest"),),
                needs_body=needs_body,
                when_body_missing="hold",
            ),
        )

    def add(self, number=1, *, missing="fetch.busy", url=None):
        id_ = f"{number:016x}"
        article = make_article(
            id=id_, story=id_, url=url or f"http://news.example/a/{number}", title=f"見出し{number}", text="",
            text_from=TextFrom.TITLE, missing=missing, fetched_at=self.clock(),
        )  # fmt: skip
        matches = self.judge(article, None)
        self.store.polls.save_articles([Taken(article=article, matches=matches, telling=Telling.WAITING, key=id_)])

    async def turn(self, limit=50, **later):
        self.clock.move(**later)
        desk = RevisitDesk(
            fetcher=self.web,
            parser=self.parser,
            in_store=in_store,
            revisits=self.store.revisits,
            judge=self.judge,
            rules=frozenset({"r"}),
            sources=self.sources,
            clock=self.clock,
        )
        return await revisit_due(desk, limit=limit)

    async def outcomes(self, **later):
        return [report.outcome for report in await self.turn(**later)]

    def tellings(self):
        return dict(self.store.archive.counts()["matches"])


@pytest.fixture
def room(tmp_path):
    room = Room(tmp_path / "monitor.db")
    yield room
    room.store.close()


class TestWhen:
    async def test_after_ten_minutes_one_hour_six_and_a_day_and_then_it_is_told_without(self, room):
        room.add()
        assert await room.turn(minutes=9) == []
        assert room.tellings() == {"held": 1}
        for minutes in (1, 50, 300, 1080):
            assert room.tellings() == {"held": 1}
            assert len(await room.turn(minutes=minutes)) == 1
            assert await room.turn() == []
        assert room.tellings() == {"waiting": 1}
        assert room.web.asked_for(URL) == 4
        assert room.store.revisits.next_revisit_at() is None

    async def test_the_last_report_says_what_was_let_go(self, room):
        room.add(missing="fetch.private")
        [report] = await room.turn(minutes=10)
        assert (report.outcome, report.released, room.web.asked) == (Outcome.GIVEN_UP, 1, [])

    async def test_a_closed_door_is_tried_once_more_after_an_hour(self, room):
        room.add(missing="fetch.closed")
        room.web.pages[URL] = SHUT
        assert await room.outcomes(minutes=10) == [Outcome.LATER]
        assert room.web.asked == []
        assert await room.outcomes(minutes=50) == [Outcome.GIVEN_UP]
        assert room.web.asked_for(URL) == 1
        assert room.tellings() == {"waiting": 1}

    async def test_what_was_busy_and_is_shut_now_is_not_asked_for_days(self, room):
        room.add()
        assert await room.outcomes(minutes=10) == [Outcome.LATER]
        room.web.pages[URL] = SHUT
        assert await room.outcomes(minutes=50) == [Outcome.GIVEN_UP]

    async def test_a_site_is_not_asked_before_the_time_it_named(self, room):
        room.add()
        room.web.pages[URL] = FetchError("fetch.busy", status=429, retry_after=timedelta(hours=3), url=URL)
        await room.turn(minutes=10)
        assert room.store.revisits.next_revisit_at() == room.clock() + timedelta(hours=3)

    @pytest.mark.parametrize("why", ["source gone", "headlines only"])
    async def test_where_no_page_is_wanted_any_more_nothing_is_asked(self, room, why):
        room.add()
        [id_] = room.sources
        if why == "source gone":
            room.sources.clear()
        else:
            room.sources[id_] = replace(room.sources[id_], full_text=False)
        assert await room.outcomes(minutes=10) == [Outcome.GIVEN_UP]
        assert room.web.asked == []
        assert room.tellings() == {"waiting": 1}


class TestWhat:
    async def test_a_body_that_confirms_lets_the_match_be_told(self, room):
        room.add()
        room.web.pages[URL] = page()
        [report] = await room.turn(minutes=10)
        assert (report.outcome, report.matched) == (Outcome.READ, 1)
        assert room.tellings() == {"waiting": 1}
        stored = room.store.archive.article(report.article.id)
        assert (stored.missing, stored.text_from, stored.title) == (None, TextFrom.PAGE, "見出し1")
        assert "ロシア産石油" in stored.text

    async def test_a_body_that_speaks_against_it_ends_the_match(self, room):
        room.add()
        room.web.pages[URL] = page(BODY + "この映画は")
        assert await room.outcomes(minutes=10) == [Outcome.READ]
        assert room.tellings() == {"skipped": 1}

    async def test_a_page_without_text_is_a_closed_door(self, room):
        room.add()
        room.web.pages[URL] = b"<html><title>x</title></html>"
        [report] = await room.turn(minutes=10)
        assert (report.outcome, report.error.code) == (Outcome.LATER, "parsing.no-text")
        assert await room.outcomes(minutes=50) == [Outcome.GIVEN_UP]

    async def test_a_source_keeps_its_headers_for_its_own_host(self, room):
        room.add()
        room.add(2, url="http://else.example/a")
        await room.turn(minutes=10)
        assert {url: headers for url, _, headers in room.web.asked} == {
            URL: (("X-Key", "k"),),
            "http://else.example/a": (),
        }

    async def test_a_page_that_kills_its_reader_is_tried_again_later(self, room):
        room.add()
        room.web.pages[URL] = page()

        async def killed(*_):
            raise ParseError("parsing.timeout", url=URL)

        room.parser.article = killed
        assert await room.outcomes(minutes=10) == [Outcome.LATER]


class TestHowMuch:
    async def test_a_turn_takes_up_no_more_than_its_limit(self, room):
        for number in range(5):
            room.add(number)
        assert len(await room.turn(limit=3, minutes=10)) == 3
        assert len(await room.turn(limit=3)) == 2

    async def test_a_host_that_hangs_costs_a_turn_three_time_outs(self, room):
        for number in range(20):
            room.add(number, url=f"http://dead.example/{number}")
            room.web.pages[f"http://dead.example/{number}"] = FetchError("fetch.timeout", url="x", seconds=30)
        room.add(99)
        room.web.pages["http://news.example/a/99"] = page()
        reports = await room.turn(minutes=10)
        assert sum("dead" in url for url, _, _ in room.web.asked) <= 4
        assert [one.outcome for one in reports].count(Outcome.READ) == 1
        assert len(reports) == 21

    async def test_a_fault_in_one_keeps_the_others_from_nothing(self, room):
        for number in (1, 2):
            room.add(number)
            room.web.pages[f"http://news.example/a/{number}"] = page(f"{BODY}{number}")
        judge = room.judge

        def faulty(article, source):
            if article.id.endswith("1"):
                raise RuntimeError("bug")
            return judge(article, source)

        room.judge = faulty
        with pytest.raises(RuntimeError):
            await room.turn(minutes=10)
        assert room.tellings() == {"held": 1, "waiting": 1}
        assert room.store.revisits.next_revisit_at() > NOW
