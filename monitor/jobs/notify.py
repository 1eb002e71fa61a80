"""What is wrong now x what was told of it -> notes to the operator: one when something begins, one when it is over.

Telling is by the same outbox as digests: a note is written down together with the incidents that it tells of, so that each
is told once, whatever happens to the process or to Slack.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from monitor.config.sources import labels
from monitor.errors import recall, recalled_code
from monitor.jobs.verdict import LOST, WORKSPACE, is_lost
from monitor.messages import say
from monitor.model import Delivery, DeliveryState, Incident, KnownIncident, Source, SourceState, Trouble
from monitor.ports import Archive, DeliverStore, HaltStore, InStore, Note, NoticeStore
from monitor.stages.wording import Wording, inert, shortened

#: Polls in a row after which a failing source is told, or so long without a success.
FAILURES = 5
SILENCE = timedelta(hours=6)
#: Failing sources that are told along with one that is told anyway: a network that is down comes as one message.
COMPANY = 3
#: How long the first source that has recovered waits for the others, to be told with them.
GATHERING = timedelta(minutes=15)
#: How long a message is tried in vain before that is told.
STUCK = timedelta(hours=1)
#: Lines of one note; more is a matter for `monitor status`.
MOST_LINES = 15
_NAME = 60


class Words(Wording):
    """The words of notes."""

    def __call__(self, code: str, **facts: object) -> str:
        """The sentence `notify.<code>`."""
        return say(f"notify.{code}", self.language, **facts)


# --- what is wrong now ------------------------------------------------------------------------------------------------


def failing_sources(
    states: Iterable[SourceState],
    sources: Mapping[str, Source],
    known: Collection[str],
    *,
    words: Words,
    now: datetime,
    leapt: timedelta = timedelta(0),
) -> list[Incident]:
    """Sources that have failed for long, and those that were told to fail (`known`) and still do.

    `leapt`: how far the clock was set ahead meanwhile, which is no silence of theirs.
    """
    failing = [state for state in states if state.last_error and state.source_id in sources]
    ripe = {state.source_id for state in failing if _is_ripe(state, now - leapt)}
    names = labels(sources.values())
    least = COMPANY if ripe - set(known) else FAILURES
    return [
        _source_incident(state, names[state.source_id], words, now)
        for state in failing
        if state.source_id in ripe or state.source_id in known or state.failures >= least
    ]


def _is_ripe(state: SourceState, now: datetime) -> bool:
    if state.gone or state.failures >= FAILURES:
        return True
    return state.failures > 1 and state.last_ok_at is not None and now - state.last_ok_at >= SILENCE


def _source_incident(state: SourceState, name: str, words: Words, now: datetime) -> Incident:
    why = recall(state.last_error or "", words.language)
    last = words.moment(state.last_ok_at, now) if state.last_ok_at else words("never")
    line = words(
        "source-failing", name=_shown(name), failures=state.failures, last=last, why=shortened(inert(why), 250)
    )
    return Incident(
        trouble=Trouble.SOURCE,
        subject=state.source_id,
        since_at=state.last_ok_at or now,
        lines=(line, _shown(name)),
        gist="gone" if state.gone else "failing",
    )


def blocked_channels(
    paused: Mapping[str, tuple[datetime | None, str]],
    known: Iterable[KnownIncident],
    reached: Collection[str],
    *,
    words: Words,
    now: datetime,
) -> list[Incident]:
    """Destinations that refuse messages until a person acts; one that was told so stays it until it was reached.

    A restart lifts the pause, which proves nothing: the next message does.
    """
    blocked = [
        Incident(
            trouble=Trouble.CHANNEL,
            subject=name,
            since_at=now,
            lines=(words("channel-blocked", name=_shown(name), why=recall(memo, words.language)), _shown(name)),
            gist=recalled_code(memo) or memo,
        )
        for name, (until, memo) in paused.items()
        if until is None
    ]
    names = {one.subject for one in blocked}
    unproven = (
        one.incident for one in known if one.incident.subject not in names and one.incident.subject not in reached
    )
    return [*blocked, *unproven]


def halted_messages(
    halted: Sequence[Delivery], paused: Collection[str], *, words: Words, now: datetime
) -> list[Incident]:
    """What nothing sends by itself, or is tried in vain for long. Notes are not among them: who would be told?"""
    digests = [one for one in halted if not one.is_note]
    lost: dict[str, list[Delivery]] = {}
    for one in filter(is_lost, digests):
        lost.setdefault(one.destination, []).append(one)
    channels = [_lost_channel(name, messages, words, now) for name, messages in lost.items()]
    messages = [
        _message_incident(one, words, now)
        for one in digests
        if not is_lost(one)
        and not (
            one.state in {DeliveryState.PENDING, DeliveryState.UNKNOWN} and {one.destination, WORKSPACE} & {*paused}
        )
    ]
    return [*channels, *messages]


def _lost_channel(destination: str, messages: Sequence[Delivery], words: Words, now: datetime) -> Incident:
    name = _shown(messages[0].channel)
    line = words("channel-lost", name=name, count=len(messages))
    return Incident(trouble=Trouble.CHANNEL, subject=destination, since_at=now, lines=(line, name), gist=LOST)


def _message_incident(delivery: Delivery, words: Words, now: datetime) -> Incident:
    is_tried = delivery.state in {DeliveryState.PENDING, DeliveryState.UNKNOWN}
    kind = "tried" if is_tried else delivery.state.value
    name = words("message", name=_shown(delivery.channel), id=delivery.id, at=words.moment(delivery.created_at, now))
    why = shortened(inert(recall(delivery.last_error or "", words.language)), 300)
    line = words(f"message-{kind}", name=name, why=why)
    return Incident(trouble=Trouble.MESSAGE, subject=delivery.id, since_at=now, lines=(line, name), gist=kind)


def refused_rules(findings: Sequence[str], *, since_at: datetime, words: Words) -> Incident:
    """An edit that was refused; `findings` say what is wrong, with file and line."""
    heading = words("rules-refused", count=len(findings))
    lines = [f"• {shortened(inert(finding), 380)}" for finding in findings[:MOST_LINES]]
    more = [words("more-findings", count=len(findings) - MOST_LINES)] if len(findings) > MOST_LINES else []
    return Incident(
        trouble=Trouble.RULES,
        subject="",
        since_at=since_at,
        lines=(heading, *lines, *more, words("rules-check")),
        gist=hashlib.sha256("\n".join(sorted(findings)).encode("utf-8", "replace")).hexdigest(),
    )


def _shown(name: str) -> str:
    return shortened(inert(name).strip(), _NAME) or "?"


# --- what is told of it -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What to tell, a trouble at a time, and what to remember of it."""

    begun: tuple[Incident, ...] = ()
    over: tuple[KnownIncident, ...] = ()
    #: As they are to be remembered: those that are new or stand otherwise than before.
    known: tuple[KnownIncident, ...] = ()
    #: Those to be forgotten.
    ended: tuple[KnownIncident, ...] = ()
    #: New incidents and news of old ones, whether the ops channel is told of them or not.
    news: tuple[Incident, ...] = ()


def decide(
    incidents: Sequence[Incident],
    known: Sequence[KnownIncident],
    *,
    now: datetime,
    audible: Callable[[Incident], bool] = lambda _: True,
) -> Decision:
    """Pure. `audible` says whether the ops channel can be told of an incident: there may be none, or it is the one that is blocked."""
    before = {one.incident.key: one for one in known}
    goes_on = {one.key for one in incidents}
    kept, begun, news = [], [], []
    for incident in incidents:
        after = _carried_on(incident, before.get(incident.key), audible=audible(incident))
        if after != before.get(incident.key):
            kept.append(after)
        if after.told is not None and after.told != _told(before.get(incident.key)):
            begun.append(after.incident)
        if before.get(incident.key) is None or after.incident.gist != before[incident.key].incident.gist:
            news.append(after.incident)
    quiet = [replace(one, over_at=one.over_at or now) for one in known if one.incident.key not in goes_on]
    some_go_on = {trouble for trouble, _ in goes_on}
    ended = [one for one in quiet if not _waits_for_company(one, quiet, some_go_on, now)]
    kept += [one for one in quiet if one not in ended and one != before[one.incident.key]]
    over = [one for one in ended if one.told is not None and audible(one.incident)]
    return Decision(begun=tuple(begun), over=tuple(over), known=tuple(kept), ended=tuple(ended), news=tuple(news))


def _told(known: KnownIncident | None) -> str | None:
    return known.told if known else None


def _carried_on(incident: Incident, before: KnownIncident | None, *, audible: bool) -> KnownIncident:
    """How an incident is remembered now: as it was first seen, unless there is news of it."""
    if before is None:
        return KnownIncident(incident=incident, told=incident.gist if audible else None)
    told = incident.gist if audible else before.told
    if incident.gist == before.incident.gist and told == before.told:
        return replace(before, over_at=None)
    return KnownIncident(incident=replace(incident, since_at=before.incident.since_at), told=told)


def _waits_for_company(
    one: KnownIncident, quiet: Sequence[KnownIncident], some_go_on: Collection[Trouble], now: datetime
) -> bool:
    """Sources come back one by one as they are polled: they are told to be back together."""
    if one.incident.trouble is not Trouble.SOURCE or one.told is None or Trouble.SOURCE not in some_go_on:
        return False
    first = min(other.over_at or now for other in quiet if other.incident.trouble is Trouble.SOURCE)
    return now - first < GATHERING


def notes(decision: Decision, words: Words, *, rules: int) -> list[tuple[str, ...]]:
    """The lines of each note; the first is its heading. `rules` are now in force."""
    told = []
    for trouble in Trouble:
        begun = [one for one in decision.begun if one.trouble is trouble]
        over = [one.incident for one in decision.over if one.incident.trouble is trouble]
        if begun:
            told.append(_begun(trouble, begun, words))
        if over:
            told.append(_over(trouble, over, words, rules))
    return told


def _begun(trouble: Trouble, incidents: Sequence[Incident], words: Words) -> tuple[str, ...]:
    if trouble is Trouble.RULES:
        return incidents[0].lines
    heading = words(f"{trouble.value}-begun", count=len(incidents))
    return (heading, *_bullets([one.lines[0] for one in incidents], words), words(f"{trouble.value}-next"))


def _over(trouble: Trouble, incidents: Sequence[Incident], words: Words, rules: int) -> tuple[str, ...]:
    if trouble is Trouble.RULES:
        return (words("rules-over", rules=rules),)
    heading = words(f"{trouble.value}-over", count=len(incidents))
    return (heading, *_bullets([one.lines[-1] for one in incidents], words))


def _bullets(lines: Sequence[str], words: Words) -> list[str]:
    more = [words("more", count=len(lines) - MOST_LINES)] if len(lines) > MOST_LINES else []
    return [*(f"• {line}" for line in lines[:MOST_LINES]), *more]


# --- the turn ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeDesk:
    """The doors that notes go through, and the clock."""

    in_store: InStore
    notices: NoticeStore
    archive: Archive
    deliveries: DeliverStore
    halts: HaltStore
    sources: Mapping[str, Source]
    words: Words
    clock: Callable[[], datetime]
    #: The ops channel; without one nothing is told, and what goes on is only remembered.
    ops: str | None
    #: Lines -> payloads, by the sink of the ops channel.
    render: Callable[[Sequence[str]], tuple[str, ...]]
    #: How far the clock was set ahead within the last such span: ages have grown by it, and nothing was tried meanwhile.
    leapt: Callable[[timedelta], timedelta] = lambda _: timedelta(0)


async def notify(
    desk: NoticeDesk,
    *,
    refused: Incident | None,
    reached: Collection[str],
    rules: int,
    further: Callable[[Sequence[KnownIncident]], Sequence[Incident]] = lambda _: (),
) -> Decision:
    """Compare what is wrong with what was told of it, and write down what is to be told.

    `refused` is an edit of the rules that was not taken up, `reached` the destinations that took a message since the start.
    `further` says, by what was known, what else goes wrong.
    """
    now = desk.clock()
    known = [_still_there(one, desk.sources) for one in await desk.in_store(desk.notices.incidents)]
    states = await desk.in_store(desk.archive.source_states)
    paused = await desk.in_store(desk.deliveries.paused)
    waits = await desk.in_store(desk.halts.halted, before=now - STUCK - desk.leapt(STUCK))
    subjects = {one.incident.subject for one in known if one.incident.trouble is Trouble.SOURCE}
    channels = [one for one in known if one.incident.trouble is Trouble.CHANNEL]
    halted = halted_messages(waits, paused, words=desk.words, now=now)
    blocked = blocked_channels(paused, channels, reached, words=desk.words, now=now)
    incidents = [
        *([refused] if refused else []),
        *failing_sources(states.values(), desk.sources, subjects, words=desk.words, now=now, leapt=desk.leapt(SILENCE)),
        *halted,
        *further(known),
        *(one for one in blocked if one.key not in {other.key for other in halted}),
    ]
    decision = decide(incidents, known, now=now, audible=lambda incident: _is_audible(incident, desk))
    if decision.known or decision.ended:
        told = [_as_note(lines, desk) for lines in notes(decision, desk.words, rules=rules)]
        await desk.in_store(desk.notices.note, told, known=decision.known, ended=decision.ended, now=now)
    return decision


def _still_there(known: KnownIncident, sources: Mapping[str, Source]) -> KnownIncident:
    """A source that left the configuration has not recovered: its incident ends without a word."""
    is_gone = known.incident.trouble is Trouble.SOURCE and known.incident.subject not in sources
    return replace(known, told=None) if is_gone else known


def _is_audible(incident: Incident, desk: NoticeDesk) -> bool:
    """Whether the ops channel can be told: not that it cannot be told."""
    if incident.trouble is Trouble.CHANNEL and incident.subject in {desk.ops, WORKSPACE}:
        return False
    return desk.ops is not None


def _as_note(lines: tuple[str, ...], desk: NoticeDesk) -> Note:
    ops = desk.ops or ""
    return Note(channel=ops, destination=ops, payloads=desk.render(lines))
