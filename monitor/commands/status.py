"""`monitor status`: sources, backlog, deliveries and last errors on one screen."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import click
from rich.cells import set_cell_size
from rich.text import Text

from monitor.clock import utc_now
from monitor.config import Config, labels, list_sources
from monitor.errors import recall
from monitor.eyes.readiness import Doubt, doubts
from monitor.eyes.standing import Standing, look
from monitor.jobs.notify import STUCK
from monitor.messages import is_known, say
from monitor.model import Delivery, Incident, SourceState, Trouble
from monitor.ports import Backlog, Mute
from monitor.session import ago, halted_line, local, mute_line, open_memory, pause_line, read_config
from monitor.terminal import FINE, output

#: Reasons that have lines of their own.
_SHOWN_ANYWAY = ("not-running", "destination-held", "delivery-held")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Status:
    states: Mapping[str, SourceState]
    names: Mapping[str, str]
    counts: Mapping[str, Mapping[str, int]]
    backlog: tuple[Backlog, ...]
    paused: Mapping[str, tuple[datetime | None, str]]
    halted: tuple[Delivery, ...]
    muted: tuple[Mute, ...]
    incidents: tuple[Incident, ...]
    #: Destinations that are told nothing before it is known what they were told since a backup was made.
    unreconciled: tuple[str, ...]
    standing: Standing

    @property
    def doubts(self) -> tuple[Doubt, ...]:
        """Why news may not arrive, reckoned as for /readyz; what the daemon alone knows is not among it."""
        return doubts(self.standing, None)

    @property
    def refused(self) -> Incident | None:
        """The edit of the rules that the daemon did not take up."""
        return next((one for one in self.incidents if one.trouble is Trouble.RULES), None)

    @property
    def revisits(self) -> int:
        """Articles whose page could not be had and is asked for again."""
        return sum(self.counts["revisits"].values())

    def failing(self) -> list[SourceState]:
        """Configured sources whose last poll failed, the longest failing first."""
        failing = [state for id_, state in self.states.items() if id_ in self.names and state.last_error]
        return sorted(failing, key=lambda state: -state.failures)

    def sources(self, now: datetime) -> dict[str, int]:
        """How the configured sources are."""
        configured = [self.states[id_] for id_ in self.names if id_ in self.states]
        return {
            "configured": len(self.names),
            "ok": sum(not state.last_error and state.last_ok_at is not None for state in configured),
            "failing": sum(bool(state.last_error) and not state.gone for state in configured),
            "gone": sum(state.gone for state in configured),
            "never_polled": len(self.names) - sum(state.last_poll_at is not None for state in configured),
            "due": sum(state.next_poll_at <= now and not state.gone for state in configured),
        }


@click.command("status", help="One screen: sources, backlog, deliveries, last errors.")
@click.option("--json", "as_json", is_flag=True, help="The same as JSON.")
@click.pass_context
def command(ctx: click.Context, *, as_json: bool) -> int:
    """Show the state of everything."""
    config = read_config(ctx)
    with open_memory(config) as store:
        status = _Status(
            states=store.archive.source_states(),
            names=labels(list_sources(config)),
            counts=store.archive.counts(),
            backlog=tuple(store.deliveries.backlog()),
            paused=store.deliveries.paused(),
            halted=tuple(store.halts.halted(before=utc_now() - STUCK)),
            muted=tuple(store.mutes.muted(now=utc_now())),
            incidents=tuple(one.incident for one in store.notices.incidents() if one.over_at is None),
            unreconciled=tuple(store.reconciling.unreconciled()),
            standing=look(store, config, now=utc_now()),
        )
    if as_json:
        click.echo(json.dumps(_as_json(status, config), ensure_ascii=False, indent=2))
    else:
        _show(status, config)
    return FINE


def _as_json(status: _Status, config: Config) -> dict[str, object]:
    return {
        "ready": not status.doubts,
        "reasons": [{"code": one.code, "message": one.message(config.language)} for one in status.doubts],
        "daemon": _daemon(status.standing, utc_now()),
        "sources": status.sources(utc_now()),
        "articles": dict(status.counts["articles"]),
        "matches": dict(status.counts["matches"]),
        "told": dict(status.counts["told"]),
        "deliveries": dict(status.counts["deliveries"]),
        "backlog": [
            {
                "channel": one.channel,
                "destination": one.destination,
                "when": one.when,
                "matches": one.matches,
                "since": one.first_matched_at.isoformat(),
            }
            for one in status.backlog
        ],
        "held": {
            name: {"until": until and until.isoformat(), "reason": recall(why, config.language)}
            for name, (until, why) in status.paused.items()
        },
        "unreconciled": list(status.unreconciled),
        "halted": [_halted(one, config.language) for one in status.halted],
        "muted": [
            {"rule": mute.rule_id, "name": mute.rule_name, "until": mute.until and mute.until.isoformat()}
            for mute in status.muted
        ],
        "revisits": status.revisits,
        "incidents": [
            {
                "trouble": one.trouble.value,
                "subject": one.subject or None,
                "since": one.since_at.isoformat(),
                "lines": list(one.lines),
            }
            for one in status.incidents
        ],
        "last_errors": [
            {
                "source": state.source_id,
                "error": recall(state.last_error or "", config.language),
                "failures": state.failures,
                "at": state.last_poll_at and state.last_poll_at.isoformat(),
            }
            for state in status.failing()
        ],
    }


def _daemon(standing: Standing, now: datetime) -> dict[str, object]:
    """`ended`: without saying so; `silent`: that, on another host, or it hangs."""
    life = standing.life
    if life is None:
        return {"state": "stopped"}
    silent = "running" if life.is_fresh(now) else "silent"
    return {
        "state": "ended" if standing.has_ended else silent,
        "pid": life.pid,
        "host": life.host,
        "since": life.started_at.isoformat(),
        "last_sign_of_life": life.beat_at.isoformat(),
    }


def _life_line(standing: Standing, config: Config, now: datetime) -> str:
    facts = {}
    if (life := standing.life) is not None:
        beat = ago(life.beat_at, now, config.language)
        facts = {"pid": life.pid, "host": life.host, "since": local(life.started_at, config), "beat": beat}
    return say(f"status.daemon-{_daemon(standing, now)['state']}", config.language, **facts)


def _halted(delivery: Delivery, language: str) -> dict[str, object]:
    return {
        "delivery": delivery.id,
        "channel": delivery.channel,
        "state": delivery.state.value,
        "attempts": delivery.attempts,
        "since": delivery.created_at.isoformat(),
        "error": recall(delivery.last_error or "", language),
    }


def _label(subject: str, name: str, language: str) -> str:
    """A held match and a held delivery are held for different reasons."""
    for code in (f"status.{subject}-{name}", f"status.{name.replace('_', '-')}"):
        if is_known(code):
            return say(code, language)
    return name


def _doubt_lines(found: Sequence[Doubt], language: str) -> Iterator[str]:
    told = [doubt.message(language) for doubt in found if doubt.code not in _SHOWN_ANYWAY]
    if told:
        yield say("status.not-ready", language, count=len(found))
    yield from (f"  {line}" for line in told)


def _held_lines(status: _Status, config: Config) -> Iterator[str]:
    """Why something that waits is not told."""
    yield from (pause_line(name, until, reason, config) for name, (until, reason) in status.paused.items())
    if status.unreconciled:
        yield say("status.unreconciled", config.language, names=", ".join(status.unreconciled))
    yield from (halted_line(delivery, config) for delivery in status.halted[:20])


def _refusal_lines(refused: Incident | None, config: Config) -> Iterator[str]:
    if refused:
        yield say("status.refused", config.language, since=local(refused.since_at, config))
        # The first line says of the channel for operators what the heading says here.
        yield from (f"  {line}" for line in refused.lines[1:])


def _numbers(title: str, numbers: Mapping[str, int], language: str) -> str:
    return "  ".join(f"{_label(title, name, language)} {number:,}" for name, number in numbers.items()) or "–"


def _told(counts: Mapping[str, Mapping[str, int]], language: str) -> str:
    """How many matches there are, and what became of them in each destination: what is written down may wait to be sent."""
    tellings, told = counts["matches"], counts["told"]
    if not tellings:
        return "–"
    unsent = say("status.unsent", language, count=f"{told['unsent']:,}") if told["unsent"] else ""
    parts = [
        _numbers("matches", {name: number}, language) + (unsent if name == "promised" else "")
        for name, number in tellings.items()
    ]
    facts = {"matches": f"{told['matches']:,}", "tellings": f"{sum(tellings.values()):,}"}
    code = "status.by-match" if sum(tellings.values()) == told["matches"] else "status.by-destination"
    return say(code, language, **facts) + "  ".join(parts)


def _show(status: _Status, config: Config) -> None:
    console, now = output(), utc_now()
    console.print(Text(_life_line(status.standing, config, now)))
    for line in _doubt_lines(status.doubts, config.language):
        console.print(line, style="yellow")
    for title, shown in (
        ("sources", _numbers("sources", status.sources(now), config.language)),
        ("articles", _numbers("articles", status.counts["articles"], config.language)),
        ("matches", _told(status.counts, config.language)),
        ("deliveries", _numbers("deliveries", status.counts["deliveries"], config.language)),
    ):
        name = set_cell_size(say(f"status.{title}", config.language), 11)
        console.print(Text.assemble((name, "bold"), shown))
    for one in status.backlog:
        facts = {"channel": one.channel, "matches": one.matches, "when": one.when}
        console.print(say("status.waits", config.language, since=local(one.first_matched_at, config), **facts))
    for line in (*_held_lines(status, config), *_refusal_lines(status.refused, config)):
        console.print(line, style="yellow")
    if status.revisits:
        console.print(say("status.revisits", config.language, count=status.revisits))
    for mute in status.muted:
        console.print(mute_line(mute, config), style="yellow")
    for state in status.failing()[:20]:
        facts = {"name": status.names[state.source_id], "failures": state.failures}
        why = recall(state.last_error or "", config.language)
        at = ago(state.last_poll_at, now, config.language)
        console.print(say("status.fails", config.language, at=at, why=why, **facts), style="yellow")
