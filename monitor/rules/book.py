"""Rules, the tests in them, and the book of all of them, as data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from monitor.model import Article, Finding, Source, Threshold, Throttle, WhenBodyMissing
from monitor.rules.conditions import Condition
from monitor.rules.findings import line_of
from monitor.rules.language import Place, Term, Verdict
from monitor.rules.scope import Scope, judge_age


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleTest:
    """One example in a rule: this text must match, or must not."""

    must_match: bool
    title: str
    body: str
    #: Id or name of a source; only where the test states it does the rule's scope apply.
    source: str | None = None
    language: str | None = None
    #: When, or how long before it was fetched; only where the test states it does the rule's `age` apply.
    published: datetime | timedelta | None = None
    place: Place


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Rule:
    """One rule, its file's defaults filled in."""

    id: str
    name: str
    #: Place among all rules: files sorted by path, then the order in the file.
    order: int
    condition: Condition
    scope: Scope = field(default_factory=Scope)
    #: Channel names, "#slack-channels" or channel ids; empty: the default channel.
    notify: tuple[str, ...] = ()
    #: "now" or "digest"; `None`: the channel decides.
    when: str | None = None
    #: Several stand one a line.
    mention: str | None = None
    severity: str = "normal"
    weight: int = 0
    enabled: bool = True
    #: An article that is older when it is fetched does not count; one without a date does.
    age: timedelta | None = None
    #: Coverage that must be reached before anything is told.
    threshold: Threshold | None = None
    throttle: Throttle | None = None
    when_body_missing: WhenBodyMissing = "tell"
    note: str | None = None
    tests: tuple[RuleTest, ...] = ()
    place: Place

    def admits(self, source: Source | None, article: Article) -> Verdict:
        """Whether the rule listens to such an article at all, whatever its words: scope and age together."""
        fresh = judge_age(self.age, article)
        return fresh if fresh is Verdict.FALSE else self.scope.judge(source, article)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleBook:
    """Everything in the rules folder: the rules that can be used, and what is wrong with the others."""

    rules: tuple[Rule, ...] = ()
    lists: Mapping[str, tuple[Term, ...]]
    #: Name sheets with the spellings that they yield.
    names: Mapping[str, tuple[Term, ...]] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    #: Lines of each file, for showing what a finding speaks of.
    lines: Mapping[str, Sequence[str]]

    def line(self, place: Place) -> str | None:
        """The line at a place."""
        return line_of(self.lines.get(place.file, ()), place.line)
