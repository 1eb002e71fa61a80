"""Config -> App: the only place that names concrete rooms, and the edge where errors end."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from monitor import __version__, journal
from monitor.clock import Leaps, utc_now
from monitor.config import Config, Secrets
from monitor.errors import BlockedError, MonitorError, StoreError
from monitor.fetch import HttpFetcher
from monitor.housekeeping import Housekeeping
from monitor.jobs.blocks import lift_blocks
from monitor.jobs.deliver import DeliverDesk, Urge, promise_digests
from monitor.jobs.foresee import foresee
from monitor.jobs.greet import Greeter
from monitor.jobs.hasten import hasten
from monitor.jobs.notify import NoticeDesk, Words, notify
from monitor.jobs.poll import PollDesk, PollReport, poll_source
from monitor.jobs.revisit import LIMIT, RevisitDesk, RevisitReport, revisit_due
from monitor.jobs.send import DeliverReport, SendDesk, send_due, settling
from monitor.jobs.verdict import WORKSPACE
from monitor.messages import say
from monitor.model import Delivery, DeliveryState, Incident, Source, SourceState, Upcoming
from monitor.parsing.parser import ChildParser
from monitor.plan import Edit, Plan, make_plan
from monitor.ports import Backlog, Life, Store
from monitor.relay import Relay
from monitor.schedule import after_failure, hastened
from monitor.sinks.board import Board
from monitor.sinks.pace import Pace
from monitor.stores import CHECK_SECONDS, open_store
from monitor.stores.process import this_process
from monitor.stores.thread import StoreThread
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


class App:
    """The house in operation: what an engine turns. What is in force may be another with every turn (`put_in_force`)."""

    def __init__(self, plan: Plan, store: Store) -> None:
        self._adopt(plan)
        self.store = store
        self.in_store = StoreThread()
        self.clock = utc_now
        #: Is told of whatever happens, at once and on the loop.
        self.witness: Callable[[journal.Happening], None] = journal.unwatched
        self.fetchers = Relay(self._open_fetcher())
        self.parser = ChildParser(now=utc_now)
        self._pace = Pace(PACE, CROWD_PACE)
        self.boards = Relay(self._make_board())
        self._has_told = False
        #: Errors of our own making that ended a poll, a telling or a turn of a crank; the log has them.
        self.faults = 0
        #: Seconds of the clock that only runs on, at the last turn of the dispatcher.
        self.ticked_at: float | None = None
        #: When what is in force was taken up, and whether a later edit was refused.
        self.loaded_at, self.reload_ok = self.clock(), True
        #: What claimed sources were when they were claimed.
        self._claimed: dict[str, Source] = {}
        self.life: Life | None = None
        self._tells = True
        #: The edit that was refused, until one is taken up.
        self._refused: Incident | None = None
        #: Destinations that took a message since the start and have refused none after it.
        self._reached: set[str] = set()
        self._notify_at, self._leaps = self.clock(), Leaps(self.clock)
        self._greeter = Greeter(self.clock)
        self.housekeeping = Housekeeping(self.config, store, self.in_store, self.timetable, self.clock)

    def _adopt(self, plan: Plan) -> None:
        self.plan, self.config, self.judge = plan, plan.config, plan.judge
        self.sources, self.channels, self.timetable = plan.sources, plan.channels, plan.timetable
        self._words = Words(language=plan.config.language, zone=plan.config.timezone)

    def _open_fetcher(self) -> HttpFetcher:
        fetcher = HttpFetcher(self.config.fetch, contact=self.config.contact, version=__version__)
        fetcher.open()
        return fetcher

    def _make_board(self) -> Board:
        known, note = self.store.contacts, lambda call: self.witness(call)  # noqa: PLW0108 - another one comes
        return Board(self.config, self.plan.secrets, pace=self._pace, in_store=self.in_store, contacts=known, note=note)

    # --- polling ---

    async def claim(self, limit: int, *, due_by: datetime | None = None) -> list[SourceState]:
        """Lease sources that are due, or were by an earlier instant."""
        now, sources = self.clock(), self.sources
        lease = LEASE + (now - due_by) if due_by else LEASE
        states = await self.in_store(self.store.polls.claim_due, now=due_by or now, lease=lease, limit=limit)
        # Since an edit may have been taken up meanwhile: their states belong to what was in force before.
        claimed = {state.source_id: source for state in states if (source := sources.get(state.source_id))}
        self._claimed = {id_: source for id_, source in (self._claimed | claimed).items() if id_ in self.sources}
        return states

    async def poll(self, state: SourceState) -> PollReport:
        """Take one turn at a source; every error but StoreError ends here."""
        source, begun = self._claimed.pop(state.source_id, None), self.clock()
        source = source or self.sources[state.source_id]
        jitter = random.random()  # noqa: S311 - spreads polls, guards nothing
        report = None
        with self._ends_here("poll_broke", source=source.id) as broke:
            async with self.fetchers.use() as fetcher:
                report = await poll_source(source, state, self._poll_desk(fetcher), jitter=jitter)
        if report is None:
            error = MonitorError("app.bug", what=broke[0])
            following, reason = after_failure(state, error, every=source.every, now=self.clock(), jitter=jitter)
            report = PollReport(state=following, reason=reason, error=error)
        journal.log_poll(state, report, now=self.clock())
        self.witness(journal.Polled(report=report, lasted=self.clock() - begun, late=begun - state.next_poll_at))
        current = self.sources.get(source.id, source)
        if current.url == source.url:
            due_at = hastened(report.state, before=source.every, every=current.every)
            return replace(report, state=replace(report.state, next_poll_at=due_at))
        # It was of an address that is configured no more: nothing of it is to be remembered of the new one.
        return replace(report, state=SourceState(source_id=source.id, next_poll_at=self.clock()))

    def _poll_desk(self, fetcher: HttpFetcher) -> PollDesk:
        return PollDesk(
            fetcher=fetcher,
            parser=self.parser,
            in_store=self.in_store,
            polls=self.store.polls,
            judge=self.judge,
            clock=self.clock,
            choosy_rules=self.judge.choosy_rules,
        )

    async def revisit(self, limit: int = LIMIT) -> list[RevisitReport]:
        """Ask again for pages that could not be had; every error but StoreError ends here."""
        judge, reports = self.judge, []
        with self._ends_here("revisit_broke"):
            async with self.fetchers.use() as fetcher:
                desk = RevisitDesk(
                    fetcher=fetcher,
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
        return host_of(state.moved_to) if state.moved_to else self.plan.hosts.get(state.source_id, "")

    # --- telling ---

    async def tell(self, urge: Urge = Urge.DUE) -> list[DeliverReport]:
        """Promise what is due to be told, then send what is due to be sent; every error but StoreError ends here."""
        reports: list[DeliverReport] = []
        async with self.boards.use() as board:
            with self._ends_here("greet_broke"):
                await self._greet(board)
            with self._ends_here("notify_broke"):
                await self._notify(board)
            with self._ends_here("tell_broke"):
                reports = await send_due(await self._send_desk(board), partial(self._promise, board, urge))
        for report in reports:
            journal.log_delivery(report)
            self.witness(report)
            self._note_reached(report)
        return reports

    async def _promise(self, board: Board, urge: Urge) -> None:
        closed = await self.housekeeping.closed(board.sink_of, self.plan.destinations)
        for delivery in await promise_digests(replace(await self._deliver_desk(board), closed=closed), urge):
            log.info("promised", delivery=delivery.id, channel=delivery.channel, period=delivery.period)

    def stop_telling(self) -> None:
        """Let messages on the wire come to their end, and send no more."""
        self._tells = False

    async def _greet(self, board: Board) -> None:
        """Ask Slack whether it lets us in, before anything is promised or claimed; it tells the time with its answer."""
        if not self.plan.secrets.slack_token:
            return
        mentions = [rule.mention for rule in self.judge.book.rules]
        mentions += [channel.mention for channel in self.config.channels.values()]
        handles = frozenset(handle for mention in mentions if mention for handle in mention.splitlines())
        greeting = await self._greeter.greet(board.sink_of(WORKSPACE), handles)
        if greeting is None:
            return
        self.witness(greeting)
        if names := ", ".join(greeting.strangers):
            log.warning("mentions_unknown", note=say("app.strangers", self.config.language, names=names))
        # A refusal holds nothing up here: the first message that meets it does, and is told of.
        if greeting.error is None:
            await lift_blocks(self.in_store, self.store.deliveries, refused_token_only=True)
        else:
            log.warning("slack_check_failed", error=str(greeting.error))

    @contextmanager
    def _ends_here(self, event: str, **facts: object) -> Iterator[list[str]]:
        """Log an error of our own making and go on, with its name in what it gives; StoreError passes.

        So does being cancelled, but not a CancelledError that nobody asked for.
        """
        broke: list[str] = []
        try:
            yield broke
        except StoreError:
            raise
        except (Exception, SystemExit, asyncio.CancelledError) as error:
            task = asyncio.current_task()
            if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
                raise
            log.exception(event, **facts)
            broke.append(type(error).__name__)
            self.faults += 1

    async def preview(self, urge: Urge = Urge.DUE) -> list[Upcoming]:
        """What is still to be told."""
        return await foresee(await self._deliver_desk(self.boards.now), urge)

    async def backlog(self) -> list[tuple[Backlog, datetime | None]]:
        """What waits to be told, and its channel's next slot."""
        waiting = await self.in_store(self.store.deliveries.backlog)
        now = self.clock()
        return [(one, self.timetable.next_slot(self.channels.get(one.channel), now)) for one in waiting]

    async def _deliver_desk(self, board: Board) -> DeliverDesk:
        if not self._has_told:
            counts = await self.in_store(self.store.archive.counts)
            self._has_told = bool(sum(counts["deliveries"].values()))
        return DeliverDesk(
            in_store=self.in_store,
            deliveries=self.store.deliveries,
            channels=self.channels,
            timetable=self.timetable,
            sink_of=board.sink_of,
            clock=self.clock,
            hello=(len(self.sources), len(self.judge.book.rules)) if not self._has_told else None,
        )

    async def _send_desk(self, board: Board) -> SendDesk:
        return SendDesk(
            in_store=self.in_store,
            deliveries=self.store.deliveries,
            halts=self.store.halts,
            sink_of=board.sink_of,
            clock=self.clock,
            turn=board.turn,
            is_lost=partial(self._is_lost, board),
            goes_on=lambda: self._tells,
            settle=await settling(self.in_store, self.store.contacts),
            repeat_unknowable=self.config.slack.webhook_repeats == "mark",
        )

    def _is_lost(self, board: Board, delivery: Delivery) -> bool:
        """A webhook goes by its secret, a named channel by its name; a bare Slack channel names itself."""
        if delivery.destination.startswith("webhook:"):
            return not board.has_secret(delivery)
        has_token = bool(self.plan.secrets.slack_token)
        return has_token and not self.channels.knows(delivery.channel, delivery.destination)

    # --- life ---

    async def start(self) -> None:
        """Take up where the last process left off. Raises RunningError where one on another host is still at it."""
        now = self.clock()
        life = this_process(now)
        await self.in_store(self.store.lives.begin, life)
        self.life = life
        await self.housekeeping.certain_now()
        recovered = await self.in_store(self.store.deliveries.recover, now=now)
        if recovered:
            log.warning("recovered", deliveries=recovered)
        if not self.plan.secrets.slack_token:
            await lift_blocks(self.in_store, self.store.deliveries)
        await self.in_store(self.store.polls.sync_sources, list(self.sources.values()), now=now)

    async def clock_moved(self, by: timedelta) -> None:
        """The wall clock was moved by so much: nothing waits for what it said before."""
        self._notify_at = self.clock()
        if by < timedelta(0):
            sources = list(self.sources.values())
            await self.in_store(self.store.upkeep.clock_set_back, now=self.clock(), by=-by, sources=sources)

    async def keep_house(self) -> None:
        """See to backups, the search index and the disk; every error but StoreError ends here."""
        with self._ends_here("housekeeping_broke"):
            await self.housekeeping.turn()

    async def put_in_force(self, plan: Plan, edit: Edit) -> None:
        """Go on by an edited plan; what is in flight goes on by the one it began with."""
        before = self.plan
        # At once, and before anything else is asked of the store: whoever claims from now on gets the new sources.
        self._adopt(plan)
        if edit.reaches_sources:
            sources = list(plan.sources.values())
            try:
                await self.in_store(self.store.polls.sync_sources, sources, now=self.clock(), release=False)
                await hasten(self.in_store, self.store, before.sources, plan.sources)
            except StoreError:
                self._adopt(before)
                raise
        self.housekeeping.take_up(plan.config, plan.timetable)
        if edit.reaches_fetching:
            await self.fetchers.replace(self._open_fetcher())
        if edit.reaches_telling:
            self._greeter = Greeter(self.clock)
            await self.boards.replace(self._make_board())

    def note_edit(self, refused: Incident | None) -> None:
        """An edit was taken up, or was refused for this."""
        self._refused, self.reload_ok, self._notify_at = refused, refused is None, self.clock()
        self.loaded_at = self.loaded_at if refused else self.clock()
        self.witness(journal.Reloaded(taken_up=self.reload_ok))

    # --- telling the operator ---

    async def _notify(self, board: Board) -> None:
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
            render=lambda lines: board.sink_of(ops or "").render_note(lines),
            leapt=self._leaps.within,
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
        await self.fetchers.close()
        await self.boards.close()
        if self.life is not None:
            # A disk that is full must not keep the process from ending.
            with suppress(StoreError):
                await self.in_store(self.store.lives.end, self.life)
        await self.in_store(self.store.close)
        self.in_store.close()


@asynccontextmanager
async def open_app(config: Config, secrets: Secrets, *, patience: float = CHECK_SECONDS) -> AsyncIterator[App]:
    """Open every door; ConfigError before anything is touched when the rules are broken.

    Damage of the database is looked for so many seconds.
    """
    plan = make_plan(config, secrets)
    app = App(plan, open_store(config.database, check=True, patience=patience, copies=config.backup.folder))
    try:
        yield app
    finally:
        await app.close()
