"""`monitor replay`: what the rules as they stand now would have told of the archive, alone or beside another version."""

import json
import os
from contextlib import closing
from pathlib import Path

import click

from monitor.clock import utc_now
from monitor.config import Channels, Config, list_sources
from monitor.engines.replay import Bench, Errand, Part, prepare, replay
from monitor.errors import UsageError
from monitor.messages import say
from monitor.ports import Archive
from monitor.session import open_memory, parse_since, read_config
from monitor.stages.replay import Judged, compare, tally, time_of
from monitor.stages.replayed import (
    SAMPLES,
    Replayed,
    Told,
    changes_json,
    show_changes,
    show_tallies,
    tallies_json,
)
from monitor.stages.samples import Shelf
from monitor.terminal import FINE, Sheet, errors, output, progress


@click.command("replay", help="What the rules as they stand now would have told of the archive. Nothing is sent.")
@click.option("--rule", "rule_id", help="Only this rule (id or name), even if it is switched off.")
@click.option("--since", default="30d", show_default=True, help='A duration back from now ("30d") or a date.')
@click.option(
    "--compare",
    "before",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="What changes against the rules in this folder: + only now, - only there.",
)
@click.option("--json", "as_json", is_flag=True, help="Every figure as JSON; with --compare the ids of all articles.")
@click.pass_context
def command(ctx: click.Context, *, rule_id: str | None, since: str, before: Path | None, as_json: bool) -> int:
    """Replay; a difference is no failure."""
    config = read_config(ctx)
    # Unlike Path.is_dir, this answers "no" where the folder above may not be entered.
    if before is not None and not os.path.isdir(before):  # noqa: PTH112 - see above
        raise UsageError("replay.no-folder", path=before)
    errand = Errand(
        database=config.database,
        rules=config.rules,
        before=before,
        only=rule_id,
        channels=Channels(config).names,
        sources=list_sources(config),
        since=parse_since(since, config) or utc_now(),
    )
    bench = prepare(errand)
    with open_memory(config) as store:
        parts = _judge(errand, bench, store.archive, config)
        run = _replayed(errand, bench, store.archive, config, parts)
        judged = [one for part in parts for one in part.judged]
        if not run.articles:
            errors().print(say("replay.nothing-stored", config.language), style="yellow")
        if before is None:
            _tell(run, bench, judged, as_json=as_json)
        else:
            _tell_changes(run, bench, judged, before, as_json=as_json)
    return FINE


def _judge(errand: Errand, bench: Bench, archive: Archive, config: Config) -> list[Part]:
    extent = archive.extent(since=errand.since)
    parts: list[Part] = []
    with (
        progress(say("replay.judging", config.language), extent.articles) as advance,
        closing(replay(errand, bench, archive, extent)) as coming,
    ):
        for part in coming:
            parts.append(part)
            advance(part.read)
    return parts


def _replayed(errand: Errand, bench: Bench, archive: Archive, config: Config, parts: list[Part]) -> Replayed:
    first = next(archive.articles(since=errand.since), None)
    return Replayed(
        language=config.language,
        time=time_of(errand.since, first, utc_now(), config.timezone),
        articles=sum(part.articles for part in parts),
        bare=sum(part.bare for part in parts),
        shelf=Shelf(matcher=bench.matcher, source=bench.source, article=archive.article),
    )


def _tell(run: Replayed, bench: Bench, judged: list[Judged], *, as_json: bool) -> None:
    rules = bench.lineup.rules
    tallies = tally(judged, rules, run.time, samples=SAMPLES)
    told: list[Told] = [
        (place, rule, one) for place, (rule, one) in enumerate(zip(rules, tallies, strict=True)) if rule.enabled
    ]
    if as_json:
        click.echo(json.dumps(tallies_json(run, told), ensure_ascii=False, indent=2))
    elif run.articles:
        show_tallies(run, told, Sheet(output()))


def _tell_changes(run: Replayed, bench: Bench, judged: list[Judged], before: Path, *, as_json: bool) -> None:
    changes, renamed = compare(judged, bench.lineup), bench.lineup.renamed
    if as_json:
        click.echo(json.dumps(changes_json(run, changes, renamed), ensure_ascii=False, indent=2))
    else:
        show_changes(run, changes, renamed, before, Sheet(output()))
