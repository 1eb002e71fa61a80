"""Matcher x Article x Source -> Explanations: every condition with its value, every place, what was skipped and why."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from monitor.model import Article, Source
from monitor.rules.book import Rule
from monitor.rules.conditions import AnyOf, Condition, NoneOf, Occurrence, Word, walk
from monitor.rules.found import Found, Skipped
from monitor.rules.language import Field, Verdict
from monitor.rules.matcher import Matcher, judge, told
from monitor.rules.scope import judge_age


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One condition and what became of it. For a term `hits` and `skipped` say where its letters stand."""

    #: "any", "all", "none", "term".
    kind: str
    value: Verdict
    #: As the rule writes it; only of a term.
    term: str | None = None
    #: The parts of the article that it looks at; only of a term.
    fields: tuple[Field, ...] = ()
    hits: tuple[Occurrence, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    parts: tuple["Trace", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """One thing that alone kept the rule from matching."""

    #: "none": these words stand in it; "lacking": one of these words would have been enough; "skipped": this place does
    #: not count; "scope": the source or language is not among the rule's; "age": the article was too old.
    kind: str
    terms: tuple[str, ...] = ()
    skipped: Skipped | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Why a rule does or does not match an article."""

    rule: Rule
    verdict: Verdict
    #: Whether it is told: an UNKNOWN verdict is told when what is there answers the rule.
    told: bool
    scope: Verdict
    #: FALSE for an article that was too old when it was fetched.
    age: Verdict
    trace: Trace
    near_misses: tuple[NearMiss, ...] = ()

    @property
    def touched(self) -> bool:
        """Whether any letters of its words are in the article at all."""
        return any(trace.hits or trace.skipped for trace in flat(self.trace))


def explain(
    matcher: Matcher, article: Article, source: Source | None, *, rule_id: str | None = None
) -> list[Explanation]:
    """One explanation per rule, in their order; with `rule_id` of that rule alone (none if there is no such rule)."""
    found = matcher.look(article)
    rules = (rule for rule in matcher.rules if rule_id in (None, rule.id))
    return [explain_rule(rule, found, article, source) for rule in rules]


def explain_rule(rule: Rule, found: Found, article: Article, source: Source | None) -> Explanation:
    """Explain one rule by what was found, whether it is enabled or not."""
    complete = found.complete()
    is_told = told(rule, complete, source, article)
    return Explanation(
        rule=rule,
        verdict=judge(rule, found, source, article),
        told=is_told and rule.enabled,
        scope=rule.scope.judge(source, article),
        age=judge_age(rule.age, article),
        trace=_trace(rule.condition, found),
        near_misses=() if is_told else tuple(_near_misses(rule, complete, source, article)),
    )


def barred_by(rule: Rule, source: Source | None, article: Article) -> list[str]:
    """Which of "scope" and "age" keep the rule from listening to the article."""
    verdicts = {"scope": rule.scope.judge(source, article), "age": judge_age(rule.age, article)}
    return [kind for kind, verdict in verdicts.items() if verdict is Verdict.FALSE]


def flat(trace: Trace) -> Iterator[Trace]:
    """A trace and all below it."""
    yield trace
    for part in trace.parts:
        yield from flat(part)


def _trace(condition: Condition, found: Found) -> Trace:
    value = found.judge(condition)
    if not isinstance(condition, Word):
        parts = tuple(_trace(part, found) for part in condition.parts)
        return Trace(kind=condition.kind, value=value, parts=parts)
    return Trace(
        kind=condition.kind,
        value=value,
        term=condition.term.written,
        fields=condition.settings.fields,
        hits=found.occurrences(condition),
        skipped=_skipped(condition, found),
    )


def _skipped(word: Word, found: Found) -> tuple[Skipped, ...]:
    """Places that do not count, without those that another spelling of the word takes up."""
    counted = found.occurrences(word)
    return tuple(
        one
        for one in found.weighed(word)
        if isinstance(one, Skipped)
        and not any(hit.field is one.field and hit.start < one.end and one.start < hit.end for hit in counted)
    )


def _near_misses(rule: Rule, found: Found, source: Source | None, article: Article) -> Iterator[NearMiss]:
    """What alone stood between the article and the rule. A rule of which nothing was found has none."""
    barred = barred_by(rule, source, article)
    if barred:
        if found.judge(rule.condition) is Verdict.TRUE and len(barred) == 1:
            yield NearMiss(kind=barred[0])
        return
    for node, wanted in walk(rule.condition):
        if not wanted or found.judge(node) is not Verdict.FALSE:
            continue
        supposed = found.supposing(node)
        if supposed.judge(rule.condition) is Verdict.TRUE:
            yield from _near_miss(node, found, any(True for _ in rule.condition.proof(found)))


def _near_miss(node: Condition, found: Found, others: bool) -> Iterator[NearMiss]:
    if isinstance(node, Word):
        skipped = _skipped(node, found)
        if skipped:
            yield NearMiss(kind="skipped", terms=(node.term.written,), skipped=skipped[0])
        elif others:
            yield NearMiss(kind="lacking", terms=(node.term.written,))
    elif isinstance(node, NoneOf):
        barring = sorted(node.inner.proof(found), key=lambda word: (word.term.place.line, word.term.place.column))
        yield NearMiss(kind="none", terms=_terms(barring))
    elif isinstance(node, AnyOf) and others:
        yield NearMiss(kind="lacking", terms=_terms(part for part in node.parts if isinstance(part, Word)))


def _terms(words: Iterable[Word]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.term.written for word in words))
