"""`monitor unmute RULE`: tell again what a rule finds, from now on."""

import click

from monitor.clock import utc_now
from monitor.errors import UsageError
from monitor.messages import say
from monitor.rules.naming import plain_name
from monitor.session import open_memory, read_config
from monitor.terminal import FINE, output


@click.command("unmute", help="Tell again what a muted rule finds. RULE: id or name. What was muted stays untold.")
@click.argument("rule")
@click.pass_context
def command(ctx: click.Context, rule: str) -> int:
    """End a mute, also one of a rule that is no longer there."""
    config = read_config(ctx)
    with open_memory(config) as store:
        muted = store.mutes.muted(now=utc_now())
        chosen = [mute for mute in muted if rule in {mute.rule_id, mute.rule_name}] or [
            mute for mute in muted if plain_name(rule) in {plain_name(mute.rule_id), plain_name(mute.rule_name)}
        ]
        for mute in chosen:
            store.mutes.unmute(mute.rule_id)
    if not chosen:
        raise UsageError("mute.not-muted", rule=rule, muted=", ".join(mute.rule_name for mute in muted) or "–")
    output().print(say("mute.unmuted", config.language, rule=chosen[0].rule_name))
    return FINE
