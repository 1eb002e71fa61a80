"""Edits that are taken up while the house is in operation: whole or not at all, and nothing in flight is broken."""

import asyncio
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from monitor import app as house
from monitor.app import open_app
from monitor.config import Origin
from monitor.engines import reload
from monitor.engines.reload import Reloading
from monitor.errors import StoreError
from monitor.jobs import watch as watching
from monitor.jobs.poll import PollReport
from monitor.jobs.send import DeliverReport
from monitor.jobs.watch import FileWatch
from monitor.model import DeliveryState
from monitor.schedule import Reason

HEAD = 'timezone = "Asia/Tokyo"\nlanguage = "en"\n'
FIRST = '[[sources]]\nid = "first"\nfeed = "http://127.0.0.1:9/first"\n'
SECOND = '[[sources]]\nid = "second"\nfeed = "http://127.0.0.1:9/second"\n'
SLACK = '[slack]\nchannel = "#news"\ntoken_file = "token"\napi_url = "http://127.0.0.1:9/"\n'


class Bureau:
    """A folder, and monitor at work on it."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "rules").mkdir()
        self.write(HEAD + FIRST)
        self.rules("- 二次関税\n")
        self.origin = Origin(path=folder / "config.toml", environment={})
        self.app = self.reloading = None

    def write(self, config):
        (self.folder / "config.toml").write_text(config, encoding="utf-8")

    def rules(self, text):
        (self.folder / "rules" / "a.yaml").write_text(text, encoding="utf-8")

    def looks(self):
        return {(path, watching._look(path)) for path in self.folder.rglob("*") if path.suffix in (".toml", ".yaml")}

    @asynccontextmanager
    async def open(self):
        files = FileWatch(self.origin.path)
        config = self.origin.config()
        files.follow(config.rules, self.origin.files(config))
        async with open_app(config, self.origin.secrets(config)) as self.app:
            await self.app.start()
            self.reloading = Reloading(self.app, self.origin, files)
            yield self.app

    async def reload(self):
        with capture_logs() as lines:
            await self.reloading.at_once()
        return {line["event"]: line for line in lines}

    async def turns(self, times=2):
        with capture_logs() as lines:
            for _ in range(times):
                await self.reloading.turn()
        return [line["event"] for line in lines]

    async def states(self):
        return await self.app.in_store(self.app.store.archive.source_states)

    async def claimed(self):
        return sorted(state.source_id for state in await self.app.claim(10))


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch):
    monkeypatch.setattr(watching, "SETTLE", 0.001)


@pytest.fixture
def bureau(tmp_path):
    return Bureau(tmp_path)


async def test_sources_come_and_go(bureau):
    async with bureau.open() as app:
        assert await bureau.claimed() == ["first"]
        bureau.write(HEAD + SECOND)
        lines = await bureau.reload()
        assert (lines["reloaded"]["sources_added"], lines["reloaded"]["sources_removed"]) == ("second", "first")
        assert set(app.sources) == {"second"}
        assert await bureau.claimed() == ["second"]
        bureau.write(HEAD + FIRST + SECOND)
        await bureau.reload()
        assert await bureau.claimed() == ["first"]


async def test_what_was_claimed_and_left_the_configuration_is_not_kept(bureau):
    async with bureau.open() as app:
        assert await bureau.claimed() == ["first"]
        bureau.write(HEAD + SECOND)
        await bureau.reload()
        assert await bureau.claimed() == ["second"]
        assert set(app._claimed) == {"second"}


async def test_leases_of_polls_in_flight_hold(bureau):
    async with bureau.open() as app:
        assert await bureau.claimed() == ["first"]
        bureau.write(HEAD + FIRST + SECOND)
        await bureau.reload()
        assert await bureau.claimed() == ["second"]
        assert (await app.in_store(app.store.polls.next_due_at)) - app.clock() > timedelta(minutes=9)


async def test_a_source_that_is_polled_more_often_is_due_sooner_at_once(bureau):
    bureau.write(HEAD + FIRST + 'every = "6h"\n' + SECOND + 'every = "6h"\n')
    async with bureau.open() as app:
        for state in await app.claim(10):
            await app.remember([(await app.poll(state)).state])
        before = await bureau.states()
        bureau.write(HEAD + FIRST + 'every = "20m"\n' + SECOND + 'every = "6h"\n')
        await bureau.reload()
        after = await bureau.states()
        assert timedelta(minutes=20) <= after["first"].next_poll_at - after["first"].last_poll_at
        assert after["first"].next_poll_at - after["first"].last_poll_at <= timedelta(minutes=22)
        assert after["second"] == before["second"]


async def test_so_it_is_when_it_is_being_polled_just_then(bureau):
    bureau.write(HEAD + FIRST + 'every = "6h"\n')
    async with bureau.open() as app:
        [state] = await app.claim(10)
        bureau.write(HEAD + FIRST + 'every = "20m"\n')
        await bureau.reload()
        following = (await app.poll(state)).state
        assert timedelta(minutes=20) <= following.next_poll_at - following.last_poll_at <= timedelta(minutes=22)


@pytest.fixture
def slow_poll(monkeypatch):
    """Polls that end when they are told to, each with the source and the fetcher that it was given."""
    begun, end = [], asyncio.Event()

    async def poll_source(source, state, desk, *, jitter):
        begun.append((source, desk.fetcher))
        await end.wait()
        return PollReport(state=state, reason=Reason.INTERVAL)

    monkeypatch.setattr(house, "poll_source", poll_source)
    return begun, end


async def test_a_poll_of_an_address_that_is_configured_no_more_teaches_nothing(bureau, slow_poll):
    begun, end = slow_poll
    async with bureau.open() as app:
        [state] = await app.claim(10)
        poll = asyncio.create_task(app.poll(state))
        await asyncio.sleep(0)
        bureau.write(HEAD + FIRST.replace("/first", "/moved"))
        lines = await bureau.reload()
        assert lines["reloaded"]["sources_changed"] == "first"
        end.set()
        report = await poll
        assert begun[0][0].url.endswith("/first")
        assert report.state.last_poll_at is None
        await app.remember([report.state])
        [state] = await app.claim(10)
        await app.poll(state)
        assert begun[1][0].url.endswith("/moved")


async def test_a_claim_from_before_an_edit_is_polled_as_it_was(bureau, slow_poll):
    begun, end = slow_poll
    end.set()
    async with bureau.open() as app:
        [state] = await app.claim(10)
        bureau.write(HEAD + FIRST.replace("/first", "/moved"))
        await bureau.reload()
        await app.poll(state)
        assert begun[0][0].url.endswith("/first")


async def test_limits_of_fetching_change_and_polls_in_flight_keep_theirs(bureau, slow_poll):
    begun, end = slow_poll
    async with bureau.open() as app:
        [state] = await app.claim(10)
        poll = asyncio.create_task(app.poll(state))
        await asyncio.sleep(0)
        before = app.fetchers.now
        bureau.write(HEAD + '[fetch]\ntimeout = "5s"\n' + FIRST)
        assert (await bureau.reload())["reloaded"]["settings"] == "fetch"
        assert app.fetchers.now is not before
        assert before._session is not None
        end.set()
        await poll
        assert before._session is None
        assert begun[0][1] is before


@pytest.mark.fault(53)
@pytest.mark.parametrize("error", [SystemExit(0), asyncio.CancelledError(), RuntimeError("a bug")])
async def test_a_poll_that_raises_what_it_should_not_is_a_failed_poll(bureau, monkeypatch, error):
    async def poll_source(*_, **__):
        raise error

    async with bureau.open() as app:
        monkeypatch.setattr(house, "poll_source", poll_source)
        [state] = await app.claim(10)
        report = await app.poll(state)
        assert (report.error.code, app.faults) == ("app.bug", 1)


async def test_a_poll_that_is_cancelled_is_cancelled(bureau, slow_poll):
    async with bureau.open() as app:
        [state] = await app.claim(10)
        poll = asyncio.create_task(app.poll(state))
        await asyncio.sleep(0)
        poll.cancel()
        with pytest.raises(asyncio.CancelledError):
            await poll
        assert app.faults == 0


async def test_an_error_of_our_own_making_in_an_edit_leaves_in_force_what_was(bureau, monkeypatch):
    def broken(*_):
        raise RuntimeError("a bug")

    async with bureau.open() as app:
        monkeypatch.setattr(reload, "make_plan", broken)
        bureau.rules("- NATO\n")
        with pytest.raises(RuntimeError):
            await bureau.turns()
        assert not app.reload_ok
        assert [rule.id for rule in app.judge.book.rules] == ["二次関税"]


async def test_the_log_is_told_of_every_secret(bureau):
    (bureau.folder / "token").write_text("xoxb-old")
    bureau.write(HEAD + SLACK + FIRST)
    async with bureau.open():
        hidden = []
        bureau.reloading._hide = hidden.append
        (bureau.folder / "token").write_text("xoxb-new")
        await bureau.reload()
        assert {"xoxb-old", "xoxb-new"} <= hidden[-1]


async def test_a_new_token_is_read_and_what_was_refused_is_tried_again(bureau):
    (bureau.folder / "token").write_text("xoxb-old")
    bureau.write(HEAD + SLACK + FIRST)
    async with bureau.open() as app:
        deliveries = app.store.deliveries
        await app.in_store(deliveries.pause, "slack", until=None, reason='{"code": "slack.refused", "facts": {}}')
        board = app.boards.now
        assert await bureau.turns() == []
        (bureau.folder / "token").write_text("xoxb-new")
        assert await bureau.turns() == ["reloaded"]
        assert app.plan.secrets.slack_token == "xoxb-new"
        assert app.boards.now is not board
        assert await app.in_store(deliveries.paused) == {}


async def test_whoever_asks_has_what_was_refused_tried_again(bureau):
    async with bureau.open() as app:
        deliveries = app.store.deliveries
        await app.in_store(deliveries.pause, "#news", until=None, reason="archived")
        lines = await bureau.reload()
        assert set(lines) == {"reloaded"}
        assert await app.in_store(deliveries.paused) == {}


async def test_digest_times_zone_and_language_change(bureau):
    async with bureau.open() as app:
        text = HEAD.replace("Tokyo", "Seoul").replace('"en"', '"ja"') + '[digest]\nat = ["07:00"]\n' + FIRST
        bureau.write(text)
        await bureau.reload()
        assert app.timetable.zone.key == "Asia/Seoul"
        assert app.channels.get("#x").at[0].hour == 7
        assert app.config.language == "ja"


async def test_what_is_open_stays_open_and_that_is_said(bureau):
    async with bureau.open() as app:
        bureau.write(f'{HEAD}database = "other.db"\n[http]\nlisten = "127.0.0.1:1"\n{SECOND}')
        with capture_logs() as lines:
            await bureau.reloading.at_once()
        notes = [line["note"] for line in lines if line["event"] == "needs_restart"]
        assert ["`database`" in notes[0], "`http`" in notes[1], len(notes)] == [True, True, 2]
        assert app.config.database.endswith("monitor.db")
        assert app.config.http.listen == "127.0.0.1:9464"
        assert set(app.sources) == {"second"}


BROKEN = {
    "syntax": lambda bureau: bureau.write("timezone = "),
    "key": lambda bureau: bureau.write(HEAD + "evrey = 1\n" + SECOND),
    "empty": lambda bureau: bureau.write(""),
    "gone": lambda bureau: (bureau.folder / "config.toml").unlink(),
    "rules": lambda bureau: bureau.rules("- {name: x, anny: y}\n"),
    "no rules": lambda bureau: bureau.rules(""),
    "token": lambda bureau: bureau.write(HEAD + SLACK + SECOND),
}


@pytest.mark.parametrize("spoil", BROKEN.values(), ids=BROKEN)
async def test_a_broken_edit_leaves_in_force_what_was_and_a_valid_one_is_taken_up(bureau, spoil):
    async with bureau.open() as app:
        happened = []
        app.witness = happened.append
        spoil(bureau)
        events = await bureau.turns(4)
        assert [events[0], events[-1], len(events)] == ["rules_refused", "rules_kept", 2]
        assert (set(app.sources), [rule.id for rule in app.judge.book.rules]) == ({"first"}, ["二次関税"])
        assert not app.reload_ok
        bureau.write(HEAD + FIRST + SECOND)
        bureau.rules("- 二次関税\n- NATO\n")
        assert (await bureau.turns())[:2] == ["reloaded", "rules_reloaded"]
        assert (set(app.sources), len(app.judge.book.rules), app.reload_ok) == ({"first", "second"}, 2, True)
        assert [one.taken_up for one in happened] == [False, True]


async def test_a_token_that_was_missing_is_looked_for_again(bureau):
    async with bureau.open() as app:
        bureau.write(HEAD + SLACK + FIRST)
        assert await bureau.turns(3) == ["rules_refused", "rules_kept"]
        (bureau.folder / "token").write_text("xoxb-new")
        events = await bureau.turns(3)
        assert events[0] == "reloaded"
        assert app.plan.secrets.slack_token == "xoxb-new"


async def test_a_refused_edit_is_told_to_the_operator_once(bureau):
    bureau.write(f'{HEAD}[ops]\nslack = "#ops"\n{FIRST}')
    async with bureau.open() as app:
        happened = []
        app.witness = happened.append
        bureau.write("timezone = ")
        for _ in range(3):
            await bureau.reload()
            await app.tell()
        rows = await app.in_store(app.store.notices.incidents)
        assert [one.incident.trouble.value for one in rows] == ["rules"]
        assert "config.toml" in "\n".join(rows[0].incident.lines)
        [report] = [one for one in happened if isinstance(one, DeliverReport)]
        assert (report.delivery.channel, report.delivery.state) == ("#ops", DeliveryState.SENT)


async def test_rules_in_another_folder(bureau):
    async with bureau.open() as app:
        (bureau.folder / "others").mkdir()
        (bureau.folder / "others" / "b.yaml").write_text("- NATO\n")
        bureau.write(f'{HEAD}rules = "others"\n{FIRST}')
        await bureau.turns(4)
        assert [rule.id for rule in app.judge.book.rules] == ["nato"]
        (bureau.folder / "others" / "b.yaml").write_text("- EU\n")
        await bureau.turns(4)
        assert [rule.id for rule in app.judge.book.rules] == ["eu"]


async def test_what_the_store_could_not_take_is_taken_up_later(bureau, monkeypatch):
    async with bureau.open() as app:
        sync = app.store.polls.sync_sources

        def full(*_, **__):
            raise StoreError("stores.full", path="x")

        bureau.write(HEAD + SECOND)
        monkeypatch.setattr(app.store.polls, "sync_sources", full)
        with pytest.raises(StoreError):
            await bureau.turns()
        assert set(app.sources) == {"first"}
        monkeypatch.setattr(app.store.polls, "sync_sources", sync)
        assert (await bureau.turns(3))[0] == "reloaded"
        assert set(app.sources) == {"second"}


async def test_files_that_never_stand_still_are_left_for_later(bureau, monkeypatch):
    looks = iter(range(10_000))

    def restless(path):
        return (next(looks),)

    async with bureau.open() as app:
        monkeypatch.setattr(watching, "_look", restless)
        assert set(await bureau.reload()) == {"reload_put_off"}
        assert app.reload_ok


@pytest.mark.fault(51)
@pytest.mark.parametrize("times", [50, pytest.param(1000, marks=pytest.mark.slow)])
async def test_files_cut_off_while_they_are_read(bureau, monkeypatch, times):
    """Nothing that was half written is ever in force."""
    config, rules = HEAD + SECOND + FIRST, "- 二次関税\n- NATO\n- 停戦\n"
    bureau.write(config)
    bureau.rules(rules)
    async with bureau.open() as app:
        load, cuts = bureau.reloading._load, iter(range(times))
        torn = 0

        def write_whole():
            bureau.write(config)
            bureau.rules(rules)

        def load_while_it_is_written():
            nonlocal torn
            # Each is read again in peace.
            torn = 0 if torn else 1
            if not torn:
                return load()
            before, cut = bureau.looks(), next(cuts) * 1000 // times
            bureau.write(config[: cut % len(config)])
            bureau.rules(rules[: cut % len(rules)])
            try:
                return load()
            finally:
                write_whole()
                # The clock of a file system ticks slowly.
                while bureau.looks() & before:
                    write_whole()

        monkeypatch.setattr(bureau.reloading, "_load", load_while_it_is_written)
        for _ in range(times):
            await bureau.reloading.at_once()
            assert (len(app.sources), len(app.judge.book.rules), app.reload_ok) == (2, 3, True)
        assert next(cuts, None) is None
