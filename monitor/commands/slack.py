"""`monitor slack manifest`: the app to create. `monitor slack test`: does the connection do all that digests need?"""

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from rich.text import Text

from monitor.clock import utc_now
from monitor.config import Channels, Config, Secrets, list_sources
from monitor.config.settings import slack_name
from monitor.errors import UsageError
from monitor.messages import say
from monitor.ports import LAG, Store
from monitor.rules.load import load_rules
from monitor.session import read_all
from monitor.sinks import SinkSettings
from monitor.sinks.slack import manifest
from monitor.sinks.slack.contacts import is_channel_id
from monitor.sinks.slack.trial import Sign, Step, Wishes, open_line, try_line
from monitor.sinks.slack.trial_message import Seen, try_message, try_webhook
from monitor.stores import open_store
from monitor.terminal import FAILED, FINE, output

P = ParamSpec("P")
T = TypeVar("T")

WEBHOOK = "webhook:"
_SIGNS = {
    Sign.FINE: ("✓", "green"),
    Sign.NOTE: ("·", "dim"),
    Sign.DOUBT: ("!", "yellow"),
    Sign.FAILED: ("✗", "red"),
}


@click.group("slack", help="The Slack app to create, and a test of the connection.")
def command() -> None:
    """See the subcommands."""


@command.command("manifest", help="Print the app manifest: api.slack.com/apps, Create New App, From a manifest.")
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
def manifest_command(form: str) -> int:
    """Print it; no configuration is needed yet."""
    click.echo(manifest.as_json() if form == "json" else manifest.as_yaml(), nl=False)
    return FINE


@command.command("test", help="Check token, scopes, channels and mentions; post, find and delete a test message.")
@click.option(
    "--channel", help='Where the test message goes: a channel of config.toml, "#name" or an id. Else the default.'
)
@click.pass_context
def test_command(ctx: click.Context, channel: str | None) -> int:
    """Try everything, a line a step."""
    config, secrets = read_all(ctx)
    post_to = _destination(channel, config)
    with _memory(config) as store:
        return asyncio.run(_show(_steps(config, secrets, store, post_to), config.language))


def _destination(channel: str | None, config: Config) -> str | None:
    """Where the test message goes; `None` without any Slack channel in the configuration."""
    if channel is None:
        return config.slack.channel
    channel = slack_name(channel)
    channels = Channels(config)
    destination = channels.get(channel).destination
    if channel not in channels.names and not (channel.startswith("#") or is_channel_id(channel)):
        known = ", ".join(sorted({*channels.names, *filter(None, [config.slack.channel])})) or "–"
        raise UsageError("slack.no-such-channel", channel=channel, known=known)
    return destination


@contextmanager
def _memory(config: Config) -> Iterator[Store | None]:
    """The database, to keep what is learnt; made only in a folder of our own, where the daemon will be able to write it."""
    path = Path(config.database)
    if not path.exists() and (not path.parent.is_dir() or path.parent.stat().st_uid != os.geteuid()):
        yield None
        return
    store = open_store(config.database)
    try:
        yield store
    finally:
        store.close()


async def _steps(config: Config, secrets: Secrets, store: Store | None, post_to: str | None) -> AsyncIterator[Step]:
    settings = _settings(config, secrets.slack_token or "", store)
    if secrets.slack_token is not None:
        yield Step(sign=Sign.FINE, code="slack.token-found", facts={"place": secrets.slack_token_from})
        async for step in _slack_steps(config, settings, post_to):
            yield step
            if isinstance(step, Seen) and store is None:
                yield Step(sign=Sign.NOTE, code="slack.seen-unkept")
            elif isinstance(step, Seen) and store is not None:
                store.contacts.replace(LAG, str(step.lag.total_seconds()), now=utc_now())
    elif secrets.webhooks:
        yield Step(sign=Sign.NOTE, code="slack.no-token-webhooks")
    else:
        yield Step(sign=Sign.FAILED, code="slack.no-token")
    for name, address in secrets.webhooks.items():
        if f"{WEBHOOK}{name}" == post_to:
            yield await try_webhook(replace(settings, secret=address), name)
        else:
            yield Step(sign=Sign.NOTE, code="slack.webhook-blind", facts={"channel": name})


async def _slack_steps(config: Config, settings: SinkSettings, post_to: str | None) -> AsyncIterator[Step]:
    line = open_line(settings)
    steps: list[Step] = []
    async for step in try_line(line, _wishes(config, post_to), utc_now):
        yield _once(step, steps)
        steps.append(step)
    works = any(step.code == "slack.token-works" for step in steps)
    is_closed = any(step.sign is Sign.FAILED and step.facts.get("channel") == post_to for step in steps)
    if works and post_to is not None and not is_closed and not post_to.startswith(WEBHOOK):
        async for step in try_message(line, post_to, config.language):
            yield _once(step, steps)


def _once(step: Step, before: Sequence[Step]) -> Step:
    """What fails for want of a scope that is named already is no fault of its own."""
    missing = {one.facts["scope"] for one in before if one.code == "slack.scope-missing"}
    said = f"{step.facts.get('needed', '')} {step.facts.get('error', '')}"
    named = sorted(str(scope) for scope in missing if str(scope) in said)
    if step.code not in {"slack.error-missing-scope", "slack.unseeable"} or not named:
        return step
    facts = {"channel": step.facts["channel"], "scope": ", ".join(named)}
    return Step(sign=Sign.NOTE, code="slack.not-tried", facts=facts)


def _settings(config: Config, secret: str, store: Store | None) -> SinkSettings:
    settings = SinkSettings(language=config.language, zone=config.timezone, api_url=config.slack.api_url, secret=secret)
    return replace(settings, in_store=_at_once, contacts=store.contacts) if store else settings


async def _at_once(unit: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
    """Nothing else goes on that the store could hold up."""
    return unit(*args, **kwargs)


def _wishes(config: Config, post_to: str | None) -> Wishes:
    """Every Slack channel and mention of the configuration and of the rules, whatever is wrong with other rules."""
    channels = Channels(config)
    rules = load_rules(config.rules, channels=channels.names, sources=list_sources(config)).rules
    named = [config.slack.channel, *(one.slack for one in config.channels.values()), config.ops.slack, post_to]
    told = [*filter(None, named), *(channels.get(name).destination for rule in rules for name in rule.notify)]
    mentions = [one.mention for one in config.channels.values()] + [rule.mention for rule in rules]
    return Wishes(
        channels=[one for one in dict.fromkeys(told) if not one.startswith(WEBHOOK)],
        mentions=[handle for mention in dict.fromkeys(mentions) if mention for handle in mention.splitlines()],
    )


async def _show(steps: AsyncIterator[Step], language: str) -> int:
    """A line a step as it is done, and a last one; the exit code."""
    console = output()
    done = []
    async for step in steps:
        done.append(step.sign)
        sign, style = _SIGNS[step.sign]
        console.print(Text.assemble((sign, f"bold {style}"), " ", step.sentence(language)))
    failed, doubts = done.count(Sign.FAILED), done.count(Sign.DOUBT)
    code = "slack.summary-failed" if failed else "slack.summary-doubts" if doubts else "slack.summary-fine"
    console.print(Text(say(code, language, failed=failed, doubts=doubts), style="bold"))
    return FAILED if failed else FINE
