"""Explanations -> JSON or plain lines for people, in Japanese or English. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Protocol

from monitor.messages import say
from monitor.model import Article
from monitor.rules.conditions import Occurrence
from monitor.rules.found import Skipped
from monitor.rules.language import Field, Verdict
from monitor.rules.near import Gap
from monitor.rules.phrases import (
    absent,
    found_at,
    gap_phrase,
    layers,
    near,
    needs,
    plain,
    reason,
    regex_absent,
    skipped_at,
    title_of,
    where,
)
from monitor.rules.trace import Explanation, NearMiss, Trace, explain, flat
from monitor.text.durations import write_duration
from monitor.text.snippets import snippet

__all__ = ["explain", "show_explanations", "to_json", "to_lines"]

#: Terms of one list that are shown although none of them is in the article.
_ABSENT_SHOWN = 5
_WORDS = {Verdict.TRUE: "match", Verdict.FALSE: "no match", Verdict.UNKNOWN: "unknown"}
_SIGNS = {Verdict.TRUE: "+", Verdict.FALSE: "-", Verdict.UNKNOWN: "?"}
#: What stands beside other keys more often than in a list.
_BLOCKS = frozenset({"all", "none", "near", "at_least", "min_hits"})
#: Before a word of `none` that stands in the article, and before what would have made the difference.
_BARS, _HINT = "!", "→"
_STYLES = {"+": "green", "-": "red", "?": "yellow", _BARS: "red", _HINT: "cyan"}
#: Characters of the body shown around a word.
_CONTEXT = 50


class Screen(Protocol):
    """A terminal, as rich's Console is one."""

    def print(self, text: str, /, *, style: str | None, markup: bool) -> None: ...


def to_json(explanations: Iterable[Explanation], language: str) -> list[dict[str, object]]:
    """`[{"rule", "verdict", "trace"}]`; offsets count characters of the original text of the field."""
    return [{"rule": why.rule.id, "verdict": _verdict(why), "trace": _root_json(why, language)} for why in explanations]


def to_lines(
    explanations: Iterable[Explanation],
    article: Article,
    language: str,
    *,
    every: bool = False,
    notes: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[str]:
    """Lines for a terminal: what matches, what nearly does, then the other rules of which a word is in the article.

    The rest is only counted, unless `every` is asked for. `notes` are further lines, by rule id.
    """
    notes = notes or {}
    shown = list(explanations)
    touched = [why for why in shown if every or why.touched or why.told or why.rule.id in notes]
    for why in sorted(touched, key=lambda why: (not why.told, not why.near_misses)):
        yield from _rule_lines(why, article, language)
        if why.told and why.rule.threshold and why.rule.id not in notes:
            yield "  " + say("rules.why-threshold", language, needs=needs(why.rule.threshold, language))
        yield from (f"  {note}" for note in notes.get(why.rule.id, ()))
        yield ""
    if len(shown) > len(touched):
        yield say("rules.why-untouched", language, count=len(shown) - len(touched))


def show_explanations(
    explanations: Iterable[Explanation],
    article: Article,
    language: str,
    screen: Screen,
    notes: Mapping[str, Sequence[str]] | None = None,
) -> None:
    """The headline, then the lines of `to_lines` in colour. A single explanation is shown even if nothing is in the text."""
    shown = list(explanations)
    screen.print(plain(article.title), style="bold", markup=False)
    if article.missing is not None:
        screen.print(say(f"rules.why-from-{article.text_from}", language), style="yellow", markup=False)
    screen.print("", style=None, markup=False)
    for line in to_lines(shown, article, language, every=len(shown) == 1, notes=notes):
        screen.print(line, style=_STYLES.get(line.lstrip()[:1]), markup=False)


def _verdict(why: Explanation) -> str:
    return _WORDS[why.verdict] if why.rule.enabled else "no match"


# --- JSON -------------------------------------------------------------------------------------------------------------


def _root_json(why: Explanation, language: str) -> dict[str, object]:
    return {
        "condition": "rule",
        "value": str(why.verdict),
        "enabled": why.rule.enabled,
        "told": why.told,
        "scope": str(why.scope),
        "age": str(why.age),
        "near_misses": [_near_json(miss, language) for miss in why.near_misses],
        "parts": [_trace_json(why.trace, language)],
    }


def _near_json(miss: NearMiss, language: str) -> dict[str, object]:
    skipped = None if miss.skipped is None else _skipped_json(miss.skipped, language)
    shown: dict[str, object] = {"kind": miss.kind, "terms": list(miss.terms), "message": near(miss, language)}
    if miss.fields:
        shown["fields"] = [str(name) for name in miss.fields]
    return shown if skipped is None else shown | {"skipped": skipped}


def _trace_json(trace: Trace, language: str) -> dict[str, object]:
    shown: dict[str, object] = {
        "condition": trace.kind,
        "value": str(trace.value),
        "fields": [str(name) for name in trace.fields],
    }
    if trace.term is None:
        return shown | _counts_json(trace) | {"parts": [_trace_json(part, language) for part in trace.parts]}
    return shown | {
        "term": trace.term,
        "hits": [_place_json(hit) | {"folding": layers(hit)} for hit in trace.hits],
        "skipped": [_skipped_json(one, language) for one in trace.skipped],
        "elsewhere": [_elsewhere_json(one, language) for one in trace.elsewhere],
    }


def _elsewhere_json(one: Occurrence | Skipped, language: str) -> dict[str, object]:
    return _place_json(one) if isinstance(one, Occurrence) else _skipped_json(one, language)


def _counts_json(trace: Trace) -> dict[str, object]:
    if trace.kind == "near":
        return {"nearest": None if trace.gap is None else _gap_json(trace.gap)}
    return {} if trace.wanted is None else {"count": trace.count, "wanted": trace.wanted}


def _gap_json(gap: Gap) -> dict[str, object]:
    return {
        "left": _place_json(gap.left),
        "right": _place_json(gap.right),
        "unit": gap.unit,
        "count": gap.count,
        "allowed": gap.allowed,
        "ordered": gap.ordered,
        "one_sentence": gap.one_sentence,
    }


def _place_json(place: Occurrence | Skipped) -> dict[str, object]:
    return {"field": str(place.field), "start": place.start, "end": place.end, "text": place.text}


def _skipped_json(one: Skipped, language: str) -> dict[str, object]:
    why = {"reason": one.reason, "inside": one.inside, "message": reason(one, language)}
    return _place_json(one) | why


# --- lines ------------------------------------------------------------------------------------------------------------


def _rule_lines(why: Explanation, article: Article, language: str) -> Iterator[str]:
    rule = why.rule
    verdict = say(f"rules.why-verdict-{_verdict(why).replace(' ', '-')}", language)
    sign = _SIGNS[why.verdict] if rule.enabled else "-"
    id_ = "" if rule.id == rule.name else f" [{rule.id}]"
    yield f"{sign} {rule.name}{id_}: {verdict}"
    if not rule.enabled:
        yield "  " + say("rules.why-disabled", language)
    if why.verdict is Verdict.UNKNOWN:
        yield "  " + say("rules.why-unknown-told" if why.told else "rules.why-unknown", language)
    if why.scope is not Verdict.TRUE:
        what = say("rules.field-joint", language).join(say(f"rules.scope-{part}", language) for part in why.outside)
        yield "  " + say(f"rules.why-scope-{why.scope}", language, what=what)
    yield from _age_line(why, article, language)
    for trace in _spoken(why.trace):
        yield from _trace_lines(trace, article, language)
    for miss in why.near_misses:
        yield f"  {_HINT} {near(miss, language)}"


def _age_line(why: Explanation, article: Article, language: str) -> Iterator[str]:
    dated_at = article.published_at or article.updated_at
    if why.age is Verdict.FALSE and why.rule.age is not None and dated_at is not None:
        days = {"published": f"{dated_at:%Y-%m-%d}", "fetched": f"{article.fetched_at:%Y-%m-%d}"}
        yield "  " + say("rules.why-too-old", language, age=write_duration(why.rule.age), **days)


def _spoken(root: Trace) -> tuple[Trace, ...]:
    """What a rule writes side by side, without the `all` that joins it."""
    joins = root.kind == "all" and any(part.kind in _BLOCKS or part.fields != root.fields for part in root.parts)
    return root.parts if joins else (root,)


def _trace_lines(
    trace: Trace, article: Article, language: str, *, around: Sequence[Trace] = (), barred: bool = False
) -> Iterator[str]:
    """`around`: the blocks that it stands in, from the outermost; `barred`: one of them is a `none`."""
    indent = "  " * (len(around) + 1)
    title = title_of(trace, around[-1].fields if around else (), language)
    sign = _BARS if barred and trace.hits else _SIGNS[trace.value]
    if trace.term is not None:
        yield f"{indent}{sign} {title}"
        yield from (f"{indent}    {line}" for line in _places(trace, article, language))
        return
    yield f"{indent}{sign} {title}: {_outcome(trace, language)}"
    lacking = []
    for part in trace.parts:
        if part.kind == "term" and not part.hits and not part.skipped:
            lacking.append(part)
        else:
            under_none = barred or trace.kind == "none"
            yield from _trace_lines(part, article, language, around=(*around, trace), barred=under_none)
    if lacking:
        yield f"{indent}  {absent(lacking, _empty(article), language)}"


def _empty(article: Article) -> frozenset[Field]:
    """The parts that an article need not have, and has not."""
    stated = {Field.AUTHOR: article.authors, Field.URL: article.url}
    return frozenset(name for name, text in stated.items() if not text)


def _outcome(trace: Trace, language: str) -> str:
    """What became of a condition that is made of others."""
    kind = "none" if trace.kind == "none" else "block"
    said = say(f"rules.why-{kind}-{trace.value}", language, where=where((trace,), language))
    if trace.wanted is not None:
        return f"{said} ({say(f'rules.why-{trace.kind}', language, count=trace.count, wanted=trace.wanted)})"
    if trace.kind != "near":
        return said
    return f"{said} ({gap_phrase(trace.gap, language)})" if all(_stands(part) for part in trace.parts) else said


def _stands(trace: Trace) -> bool:
    return any(part.hits for part in flat(trace))


def _places(trace: Trace, article: Article, language: str) -> Iterator[str]:
    """Where a term stands, or that it does not."""
    if not trace.hits and not trace.skipped:
        empty = _empty(article)
        is_regex = trace.kind == "regex"
        yield regex_absent(trace, empty, language) if is_regex else absent((trace,), empty, language)
    for hit in trace.hits[:_ABSENT_SHOWN]:
        yield f"{found_at(hit, language)}{_context(hit, article)}"
    if len(trace.hits) > _ABSENT_SHOWN:
        yield say("rules.why-more", language, count=len(trace.hits) - _ABSENT_SHOWN)
    for one in trace.skipped[:_ABSENT_SHOWN]:
        yield f"{skipped_at(one, language)}{_context(one, article)}"


def _context(place: Occurrence | Skipped, article: Article) -> str:
    """The words around a place in the body; a headline stands above anyway."""
    if place.field is not Field.BODY:
        return ""
    made = snippet(article.text, [(place.start, place.end)], width=_CONTEXT)
    return f": {plain(made.text)}" if made.text else ""
