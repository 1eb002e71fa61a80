"""`monitor unblock CHANNEL`: send again what is held there; without CHANNEL: what is held, and why."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches

import click

from monitor.clock import utc_now
from monitor.config import Channels, Config, list_sources
from monitor.errors import UsageError
from monitor.jobs.verdict import WORKSPACE, is_lost
from monitor.messages import say
from monitor.model import Delivery, DeliveryState
from monitor.ports import Store
from monitor.rules.load import load_rules
from monitor.session import halted_line, local, open_memory, pause_line, read_config
from monitor.terminal import FINE, output

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class _Held:
    """What is held now, and where what a person types leads."""

    config: Config
    store: Store
    now: datetime
    paused: Mapping[str, tuple[datetime | None, str]]
    halted: Sequence[Delivery]
    #: What may be typed -> destination.
    places: Mapping[str, str]


@click.command(
    "unblock",
    help='Send again what is held in CHANNEL: a name of config.toml, "news", an id, or "slack" for the whole workspace. '
    "Without it: what is held, and why.",
)
@click.argument("channel", required=False)
@click.option("--retry-dead", is_flag=True, help="Send once more what Slack has refused in every form, too.")
@click.pass_context
def command(ctx: click.Context, channel: str | None, *, retry_dead: bool) -> int:
    """Lift a block beside the daemon, which sends within seconds."""
    if channel is None and retry_dead:
        raise UsageError("unblock.which")
    config = read_config(ctx)
    with open_memory(config) as store:
        held = _Held(
            config=config,
            store=store,
            now=utc_now(),
            paused=store.deliveries.paused(),
            halted=store.halts.halted(before=None),
            places=_places(config, store),
        )
        if channel is None:
            _list(held)
        else:
            _unblock(held, _destination(channel, held.places), retry_dead=retry_dead)
    return FINE


def _places(config: Config, store: Store) -> dict[str, str]:
    """Later ones count: a name that the configuration gives before any other."""
    channels = Channels(config)
    rules = load_rules(config.rules, channels=channels.names, sources=list_sources(config)).rules
    told = [(one.channel, one.destination) for one in store.halts.halted(before=None)]
    bare = [name for rule in rules for name in rule.notify if name not in channels.names]
    bare += [*store.deliveries.paused(), *(destination for _, destination in told)]
    bare += [channels.get(name).destination for name in channels.names]
    bare += [name for name in (config.slack.channel, config.ops.slack) if name]
    ids = {one.value: one.name for one in reversed(store.contacts.contacts()) if one.name in bare}
    plain = {name.removeprefix("#").removeprefix("webhook:"): name for name in bare}
    named = {name: channels.get(name).destination for name in channels.names}
    return ids | plain | {name: name for name in bare} | dict(told) | {WORKSPACE: WORKSPACE} | named


def _destination(typed: str, places: Mapping[str, str]) -> str:
    if typed in places:
        return places[typed]
    if near := get_close_matches(typed, places, n=1, cutoff=0.5):
        raise UsageError("unblock.no-channel", name=typed, suggestion=near[0])
    known = ", ".join(sorted(places)[:_SHOWN])
    raise UsageError("terminal.no-such-channel", name=typed, known=known)


def _list(held: _Held) -> None:
    console = output()
    for name, (until, reason) in held.paused.items():
        if until is None or until > held.now:
            console.print(pause_line(name, until, reason, held.config), style="yellow")
    for delivery in held.halted:
        console.print(halted_line(delivery, held.config), style="yellow")
    if not held.paused and not held.halted:
        console.print(say("unblock.none", held.config.language))


def _unblock(held: _Held, destination: str, *, retry_dead: bool) -> None:
    here = [one for one in held.halted if one.destination == destination]
    waits = [one for one in here if one.state is DeliveryState.HELD and not is_lost(one)]
    dead = [one for one in here if one.state is DeliveryState.DEAD]
    lines = [*_lift(held, destination), *_release(held, waits, "unblock.released")]
    if retry_dead:
        lines += _release(held, dead, "unblock.retried")
    elif dead:
        lines += [halted_line(one, held.config) for one in dead]
        lines.append(say("unblock.dead", held.config.language, name=destination.removeprefix("#"), count=len(dead)))
    if lost := sum(is_lost(one) for one in here):
        lines.append(say("unblock.lost", held.config.language, name=here[0].channel, count=lost))
    if not lines:
        lines.append(say("unblock.free", held.config.language, name=destination))
    if destination != WORKSPACE and not destination.startswith("webhook:") and WORKSPACE in held.paused:
        until, reason = held.paused[WORKSPACE]
        lines.append(pause_line(WORKSPACE, until, reason, held.config))
    for line in lines:
        output().print(line)


def _lift(held: _Held, destination: str) -> list[str]:
    """A limit is Slack's wish, and nobody's to lift."""
    until, _ = held.paused.get(destination, (held.now, ""))
    if until is None:
        held.store.deliveries.pause(destination, until=None, reason=None)
        return [say("unblock.lifted", held.config.language, name=destination)]
    if until > held.now:
        return [say("unblock.limited", held.config.language, name=destination, until=local(until, held.config))]
    return []


def _release(held: _Held, deliveries: Sequence[Delivery], code: str) -> list[str]:
    if not deliveries:
        return []
    count = held.store.halts.release([one.id for one in deliveries], now=held.now, by_hand=True)
    return [say(code, held.config.language, count=count)]
