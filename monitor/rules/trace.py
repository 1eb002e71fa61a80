"""Matcher x Article x Source -> Explanations: every condition with its value, every place, what was skipped and why."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace

from monitor.model import Article, Source
from monitor.rules.book import Rule
from monitor.rules.conditions import AnyOf, AnyPattern, Condition, NoneOf, Occurrence, Pattern, Word, walk
from monitor.rules.counting import AtLeast, MinHits
from monitor.rules.found import Found, Skipped, reading_order
from monitor.rules.language import Field, Verdict
from monitor.rules.matcher import Matcher, judge, told
from monitor.rules.near import Gap, Near
from monitor.rules.scope import judge_age


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """One condition and what became of it. For a term `hits` and `skipped` say where its letters stand."""

    #: "any", "all", "none", "at_least", "near" (of "left" and "right"), "min_hits", "term", "regex".
    kind: str
    value: Verdict
    #: As the rule writes it; only of a term or an expression.
    term: str | None = None
    #: The parts of the article that it, or what it is made of, looks at.
    fields: tuple[Field, ...] = ()
    hits: tuple[Occurrence, ...] = ()
    skipped: tuple[Skipped, ...] = ()
    #: Where else in the article a term stands that is not in those parts: what would count there, else what would not.
    elsewhere: tuple[Occurrence | Skipped, ...] = ()
    #: What counts, and how much of it is wanted.
    count: int | None = None
    wanted: int | None = None
    #: The pair of `near` that stands closest together.
    gap: Gap | None = None
    parts: tuple["Trace", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NearMiss:
    """One thing that alone kept the rule from matching."""

    #: "none": these words stand in it; "lacking": one of these words would have been enough; "elsewhere": so would these,
    #: which stand in other parts of the article; "skipped": this place does not count; "scope": the source or language is not among the rule's; "age": the article was too old; "more": so many
    #: of these are wanted; "few": these stand in it, not often enough; "beside": one of these words near the others;
    #: "apart-…": too far, for the reasons of the gap, or in different parts ("apart-fields"); "regex": what it looks for.
    kind: str
    terms: tuple[str, ...] = ()
    #: Where the terms are looked for, of "lacking", "elsewhere" and "regex".
    fields: tuple[Field, ...] = ()
    skipped: Skipped | None = None
    count: int = 0
    wanted: int = 0


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
    #: "source" and "language" that the rule asks for and nobody knows, or that are not among its own.
    outside: tuple[str, ...] = ()
    trace: Trace
    near_misses: tuple[NearMiss, ...] = ()

    @property
    def touched(self) -> bool:
        """Whether any letters of its words are in the article at all."""
        return any(trace.hits or trace.skipped or trace.elsewhere for trace in flat(self.trace))


def explain(
    matcher: Matcher, article: Article, source: Source | None, *, rule_id: str | None = None
) -> list[Explanation]:
    """One explanation per rule, in their order; with `rule_id` of that rule alone (none if there is no such rule)."""
    found = matcher.look(article, everywhere=True)
    rules = (rule for rule in matcher.rules if rule_id in (None, rule.id))
    return [explain_rule(rule, found, article, source) for rule in rules]


def explain_rule(rule: Rule, found: Found, article: Article, source: Source | None) -> Explanation:
    """Explain one rule by what was found, whether it is enabled or not."""
    complete = found.complete()
    is_told = told(rule, complete, source, article)
    scope = rule.scope.judge(source, article)
    parts = rule.scope.parts(source, article) if scope is not Verdict.TRUE else {}
    return Explanation(
        rule=rule,
        verdict=judge(rule, found, source, article),
        told=is_told and rule.enabled,
        scope=scope,
        outside=tuple(name for name, verdict in parts.items() if verdict is scope),
        age=judge_age(rule.age, article),
        trace=_trace(rule.condition, found),
        near_misses=() if is_told else tuple(_distinct(_near_misses(rule, complete, source, article))),
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
    if not isinstance(condition, Word | Pattern):
        parts = tuple(_trace(part, found) for part in condition.parts)
        fields = tuple(name for name in Field if any(name in part.fields for part in parts))
        return _counted(condition, Trace(kind=condition.kind, value=value, fields=fields, parts=parts), found)
    hits = found.occurrences(condition)
    skipped = _skipped(condition, found)
    return Trace(
        kind=condition.kind,
        value=value,
        term=condition.term.written,
        fields=condition.settings.fields,
        hits=hits,
        skipped=skipped,
        elsewhere=() if hits or skipped else _elsewhere(condition, found),
    )


def _elsewhere(word: Word | Pattern, found: Found) -> tuple[Occurrence | Skipped, ...]:
    """Where a word stands in the parts of the article that it does not look at."""
    others = [name for name in found.texts if name not in word.settings.fields]
    places = list(found.weighed(word, others))
    counted = tuple(sorted((one for one in places if isinstance(one, Occurrence)), key=reading_order))
    # Nearly every address has letters of some short word in it.
    return counted or tuple(one for one in places if isinstance(one, Skipped) and one.field is not Field.URL)


def _counted(condition: Condition, trace: Trace, found: Found) -> Trace:
    """With what only some kinds of conditions have to say."""
    if isinstance(condition, AtLeast | MinHits):
        return replace(trace, count=condition.count(found), wanted=condition.wanted)
    if isinstance(condition, Near):
        left, right = trace.parts
        sides = replace(left, kind="left"), replace(right, kind="right")
        return replace(trace, gap=condition.nearest(found), parts=sides)
    return trace


def _skipped(word: Word | Pattern, found: Found) -> tuple[Skipped, ...]:
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
    counted: set[Condition] = set()
    for node, wanted in walk(rule.condition):
        if isinstance(node, AtLeast):
            counted.update(node.blocks)
        if not wanted or node in counted or found.judge(node) is not Verdict.FALSE:
            continue
        supposed = found.supposing(node)
        if supposed.judge(rule.condition) is Verdict.TRUE:
            yield from _near_miss(node, rule.condition, found)


def _near_miss(node: Condition, root: Condition, found: Found) -> Iterator[NearMiss]:
    if isinstance(node, NoneOf):
        words = {one.word for one in node.inner.proof(found)}
        barring = sorted(words, key=lambda word: (word.term.place.line, word.term.place.column))
        yield NearMiss(kind="none", terms=_terms(barring))
    elif (skipped := next(_decisive(node, root, found), None)) is not None:
        yield NearMiss(kind="skipped", terms=(skipped.word.term.written,), skipped=skipped)
    elif isinstance(node, Near):
        yield from _not_near(node, found)
    elif isinstance(node, Word | Pattern | AnyOf) and (astray := list(_astray(node, found))):
        kind = "regex" if isinstance(node, Pattern | AnyPattern) else "elsewhere"
        yield NearMiss(kind=kind, terms=_terms(astray), fields=_fields(astray))
    elif any(True for _ in root.proof(found)):
        yield from _lacking(node, found)


def _astray(node: Condition, found: Found) -> Iterator[Word | Pattern]:
    """Words that would count if they stood where they are looked for."""
    return (word for word in _direct(node) if any(isinstance(one, Occurrence) for one in _elsewhere(word, found)))


def _distinct(misses: Iterable[NearMiss]) -> Iterator[NearMiss]:
    """Without what a list has said of all its words already."""
    said: list[NearMiss] = []
    for miss in misses:
        if not any(_says_as_much(one, miss) for one in said):
            said.append(miss)
            yield miss


def _says_as_much(one: NearMiss, other: NearMiss) -> bool:
    alike = replace(one, terms=other.terms) == other
    return alike and set(one.terms) >= set(other.terms)


def _decisive(node: Condition, root: Condition, found: Found) -> Iterator[Skipped]:
    """Places any one of which would make the difference if it counted."""
    if isinstance(node, Word | Pattern):
        yield from _skipped(node, found)
    elif isinstance(node, Near | MinHits):
        words: Iterable[Word | Pattern] = _words(node)
        for one in (one for word in words if found.spells(word) for one in _skipped(word, found)):
            if found.counting(one).judge(root) is Verdict.TRUE:
                yield one


def _words(node: Near | MinHits) -> Iterator[Word | Pattern]:
    if isinstance(node, MinHits):
        yield from node.words
        yield from node.patterns
    else:
        yield from node.left.words | node.right.words


def _not_near(near: Near, found: Found) -> Iterator[NearMiss]:
    gap = near.nearest(found)
    if gap is not None:
        terms = (gap.left.word.term.written, gap.right.word.term.written)
        yield NearMiss(kind=f"apart-{'-'.join(gap.shortfalls)}", terms=terms, count=gap.count, wanted=gap.allowed or 0)
        return
    lacking = [side for side in (near.left, near.right) if not any(True for _ in side.proof(found))]
    if not lacking:
        words = dict.fromkeys(one.word for side in (near.left, near.right) for one in side.proof(found))
        yield NearMiss(kind="apart-fields", terms=_terms(words))
    elif len(lacking) == 1:
        yield NearMiss(kind="beside", terms=_terms(_direct(lacking[0])))


def _lacking(node: Condition, found: Found) -> Iterator[NearMiss]:
    """What is not there, beside other words that are."""
    if isinstance(node, AtLeast):
        count = node.count(found)
        false = [part for part in node.parts if found.judge(part) is not Verdict.TRUE]
        terms = _terms(word for part in false for word in _direct(part))
        yield NearMiss(kind="more", terms=terms, count=count, wanted=node.wanted)
    elif isinstance(node, MinHits):
        terms = _terms(dict.fromkeys(one.word for one in node.proof(found)))
        yield NearMiss(kind="few", terms=terms, count=node.count(found), wanted=node.wanted)
    elif isinstance(node, Pattern | AnyPattern):
        words = list(_direct(node))
        yield NearMiss(kind="regex", terms=_terms(words), fields=_fields(words))
    elif isinstance(node, Word | AnyOf):
        words = list(_direct(node))
        yield NearMiss(kind="lacking", terms=_terms(words), fields=_fields(words))


def _direct(node: Condition) -> Iterator[Word | Pattern]:
    """A word itself, or the words that stand directly in a list."""
    return (part for part in (node, *node.parts) if isinstance(part, Word | Pattern))


def _fields(words: Collection[Word | Pattern]) -> tuple[Field, ...]:
    return tuple(name for name in Field if any(name in word.settings.fields for word in words))


def _terms(words: Iterable[Word | Pattern]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word.term.written for word in words))
