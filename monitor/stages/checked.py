"""What `monitor check` learned besides findings -> lines for people, and keys of its JSON. Pure."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from monitor.messages import say
from monitor.rules.compounds import Compounds
from monitor.rules.language import Term
from monitor.stages.survey import Survey

#: Terms that are shown, how often one must have been skipped, and how many of the longer words it stood in.
TERMS, LEAST, WORDS = 5, 3, 4
#: Spellings of one name that are shown unless all are asked for.
SPELLINGS = 8

Names = Mapping[str, tuple[Term, ...]]


class Screen(Protocol):
    """A terminal that takes foreign text."""

    def line(self, text: str, style: str = "", /) -> None: ...


def survey_json(survey: Survey) -> dict[str, object]:
    """`estimates` and `skipped`."""
    return {
        "estimates": {
            "articles": survey.articles,
            "days": round(survey.days, 2),
            "rules": [
                {"rule": one.rule, "stories": one.stories, "per_day": round(one.per_day, 2)} for one in survey.estimates
            ],
        },
        "skipped": [
            {"term": one.term, "count": one.count, "articles": one.articles, "inside": dict(one.inside)}
            for one in survey.skipped
        ],
    }


def names_json(names: Names) -> dict[str, list[str]]:
    """Each name with its spellings."""
    return {name: [term.written for term in terms] for name, terms in names.items()}


def show_skipped(survey: Survey, language: str, screen: Screen) -> None:
    """The terms that were skipped often, with the words they stood in."""
    often = [one for one in survey.skipped if one.count >= LEAST]
    if not often:
        return
    screen.line("")
    screen.line(say("check.skipped", language), "bold")
    for one in often[:TERMS]:
        facts = {"term": one.term, "count": one.count, "articles": one.articles, "inside": ", ".join(_inside(one))}
        screen.line("  " + say("check.skipped-term", language, **facts))
    if len(often) > TERMS:
        screen.line("  " + say("check.more-skipped", language, count=len(often) - TERMS), "dim")


def _inside(one: Compounds) -> Iterator[str]:
    yield from (f"{word} {count}" for word, count in one.inside[:WORDS])
    if len(one.inside) > WORDS:
        yield "…"


def show_names(names: Names, language: str, screen: Screen, *, every: bool) -> None:
    """What the name sheets yield."""
    if not names:
        return
    screen.line("")
    screen.line(say("check.names", language), "bold")
    for name, terms in names.items():
        shown = [term.written for term in (terms if every else terms[:SPELLINGS])]
        left = len(terms) - len(shown)
        more = " " + say("check.more-spellings", language, count=left) if left else ""
        screen.line(f"  ${name}: {', '.join(shown)}{more}")


def per_day(rate: float) -> str:
    """As people say it: 0, 0.2, 3.4, 120; "<0.1" for what is hardly ever."""
    if not rate:
        return "0"
    shown = f"{rate:.0f}" if rate >= 10 else f"{rate:.1f}"  # noqa: PLR2004 - a tenth of ten tells nobody anything
    return "<0.1" if shown == "0.0" else shown
