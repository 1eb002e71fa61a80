"""Config -> App: the only place that names concrete rooms, and the edge where errors end."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import holidays
import structlog

from monitor import __version__, journal
from monitor.clock import utc_now
from monitor.config import Channels, Config, Secrets, list_sources
from monitor.errors import BlockedError, MonitorError, StoreError
from monitor.fetch import HttpFetcher
from monitor.housekeeping import Housekeeping
from monitor.jobs.blocks import lift_blocks
from monitor.jobs.deliver import DeliverDesk, Urge, preview_digests, promise_digests
from monitor.jobs.greet import Greeter
from monitor.jobs.notify import NoticeDesk, Words, notify, refused_rules
from monitor.jobs.poll import PollDesk, PollReport, poll_source
from monitor.jobs.revisit import LIMIT, RevisitDesk, RevisitReport, revisit_due
from monitor.jobs.send import DeliverReport, SendDesk, send_due
from monitor.jobs.verdict import WORKSPACE
from monitor.jobs.watch import RuleWatch, reload_rules
from monitor.judge import Judge, load_judge
from monitor.messages import say
from monitor.model import (
    Delivery,
    DeliveryState,
    Digest,
    Incident,
    SourceState,
)
from monitor.parsing.parser import ChildParser
from monitor.ports import LAG, Backlog, Sink, Store
from monitor.rules.changes import changes
from monitor.schedule import Timetable, after_failure, settle_time
from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.lost import LostSink
from monitor.sinks.pace import Pace
from monitor.stores import CHECK_SECONDS, open_store
from monitor.stores.thread import StoreThread
from monitor.terminal import sentence_at
from monitor.urls import host_of

#: How long a claimed source is ours; a poll that died with its process is due again after this.
LEASE = timedelta(minutes=10)
#: Slack shows about one message per second and channel.
PACE = timedelta(seconds=1.1)
#: Slack takes "several hundred messages per minute" from an app in a workspace (docs.slack.dev, rate limits): 240.
CROWD_PACE = timedelta(seconds=0.25)
#: How often it is looked whether something goes wrong that the operator should know.
NOTIFY = timedelta(minutes=1)

log = structlog.get_logger()


def timetable_of(config: Config) -> Timetable:
    """The slots of channels in the operator's zone; holidays are those of Japan."""
    return Timetable(config.timezone, holidays.country_holidays("JP").__contains__)


class App:
    """The house in operation: what an engine turns."""

    def __init__(self, config: Config, secrets: Secrets, judge: Judge, store: Store, *, watch: RuleWatch) -> None:
        self.config, self.judge, self.store = config, judge, store
        self.sources = {source.id: source for source in list_sources(config)}
        self._hosts = {source.id: host_of(source.url) for source in self.sources.values()}
        self.channels = Channels(config)
        self.timetable = timetable_of(config)
        self.in_store = StoreThread()
        self.clock = utc_now
        #: Is told of whatever happens, at once and on the loop.
        self.witness: Callable[[journal.Happening], None] = journal.unwatched
        self.fetcher = HttpFetcher(config.fetch, contact=config.contact, version=__version__)
        self.parser = ChildParser(now=utc_now)
        self._secrets = secrets
        self._sinks: dict[str, Sink] = {}
        self._has_told = False
        #: Errors of our own making that ended a poll or a telling; the log has them.
        self.faults = 0
        self._pace = Pace(PACE, CROWD_PACE)
        self._tells = True
        self._watch = watch
        #: The edit of the rules that was refused, until one is taken up.
        self._refused: Incident | None = None
        self._words = Words(language=config.language, zone=config.timezone)
        #: Destinations that took a message since the start and have refused none after it.
        self._reached: set[str] = set()
        self._notify_at = self.clock()
        self._greeter = Greeter(self.clock)
        self.housekeeping = Housekeeping(config, store, self.in_store, self.timetable, self.clock)

    # --- polling ---

    async def claim(self, limit: int, *, due_by: datetime | None = None) -> list[SourceState]:
        """Lease sources that are due, or were by an earlier instant."""
        now = self.clock()
        lease = LEASE + (now - due_by) if due_by else LEASE
        return await self.in_store(self.store.polls.claim_due, now=due_by or now, lease=lease, limit=limit)

    async def poll(self, state: SourceState) -> PollReport:
        """Take one turn at a source; every error but StoreError ends here."""
        source, begun = self.sources[state.source_id], self.clock()
        jitter = random.random()  # noqa: S311 - spreads polls, guards nothing
        desk = PollDesk(
            fetcher=self.fetcher,
            parser=self.parser,
            in_store=self.in_store,
            polls=self.store.polls,
            judge=self.judge,
            clock=self.clock,
            choosy_rules=self.judge.choosy_rules,
        )
        try:
            report = await poll_source(source, state, desk, jitter=jitter)
        except StoreError:
            raise
        except Exception as bug:
            log.exception("poll_broke", source=source.id)
            self.faults += 1
            error = MonitorError("app.bug", what=type(bug).__name__)
            following, reason = after_failure(state, error, every=source.every, now=self.clock(), jitter=jitter)
            report = PollReport(state=following, reason=reason, error=error)
        journal.log_poll(state, report, now=self.clock())
        self.witness(journal.Polled(report=report, lasted=self.clock() - begun, late=begun - state.next_poll_at))
        return report

    async def revisit(self, limit: int = LIMIT) -> list[RevisitReport]:
        """Ask again for pages that could not be had; every error but StoreError ends here."""
        judge, reports = self.judge, []
        with self._ends_here("revisit_broke"):
            desk = RevisitDesk(
                fetcher=self.fetcher,
                parser=self.parser,
                in_store=self.in_store,
                revisits=self.store.revisits,
                judge=judge,
                rules=frozenset(rule.id for rule in judge.book.rules),
                sources=self.sources,
                clock=self.clock,
            )
            reports = await revisit_due(desk, limit=limit)
        for report in reports:
            journal.log_revisit(report)
            self.witness(report)
        return reports

    async def remember(self, states: list[SourceState]) -> None:
        """Write down how polls ended."""
        await self.in_store(self.store.polls.save_states, states)

    def host_of(self, state: SourceState) -> str:
        """Whose turn a poll has to wait for."""
        return host_of(state.moved_to) if state.moved_to else self._hosts[state.source_id]

    # --- telling ---

    async def tell(self, urge: Urge = Urge.DUE) -> list[DeliverReport]:
        """Promise what is due to be told, then send what is due to be sent; every error but StoreError ends here."""
        reports: list[DeliverReport] = []
        with self._ends_here("greet_broke"):
            await self._greet()
        with self._ends_here("notify_broke"):
            await self._notify()
        with self._ends_here("tell_broke"):
            reports = await send_due(await self._send_desk(), partial(self._promise, urge))
        for report in reports:
            journal.log_delivery(report)
            self.witness(report)
            self._note_reached(report)
        return reports

    async def _promise(self, urge: Urge) -> None:
        closed = await self.housekeeping.closed(self.sink_of)
        for delivery in await promise_digests(replace(await self._deliver_desk(), closed=closed), urge):
            log.info("promised", delivery=delivery.id, channel=delivery.channel, period=delivery.period)

    def stop_telling(self) -> None:
        """Let messages on the wire come to their end, and send no more."""
        self._tells = False

    async def _greet(self) -> None:
        """Ask Slack whether it lets us in, before anything is promised or claimed; it tells the time with its answer."""
        if not self._secrets.slack_token:
            return
        mentions = [rule.mention for rule in self.judge.book.rules]
        mentions += [channel.mention for channel in self.config.channels.values()]
        handles = frozenset(handle for mention in mentions if mention for handle in mention.splitlines())
        greeting = await self._greeter.greet(self.sink_of(WORKSPACE), handles)
        if greeting is None:
            return
        self.witness(greeting)
        if greeting.strangers:
            log.warning(
                "mentions_unknown", note=say("app.strangers", self.config.language, names=", ".join(greeting.strangers))
            )
        # A refusal holds nothing up here: the first message that meets it does, and is told of.
        if greeting.error is None:
            await lift_blocks(self.in_store, self.store.deliveries, refused_token_only=True)
        else:
            log.warning("slack_check_failed", error=str(greeting.error))

    @contextmanager
    def _ends_here(self, event: str) -> Iterator[None]:
        """Log an error of our own making and go on; StoreError passes."""
        try:
            yield
        except StoreError:
            raise
        except Exception:
            log.exception(event)
            self.faults += 1

    async def preview(self, channel: str | None) -> list[Digest]:
        """What would be told now."""
        return await preview_digests(await self._deliver_desk(), channel)

    async def backlog(self) -> list[tuple[Backlog, datetime | None]]:
        """What waits to be told, and its channel's next slot."""
        waiting = await self.in_store(self.store.deliveries.backlog)
        now = self.clock()
        return [(one, self.timetable.next_slot(self.channels.get(one.channel), now)) for one in waiting]

    async def _deliver_desk(self) -> DeliverDesk:
        if not self._has_told:
            counts = await self.in_store(self.store.archive.counts)
            self._has_told = bool(sum(counts["deliveries"].values()))
        return DeliverDesk(
            in_store=self.in_store,
            deliveries=self.store.deliveries,
            channels=self.channels,
            timetable=self.timetable,
            sink_of=self.sink_of,
            clock=self.clock,
            hello=(len(self.sources), len(self.judge.book.rules)) if not self._has_told else None,
        )

    async def _send_desk(self) -> SendDesk:
        return SendDesk(
            in_store=self.in_store,
            deliveries=self.store.deliveries,
            halts=self.store.halts,
            sink_of=self.sink_of,
            clock=self.clock,
            turn=self._turn,
            is_lost=self._is_lost,
            goes_on=lambda: self._tells,
            settle=await self._settle(),
            repeat_unknowable=self.config.slack.webhook_repeats == "mark",
        )

    def _is_lost(self, delivery: Delivery) -> bool:
        """A webhook goes by its secret, a named channel by its name; a bare Slack channel names itself."""
        if delivery.destination.startswith("webhook:"):
            return delivery.destination.removeprefix("webhook:") not in self._secrets.webhooks
        return bool(self._secrets.slack_token) and not self.channels.knows(delivery.channel, delivery.destination)

    async def _settle(self) -> timedelta:
        known = await self.in_store(self.store.contacts.contacts)
        return settle_time(next((timedelta(seconds=float(one.value)) for one in known if one.name == LAG), None))

    def sink_of(self, destination: str) -> Sink:
        """The sink that tells a destination; without any Slack token that is the terminal."""
        kind = self._kind_of(destination)
        if kind not in self._sinks:
            self._sinks[kind] = self._open_sink(kind, destination.removeprefix("webhook:"))
        return self._sinks[kind]

    def _kind_of(self, destination: str) -> str:
        """What tells a destination: "slack", "console", or the webhook itself."""
        if destination.startswith("webhook:"):
            return destination
        return "slack" if self._secrets.slack_token else "console"

    def _turn(self, destination: str) -> AbstractAsyncContextManager[None]:
        return nullcontext() if self._kind_of(destination) == "console" else self._pace(destination)

    def _open_sink(self, kind: str, name: str) -> Sink:
        secret = self._secrets.webhooks.get(name) if kind.startswith("webhook:") else self._secrets.slack_token
        settings = SinkSettings(
            language=self.config.language,
            zone=self.config.timezone,
            api_url=self.config.slack.api_url,
            secret=secret or "",
            in_store=self.in_store,
            contacts=self.store.contacts,
        )
        sink = open_sink(kind.partition(":")[0], settings)
        return LostSink(sink) if kind.startswith("webhook:") and not secret else sink

    # --- life ---

    async def start(self) -> None:
        """Take up where the last process left off."""
        now = self.clock()
        recovered = await self.in_store(self.store.deliveries.recover, now=now)
        if recovered:
            log.warning("recovered", deliveries=recovered)
        if not self._secrets.slack_token:
            await lift_blocks(self.in_store, self.store.deliveries)
        await self.in_store(self.store.polls.sync_sources, list(self.sources.values()), now=now)

    async def clock_moved(self, by: timedelta) -> None:
        """The wall clock was moved by so much: nothing waits for what it said before."""
        self._notify_at = self.clock()
        if by < timedelta(0):
            await self.in_store(self.store.upkeep.clock_set_back, now=self.clock(), by=-by)

    async def keep_house(self) -> None:
        """See to backups, the search index and the disk; every error but StoreError ends here."""
        with self._ends_here("housekeeping_broke"):
            await self.housekeeping.turn()

    async def watch_rules(self) -> None:
        """Take up edited rules, all or none; broken ones leave the old rules in force."""
        reload = await reload_rules(self._watch, partial(load_judge, self.config))
        if reload is None:
            return
        self.witness(journal.Reloaded(taken_up=reload.judge is not None))
        self._notify_at = self.clock()
        if reload.judge is None:
            findings = [sentence_at(finding, self.config.language) for finding in reload.findings]
            self._refused = refused_rules(findings, since_at=self.clock(), words=self._words)
            journal.log_refusal(findings, self.config.language)
            return
        before, self.judge, self._refused = self.judge, reload.judge, None
        edit = await asyncio.to_thread(changes, before.book, reload.judge.book)
        journal.log_reload(edit, rules=len(reload.judge.book.rules), language=self.config.language)

    # --- telling the operator ---

    async def _notify(self) -> None:
        """Tell what has begun to go wrong, or is over."""
        if self.clock() < self._notify_at:
            return
        self._notify_at = self.clock() + NOTIFY
        ops = self.config.ops.slack
        desk = NoticeDesk(
            in_store=self.in_store,
            notices=self.store.notices,
            archive=self.store.archive,
            deliveries=self.store.deliveries,
            halts=self.store.halts,
            sources=self.sources,
            words=self._words,
            clock=self.clock,
            ops=ops,
            render=lambda lines: self.sink_of(ops or "").render_note(lines),
        )
        rules = len(self.judge.book.rules)
        further = self.housekeeping.incidents
        decision = await notify(desk, refused=self._refused, reached=self._reached, rules=rules, further=further)
        journal.log_incidents(decision)

    def _note_reached(self, report: DeliverReport) -> None:
        """A message that went through proves that its destination takes messages; a refusal the contrary."""
        names = {report.delivery.destination}
        if not report.delivery.destination.startswith("webhook:"):
            names.add(WORKSPACE)
        if report.delivery.state is DeliveryState.SENT:
            self._reached |= names
        elif isinstance(report.error, BlockedError):
            self._reached -= names

    async def close(self) -> None:
        """Close every door."""
        await self.parser.close()
        for sink in self._sinks.values():
            await sink.close()
        await self.in_store(self.store.close)
        self.in_store.close()


@asynccontextmanager
async def open_app(config: Config, secrets: Secrets, *, patience: float = CHECK_SECONDS) -> AsyncIterator[App]:
    """Open every door; ConfigError before anything is touched when the rules are broken.

    Damage of the database is looked for so many seconds.
    """
    # Looked at before the rules are read: an edit in between is taken up as one.
    watch = RuleWatch(config.rules)
    judge = load_judge(config)
    store = open_store(config.database, check=True, patience=patience, copies=config.backup.folder)
    app = App(config, secrets, judge, store, watch=watch)
    try:
        async with app.fetcher:
            yield app
    finally:
        await app.close()
