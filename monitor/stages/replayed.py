"""What a replay came to -> JSON, and lines for people. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Protocol

from monitor.messages import say
from monitor.model import Snippet
from monitor.rules.book import Rule
from monitor.stages.bars import bars
from monitor.stages.reasons import Reason
from monitor.stages.replay import Change, Tally, Time
from monitor.stages.samples import Sample, Shelf

SAMPLES, COMPARED_SAMPLES = 5, 10
_SOURCES_SHOWN = 5
_MOST_BARS = 60
_SELDOM = 0.1


class Screen(Protocol):
    """Where lines for people go."""

    #: Cells of a line, and whether it can show ASCII alone.
    width: int
    plain: bool

    def line(self, text: str, style: str = "") -> None: ...
    def snippet(self, before: str, shown: Snippet, *, behind: str = "", link: str | None = None) -> None:
        """Matched words marked; what does not fit goes on below the first of them."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Replayed:
    """How much was judged, when, and where the articles are that are shown."""

    language: str
    time: Time
    articles: int
    #: How many of them are headlines alone.
    bare: int
    shelf: Shelf

    def say(self, code: str, **facts: object) -> str:
        return say(f"replay.{code}", self.language, **facts)

    def day(self, at: datetime) -> date:
        return at.astimezone(self.time.zone).date()

    def to_json(self) -> dict[str, object]:
        return {
            "since": self.time.since.isoformat(),
            "until": self.time.until.isoformat(),
            "articles": self.articles,
            "without_text": self.bare,
        }

    def head(self, screen: Screen, code: str, **facts: object) -> None:
        since, until = self.day(self.time.since), self.day(self.time.until)
        screen.line(self.say(code, since=since, until=until, articles=f"{self.articles:,}", **facts), "bold")
        if self.bare:
            screen.line(self.say("bare", count=f"{self.bare:,}"), "dim")
        screen.line("")


# --- one set of rules -------------------------------------------------------------------------------------------------

#: Place of a rule, the rule, its figures.
Told = tuple[int, Rule, Tally]


def tallies_json(run: Replayed, told: Sequence[Told]) -> dict[str, object]:
    """Every figure; days without a story are left out."""
    return run.to_json() | {"rules": [_tally_json(run, *one) for one in told]}


def _tally_json(run: Replayed, place: int, rule: Rule, one: Tally) -> dict[str, object]:
    return {
        "rule": rule.id,
        "name": rule.name,
        "articles": one.articles,
        "stories": one.stories,
        "told": one.told,
        "withheld": one.withheld,
        "per_day": round(one.per_day, 3),
        "days": {day.isoformat(): count for day, count in one.days.items()},
        "sources": dict(one.sources),
        "samples": [_sample_json(sample) for sample in run.shelf.samples(one.newest, place)],
    }


def _sample_json(one: Sample) -> dict[str, object]:
    return {
        "article": one.article.id,
        "url": one.article.url,
        "title": one.article.title,
        "source": one.article.source_id,
        "outlet": one.source.name,
        "at": one.at.isoformat(),
        "terms": list(one.match.terms),
        "snippet": one.match.snippet.text if one.match.snippet else None,
    }


def show_tallies(run: Replayed, told: Sequence[Told], screen: Screen) -> None:
    """Each rule that told something; the others are named at the end."""
    run.head(screen, "heading", rules=len(told))
    days = [day for _, _, one in told for day in one.days]
    first = min([*days, run.day(run.time.watched_since)])
    for place, rule, one in told:
        if one.articles or one.withheld:
            _show_figures(run, rule, one, screen)
            _show_bars(run, one, first, screen)
            for sample in run.shelf.samples(one.newest, place):
                _show_sample(run, sample, screen)
            screen.line("")
    silent = [rule.name for _, rule, one in told if not (one.articles or one.withheld)]
    if silent:
        screen.line(run.say("no-hits", count=len(silent), names=", ".join(silent)), "yellow")


def _show_figures(run: Replayed, rule: Rule, one: Tally, screen: Screen) -> None:
    screen.line(_named(rule), "bold")
    # Of what is told now and then "0.0 a day" would say that it never is.
    per_day = f"{one.per_day:.1f}" if one.per_day >= _SELDOM or not one.told else f"{one.per_day:.2f}"
    code = "figures-threshold" if rule.threshold else "figures"
    if run.time.until - run.time.watched_since < timedelta(days=1):
        # Too short a time to say what a day brings.
        code += "-short"
    facts = {"articles": f"{one.articles:,}", "stories": f"{one.stories:,}", "told": f"{one.told:,}"}
    screen.line("  " + run.say(code, per_day=per_day, **facts))
    if one.withheld:
        screen.line("  " + run.say("withheld", count=one.withheld), "dim")


def _named(rule: Rule) -> str:
    return rule.name if rule.name == rule.id else f"{rule.name} [{rule.id}]"


def _show_bars(run: Replayed, one: Tally, first: date, screen: Screen) -> None:
    last = run.day(run.time.until)
    room = min(_MOST_BARS, screen.width - 2 * len("00-00 ") - 2)
    shown = bars(one.days, first, last, width=room, plain=screen.plain)
    screen.line(f"  {first:%m-%d} {shown} {last:%m-%d}", "cyan")
    screen.line("  " + run.say("sources", sources=_listed(run, one.sources)), "dim")


def _listed(run: Replayed, sources: Mapping[str, object]) -> str:
    shown = [f"{run.shelf.source(id_).name} {found}" for id_, found in list(sources.items())[:_SOURCES_SHOWN]]
    more = len(sources) - len(shown)
    return ", ".join([*shown, run.say("more-sources", count=more)] if more else shown)


def _show_sample(run: Replayed, one: Sample, screen: Screen) -> None:
    at = one.at.astimezone(run.time.zone)
    before = f"  {one.sign + ' ' if one.sign else ''}{at:%m-%d %H:%M}  {one.source.name}  "
    why = "" if one.why is None else f"  [{_why(run, one.why, one.sign)}]"
    screen.snippet(before, one.match.title, behind=why, link=one.article.url)
    if one.match.snippet is not None:
        screen.snippet("      ", one.match.snippet)


# --- two sets of rules ------------------------------------------------------------------------------------------------


def changes_json(run: Replayed, changes: Sequence[Change], renamed: Sequence[tuple[str, str]]) -> dict[str, object]:
    """The ids of all articles that one version alone tells, newest first; samples with reasons."""
    ids = {kind: [one.rule.id for one in changes if one.kind == kind] for kind in ("added", "removed", "changed")}
    return run.to_json() | {
        "equal": not any(one.gained or one.lost for one in changes),
        **ids,
        "renamed": [{"before": before, "after": after} for before, after in renamed],
        "rules": [_change_json(run, one) for one in changes],
    }


def _change_json(run: Replayed, change: Change) -> dict[str, object]:
    return {
        "rule": change.rule.id,
        "name": change.rule.name,
        "change": change.kind,
        "gained": [one.id for one in change.gained],
        "lost": [one.id for one in change.lost],
        "kept": change.kept,
        "told_otherwise": list(change.told_otherwise),
        "sources": {source: {"gained": more, "lost": less} for source, (more, less) in change.sources.items()},
        "samples": [_signed_json(run, one) for one in run.shelf.signed(change, COMPARED_SAMPLES)],
    }


def _signed_json(run: Replayed, one: Sample) -> dict[str, object]:
    reason = None if one.why is None else _why(run, one.why, one.sign)
    return {"sign": one.sign, "reason": reason} | _sample_json(one)


def show_changes(
    run: Replayed, changes: Sequence[Change], renamed: Sequence[tuple[str, str]], before: Path, screen: Screen
) -> None:
    """Each rule that tells something else now; at the end those that differ in the files alone."""
    run.head(screen, "compare-heading", path=before)
    for then, now in renamed:
        screen.line(run.say("renamed", before=then, after=now))
    differing = [one for one in changes if one.gained or one.lost]
    for change in differing:
        _show_change(run, change, screen)
    quiet = [one.rule.name for one in changes if one not in differing]
    if quiet:
        screen.line(run.say("equal-beside", names=", ".join(quiet)), "dim")
    for one in changes:
        if one.told_otherwise:
            keys = ", ".join(one.told_otherwise)
            screen.line(run.say("told-otherwise", rule=one.rule.name, keys=keys), "yellow")
    gained, lost = sum(len(one.gained) for one in differing), sum(len(one.lost) for one in differing)
    screen.line(run.say("totals", gained=gained, lost=lost) if differing else run.say("equal"), "bold")


def _show_change(run: Replayed, change: Change, screen: Screen) -> None:
    screen.line(_named(change.rule), "bold")
    gained, lost = len(change.gained), len(change.lost)
    screen.line("  " + run.say(change.kind, gained=gained, lost=lost, kept=change.kept))
    sources = _listed(run, {id_: "+{} -{}".format(*found) for id_, found in change.sources.items()})
    screen.line("  " + run.say("source-changes", sources=sources), "dim")
    for sample in run.shelf.signed(change, COMPARED_SAMPLES):
        _show_sample(run, sample, screen)
    screen.line("")


def _why(run: Replayed, why: Reason, sign: str) -> str:
    kind = why.kind
    if kind == "word":
        kind = "word-gained" if sign == "+" else "word-lost"
    return run.say(f"reason-{kind}", terms=", ".join(why.terms), inside=why.inside)
