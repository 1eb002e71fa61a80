"""`monitor mute RULE --for 3d`: store what a rule finds, and tell it not; without RULE: which rules are muted."""

from datetime import datetime

import click

from monitor.clock import utc_now
from monitor.config import Channels, Config, list_sources
from monitor.errors import UsageError
from monitor.messages import say
from monitor.ports import Mute
from monitor.rules.book import Rule
from monitor.rules.load import load_rules
from monitor.rules.naming import find_rule
from monitor.session import mute_line, open_memory, read_config
from monitor.terminal import FINE, output
from monitor.text.durations import LAST_DATE, meant_duration, read_duration

#: Short enough that a mute which is forgotten does little harm.
DEFAULT = "1d"
EVER = "ever"


@click.command(
    "mute",
    help="Store what a rule finds without telling it, for a while. RULE: id or name; without it: which rules are muted.",
)
@click.argument("rule", required=False)
@click.option(
    "--for",
    "span",
    help=f'How long ("3d", "12h"), until when ("2026-12-01", "2026-12-01T08:30"), or "{EVER}". Else {DEFAULT}.',
)
@click.pass_context
def command(ctx: click.Context, rule: str | None, span: str | None) -> int:
    """Mute a rule, or list the muted ones."""
    config = read_config(ctx)
    if rule is not None:
        known, span = _known_rules(config), DEFAULT if span is None else span
        _mute(config, find_rule(rule, known), until_of(span, config, utc_now()))
    elif span is not None:
        raise UsageError("mute.which", span=span)
    else:
        _list(config)
    return FINE


def _known_rules(config: Config) -> tuple[Rule, ...]:
    """The rules that can be used, whatever is wrong with the others: muting must work then, too."""
    return load_rules(config.rules, channels=Channels(config).names, sources=list_sources(config)).rules


def until_of(span: str, config: Config, now: datetime) -> datetime | None:
    """The end of a mute; a date or time is one of the operator's zone. `None`: none."""
    if span == EVER:
        return None
    if length := read_duration(span) or read_duration(meant_duration(span) or ""):
        return now + length
    try:
        until = datetime.fromisoformat(span)
    except ValueError:
        raise UsageError("mute.bad-span", value=span) from None
    until = until if until.tzinfo else until.replace(tzinfo=config.timezone)
    if not now < until < LAST_DATE:
        raise UsageError("mute.bad-span", value=span)
    return until


def _mute(config: Config, rule: Rule, until: datetime | None) -> None:
    mute = Mute(rule_id=rule.id, rule_name=rule.name, until=until)
    with open_memory(config) as store:
        silenced = store.mutes.mute(mute, now=utc_now())
    output().print(mute_line(mute, config, code="muted"))
    if silenced:
        output().print(say("mute.silenced", config.language, count=silenced))


def _list(config: Config) -> None:
    with open_memory(config) as store:
        muted = store.mutes.muted(now=utc_now())
    for mute in muted:
        output().print(mute_line(mute, config))
    if not muted:
        output().print(say("mute.none", config.language))
