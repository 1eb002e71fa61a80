"""Config -> App: the only place that names concrete rooms, and the edge where errors end."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta

import holidays
import structlog

from monitor import __version__
from monitor.clock import utc_now
from monitor.config import Channels, Config, Secrets, list_sources
from monitor.errors import ConfigError, MonitorError, StoreError, recalled_code
from monitor.fetch import HttpFetcher
from monitor.jobs.deliver import DeliverDesk, DeliverReport, Urge, preview_digests, promise_digests, send_due
from monitor.jobs.poll import PollDesk, PollReport, poll_source
from monitor.jobs.prune import prune_archive
from monitor.jobs.watch import fingerprint
from monitor.messages import say
from monitor.model import (
    Article,
    DeliveryState,
    Digest,
    Finding,
    Match,
    Notice,
    Severity,
    Source,
    SourceState,
)
from monitor.parsing.parser import ChildParser
from monitor.ports import Backlog, Sink, Store
from monitor.rules.book import Rule, RuleBook
from monitor.rules.load import load_rules
from monitor.rules.matcher import Matcher, compile_rules
from monitor.rules.trials import run_tests
from monitor.schedule import Timetable, after_failure
from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.lost import LostSink
from monitor.sinks.pace import Pace
from monitor.stages.match import find_matches
from monitor.stores import open_store
from monitor.stores.thread import StoreThread
from monitor.terminal import sentence_at
from monitor.urls import host_of

#: How long a claimed source is ours; a poll that died with its process is due again after this.
LEASE = timedelta(minutes=10)
#: Slack shows about one message per second and channel.
PACE = timedelta(seconds=1.1)

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The rules in force: Article x Source -> Matches."""

    book: RuleBook
    matcher: Matcher
    channels: Channels
    #: Ids of the rules that listen to some sources only.
    choosy_rules: frozenset[str]

    def __call__(self, article: Article, source: Source) -> tuple[Match, ...]:
        """Judge one article by all rules."""
        return find_matches(article, source, self.matcher, route=self._route, now=utc_now())

    def _route(self, rule: Rule) -> tuple[Notice, ...]:
        return self.channels.route(rule.notify, rule.when, rule.mention)


def load_judge(config: Config) -> Judge:
    """Read, check and compile the rules. ConfigError when one is wrong or its own test fails."""
    channels = Channels(config)
    sources = list_sources(config)
    book = load_rules(config.rules, channels=channels.names, sources=sources)
    findings = book.findings
    if not any(finding.severity is Severity.ERROR for finding in findings):
        findings = (*findings, *run_tests(book, sources=sources, now=utc_now()).findings)
    errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
    if errors:
        raise ConfigError("app.rules-broken", findings=errors, count=len(errors))
    choosy = frozenset(rule.id for rule in book.rules if rule.scope.names_sources)
    return Judge(book=book, matcher=compile_rules(book.rules), channels=channels, choosy_rules=choosy)


class App:
    """The house in operation: what an engine turns."""

    def __init__(self, config: Config, secrets: Secrets, judge: Judge, store: Store) -> None:
        self.config, self.judge, self.store = config, judge, store
        self.sources = {source.id: source for source in list_sources(config)}
        self._hosts = {source.id: host_of(source.url) for source in self.sources.values()}
        self.channels = Channels(config)
        self.timetable = Timetable(config.timezone, holidays.country_holidays("JP").__contains__)
        self.in_store = StoreThread()
        self.clock = utc_now
        self.fetcher = HttpFetcher(config.fetch, contact=config.contact, version=__version__)
        self.parser = ChildParser(now=utc_now)
        self._secrets = secrets
        self._sinks: dict[str, Sink] = {}
        self._has_told = False
        #: Errors of our own making that ended a poll or a telling; the log has them.
        self.faults = 0
        self._pace = Pace(PACE)
        self._rules_seen = self._rules_looked = fingerprint(config.rules)

    # --- polling ---

    async def claim(self, limit: int, *, due_by: datetime | None = None) -> list[SourceState]:
        """Lease sources that are due, or were by an earlier instant."""
        now = self.clock()
        lease = LEASE + (now - due_by) if due_by else LEASE
        return await self.in_store(self.store.polls.claim_due, now=due_by or now, lease=lease, limit=limit)

    async def poll(self, state: SourceState) -> PollReport:
        """Take one turn at a source; every error but StoreError ends here."""
        source = self.sources[state.source_id]
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
        self._log_poll(source, state, report)
        return report

    async def remember(self, states: list[SourceState]) -> None:
        """Write down how polls ended."""
        await self.in_store(self.store.polls.save_states, states)

    def host_of(self, state: SourceState) -> str:
        """Whose turn a poll has to wait for."""
        return host_of(state.moved_to) if state.moved_to else self._hosts[state.source_id]

    def _log_poll(self, source: Source, before: SourceState, report: PollReport) -> None:
        """One line per poll that found something; a failure only when it is a new one."""
        wait = round((report.state.next_poll_at - self.clock()).total_seconds())
        if report.error is None:
            tell = log.debug if report.unchanged and before.last_error is None else log.info
            tell(
                "polled",
                source=source.id,
                listed=report.listed,
                new=report.new,
                matched=report.matched,
                next_poll_in=wait,
                reason=report.reason,
            )
        else:
            tell = log.debug if recalled_code(before.last_error) == report.error.code else log.warning
            tell("poll_failed", source=source.id, error=str(report.error), next_poll_in=wait, reason=report.reason)

    # --- telling ---

    async def tell(self, urge: Urge = Urge.DUE) -> list[DeliverReport]:
        """Promise what is due to be told, then send what is due to be sent; every error but StoreError ends here."""
        try:
            desk = await self._deliver_desk()
            for delivery in await promise_digests(desk, urge):
                log.info("promised", delivery=delivery.id, channel=delivery.channel, period=delivery.period)
            reports = await send_due(desk)
        except StoreError:
            raise
        except Exception:
            log.exception("tell_broke")
            self.faults += 1
            return []
        for report in reports:
            self._log_delivery(report)
        return reports

    def _log_delivery(self, report: DeliverReport) -> None:
        delivery = report.delivery
        tell = log.info if delivery.state is DeliveryState.SENT else log.warning
        tell(
            "delivery",
            delivery=delivery.id,
            channel=delivery.channel,
            state=delivery.state,
            attempt=delivery.attempts,
            error=str(report.error) if report.error else None,
        )

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
            turn=self._turn,
            repeat_unknowable=self.config.slack.webhook_repeats == "mark",
            hello=(len(self.sources), len(self.judge.book.rules)) if not self._has_told else None,
        )

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
        for destination, (until, _reason) in (await self.in_store(self.store.deliveries.paused)).items():
            if until is None:
                # Whoever starts the daemon again has had the chance to mend what was wrong.
                await self.in_store(self.store.deliveries.pause, destination, until=None, reason=None)
        await self.in_store(self.store.polls.sync_sources, list(self.sources.values()), now=now)

    async def prune(self) -> None:
        """Forget what is old."""
        forgotten = await prune_archive(self.in_store, self.store.upkeep, self.config.keep, now=self.clock())
        log.info("pruned", rows=forgotten)

    async def watch_rules(self) -> None:
        """Take up edited rules; broken ones leave the old rules in force and are told once."""
        seen = await asyncio.to_thread(fingerprint, self.config.rules)
        # A file that is just being saved is empty or half for a moment: only what two looks agree on is read.
        is_settled, self._rules_looked = seen == self._rules_looked, seen
        if seen == self._rules_seen or not is_settled:
            return
        self._rules_seen = seen
        try:
            self.judge = await asyncio.to_thread(load_judge, self.config)
        except ConfigError as error:
            for finding in error.findings:
                if isinstance(finding, Finding):
                    log.warning("rules_refused", finding=sentence_at(finding, self.config.language))
            log.warning("rules_kept", note=say("app.rules-kept", self.config.language))
            return
        log.info("rules_reloaded", rules=len(self.judge.book.rules))

    async def close(self) -> None:
        """Close every door."""
        await self.parser.close()
        for sink in self._sinks.values():
            await sink.close()
        await self.in_store(self.store.close)
        self.in_store.close()


@asynccontextmanager
async def open_app(config: Config, secrets: Secrets) -> AsyncIterator[App]:
    """Open every door; ConfigError before anything is touched when the rules are broken."""
    judge = load_judge(config)
    app = App(config, secrets, judge, open_store(config.database))
    try:
        async with app.fetcher:
            yield app
    finally:
        await app.close()
