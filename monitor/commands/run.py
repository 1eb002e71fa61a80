"""`monitor run`: the daemon, or one round of it."""

import asyncio
import ctypes
import gc
import math
import os
import signal
from collections import Counter
from collections.abc import Callable, Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from functools import partial

import click
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from monitor.app import App, open_app
from monitor.config import Config, Origin, Secrets, labels, secret_texts
from monitor.engines.containment import contain_exits
from monitor.engines.daemon import Watch, run_daemon
from monitor.engines.once import poll_all
from monitor.engines.reload import Reloading
from monitor.engines.supervise import Supervisor
from monitor.errors import MonitorError
from monitor.jobs.blocks import lift_blocks, pause_ends_in
from monitor.jobs.deliver import Urge
from monitor.jobs.greet import Greeting
from monitor.jobs.poll import PollReport
from monitor.jobs.send import DeliverReport
from monitor.jobs.watch import FileWatch
from monitor.journal import Happening
from monitor.log import Form, set_up_logging
from monitor.messages import say
from monitor.model import DeliveryState
from monitor.session import config_path, is_verbose, local, read_all
from monitor.stores import hold_lock
from monitor.terminal import FAILED, FINE, errors

#: Names that are looked up side by side. A name server that does not answer holds a thread for many seconds, and asyncio's
#: own few threads would make all other sources wait for it.
LOOKUPS = 64
#: M_ARENA_MAX of mallopt(3), and to how many: the main thread's, and one that all others share.
_ARENA_MAX, _ARENAS = -8, 2
#: Seconds for looking for damage of the database in a round of a few seconds; the daemon has more.
BRIEFLY = 2.0
#: How long one round waits in all when Slack asks to come again later; 30 s is what it means where it does not say.
SLACK_PATIENCE = timedelta(seconds=31)


@click.command("run", help="Poll, match and tell, until stopped; without a Slack token digests are printed.")
@click.option("--once", is_flag=True, help="Poll everything due, deliver what is due, and exit: for cron.")
@click.option("--deliver-now", is_flag=True, help="Send digests without waiting for their time.")
@click.option(
    "--log",
    "form",
    type=click.Choice([form.value for form in Form]),
    default=Form.AUTO.value,
    envvar="MONITOR_LOG",
    help="How log lines are written: for people on a terminal and key=value elsewhere (auto), or always console, logfmt "
    "or json. Else $MONITOR_LOG.",
)
@click.pass_context
def command(ctx: click.Context, *, once: bool, deliver_now: bool, form: str) -> int:
    """Run the daemon; the exit code."""
    # Looked at before they are read: no edit is missed.
    origin = Origin(path=config_path(ctx))
    files = FileWatch(origin.path)
    config, secrets = read_all(ctx)
    verbose = is_verbose(ctx)
    log_without = partial(_log_without, verbose=verbose, quiet=once and not verbose, form=Form(form))
    log_without(secret_texts(config, secrets))
    if secrets.slack_token is None:
        errors().print(say("terminal.printing", config.language), style="yellow")
    with hold_lock(config.database) as check_files:
        if once:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            return asyncio.run(_run_once(config, secrets, deliver_now=deliver_now))
        files.follow(config.rules, origin.files(config))
        supervisor = Supervisor.of(os.environ)
        supervisor.starting()

        def watch(app: App) -> Watch:
            reloading = Reloading(app, origin, files, log_without)
            return Watch(check_files=check_files, reloading=reloading, supervisor=supervisor)

        try:
            return asyncio.run(_run_on(config, secrets, watch, deliver_now=deliver_now))
        except SystemExit as error:
            # Of a library: it must not pass for an end that somebody asked for.
            raise MonitorError("app.bug", what=type(error).__name__) from error


def _log_without(secrets: Collection[str], *, verbose: bool, quiet: bool, form: Form) -> None:
    set_up_logging(verbose=verbose, quiet=quiet, form=form, secrets=secrets)


async def _run_on(config: Config, secrets: Secrets, watch: Callable[[App], Watch], *, deliver_now: bool) -> int:
    contain_exits()
    _make_room_for_lookups()
    async with open_app(config, secrets) as app:
        _settle_garbage_collector()
        await run_daemon(app, watch(app), deliver_now=deliver_now)
        return FINE


async def _run_once(config: Config, secrets: Secrets, *, deliver_now: bool) -> int:
    contain_exits()
    _make_room_for_lookups()
    async with open_app(config, secrets, patience=BRIEFLY) as app:
        _settle_garbage_collector()
        app.witness = partial(_tell_strangers, config.language)
        polls = await poll_round(app)
        if deliver_now:
            # Somebody sits before it; cron is served by the message that tries again once an hour.
            await lift_blocks(app.in_store, app.store.deliveries)
        deliveries = await _tell(app, Urge.ALL if deliver_now else Urge.COLLECTED)
        code = tell_round(app, polls, deliveries)
        _tell_sent(app, deliveries)
        if not polls:
            await _tell_next(app)
        await app.housekeeping.prune()
        await app.keep_house()
        left = await _tell_backlog(app, asked=deliver_now)
        if deliver_now and not deliveries and not left:
            errors().print(say("terminal.nothing-new", config.language))
        return code


def _make_room_for_lookups() -> None:
    """Have many threads, and keep them from keeping much.

    glibc gives back little of what a thread has freed, and each of them may come to read the rules or to write a backup:
    with a thousand rules, thirty edits cost 60 MB. Other libraries have nothing like it to set.
    """
    with suppress(AttributeError):
        ctypes.CDLL(None).mallopt(_ARENA_MAX, _ARENAS)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(LOOKUPS, thread_name_prefix="lookup"))


async def _tell(app: App, urge: Urge) -> list[DeliverReport]:
    """Tell, and wait out what Slack asks to wait, as far as that is short: the next round may be hours away."""
    deliveries, patience = await app.tell(urge), SLACK_PATIENCE
    while (wait := await _short_wait(app, patience)) is not None:
        errors().print(say("terminal.waits-for-slack", app.config.language, seconds=math.ceil(wait.total_seconds())))
        patience -= wait
        await asyncio.sleep(wait.total_seconds())
        deliveries += await app.tell(urge)
    return deliveries


async def _short_wait(app: App, patience: timedelta) -> timedelta | None:
    return await pause_ends_in(app.in_store, app.store.deliveries, now=app.clock(), patience=patience)


def _settle_garbage_collector() -> None:
    """Spare it what stays for good (modules, sources, rules), and have it look less often at polls in flight.

    A poll makes hundreds of objects that die without its help; at the usual pace it takes a sixth of the daemon's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)


def _tell_sent(app: App, deliveries: Sequence[DeliverReport]) -> None:
    """How many messages each channel got: whoever connects Slack for the first time looks here. What is printed is seen."""
    sent = {one.delivery.id: one.delivery for one in deliveries if one.delivery.state is DeliveryState.SENT}
    away = [one for one in sent.values() if app.plan.secrets.slack_token or one.destination.startswith("webhook:")]
    for channel, count in Counter(one.channel for one in away).items():
        errors().print(say("terminal.sent", app.config.language, channel=channel, count=count))


def _tell_strangers(language: str, happening: Happening) -> None:
    """Mentions that Slack does not know are in the daemon's log; whoever runs a round by hand sees no log."""
    if isinstance(happening, Greeting) and happening.strangers:
        names = ", ".join(happening.strangers)
        errors().print(say("app.strangers", language, names=names), style="yellow")


async def _tell_next(app: App) -> None:
    """Nothing was due: when is something, and what does that mean for whoever has just edited a rule?"""
    due_at = await app.in_store(app.store.polls.next_due_at)
    if due_at is not None:
        errors().print(say("terminal.nothing-due", app.config.language, at=local(due_at, app.config)))


async def _tell_backlog(app: App, *, asked: bool) -> bool:
    """What waits, and for what; `asked`: it was to be told now. Whether anything does."""
    backlog = await app.backlog()
    code = "terminal.waits-on" if asked else "terminal.waits-until"
    for waiting, slot in backlog:
        facts = {"matches": waiting.matches, "channel": waiting.channel, "at": local(slot, app.config)}
        errors().print(say(code, app.config.language, **facts))
    return bool(backlog)


async def poll_round(app: App) -> tuple[PollReport, ...]:
    """Poll whatever is due, with a progress bar on a terminal."""
    label = say("terminal.polling", app.config.language, count=len(app.sources))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    console = errors()
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(label, total=len(app.sources))
        return await poll_all(app, lambda _: progress.advance(task))


def tell_round(app: App, polls: Sequence[PollReport], deliveries: Sequence[DeliverReport]) -> int:
    """What a round came to, on standard error; the exit code."""
    language, console = app.config.language, errors()
    failed = [poll for poll in polls if poll.error is not None]
    # What counts is how the last attempt at each delivery ended.
    last = {one.delivery.id: one for one in deliveries}
    unsent = [one for one in last.values() if one.error and one.delivery.state is not DeliveryState.SENT]
    facts = {
        "sources": len(polls),
        "new": sum(poll.new for poll in polls),
        "matched": sum(poll.matched for poll in polls),
        "failed": len(failed),
    }
    console.print(say("terminal.polled", language, **facts))
    if initial := sum(poll.initial for poll in polls):
        console.print(say("terminal.from-before", language, count=initial))
    names = labels(app.sources.values())
    for poll in failed:
        name, why = names[poll.state.source_id], poll.error.message(language) if poll.error else ""
        line = why if why.startswith(name) else say("terminal.source-failed", language, name=name, why=why)
        console.print(line, style="yellow")
    for one in unsent:
        why = one.error.message(language) if one.error else ""
        console.print(
            say("terminal.delivery-failed", language, channel=one.delivery.channel, why=why),
            style="red",
        )
    return FAILED if failed or unsent or app.faults else FINE
