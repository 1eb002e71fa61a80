"""Places, gaps, near misses and thresholds of an explanation -> phrases in Japanese or English. Pure."""

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from unicodedata import normalize

from monitor.messages import say
from monitor.model import Threshold
from monitor.rules.conditions import Occurrence
from monitor.rules.found import Skipped
from monitor.rules.language import Field, Settings
from monitor.rules.near import Gap
from monitor.rules.trace import NearMiss, Trace, flat
from monitor.rules.trials import few
from monitor.text.letters import DASHES, Layer
from monitor.text.spelling import layers_of

_TYPE_NUMBER = re.compile("[A-Za-z]-[0-9]")
_DASH = re.compile(f"[{DASHES}-]")
_UNITS = (("days", 86_400), ("hours", 3_600), ("minutes", 60), ("seconds", 1))
#: Parts of an article that are often not there.
_SELDOM = frozenset({Field.AUTHOR, Field.URL})


def plain(text: str) -> str:
    """Foreign text without signs that a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)


def layers(hit: Occurrence) -> list[str]:
    """The foldings without which the printed text would not be the term."""
    if hit.word.kind == "regex" or hit.text == hit.word.term.literal:
        return []
    folded = [str(layer) for layer in layers_of(hit.text, hit.word.term.literal)]
    if Layer.DASHES not in folded and _lost_hyphen(hit.text, hit.word.term.literal):
        folded.append(str(Layer.DASHES))
    return folded


def _lost_hyphen(printed: str, term: str) -> bool:
    """F35, where the term is F-35: another spelling rather than a layer, but for a reader it is the hyphen."""
    return bool(_TYPE_NUMBER.search(normalize("NFKC", term))) and not _DASH.search(printed)


def layer_names(names: Iterable[str], language: str) -> str:
    return ", ".join(say(f"rules.layer-{name}", language) for name in names)


# --- places -----------------------------------------------------------------------------------------------------------


def facts(place: Occurrence | Skipped, language: str) -> dict[str, object]:
    """Where it stands, counted from 1, and how it is printed."""
    field = say(f"rules.field-{place.field}", language)
    return {"field": field, "start": place.start + 1, "end": place.end, "text": plain(place.text)}


def found_at(hit: Occurrence, language: str) -> str:
    """Where a word counts."""
    if hit.text == hit.word.term.literal:
        return say("rules.why-hit", language, **facts(hit, language))
    shown = layer_names(layers(hit), language)
    code = "rules.why-hit-folded" if shown else "rules.why-hit-printed"
    return say(code, language, layers=shown, **facts(hit, language))


def skipped_at(one: Skipped, language: str) -> str:
    """Where a word does not count, and why."""
    code = "rules.why-skipped-fold" if one.reason == "fold" else "rules.why-skipped"
    return say(code, language, reason=reason(one, language), **facts(one, language))


def reason(one: Skipped, language: str) -> str:
    """Why a place does not count."""
    kind = one.reason if one.reason in ("case", "fold", "part-of") else "border"
    named = {"inside": plain(one.inside or one.text), "layers": layer_names(one.layers, language)}
    return say(f"rules.why-reason-{kind}", language, text=plain(one.text), **named)


def absent(terms: Sequence[Trace], missing: frozenset[Field], language: str) -> str:
    """Words of one block that are not where they are looked for, with where else they are. `missing`: empty parts."""
    first = sorted(terms, key=lambda one: not one.elsewhere)
    names = tuple((one.term or "") + _elsewhere(one, language) for one in first)
    said = say("rules.why-absent", language, where=where(terms, language), terms=few(names))
    return said + _no_such_part(terms, missing, language)


def regex_absent(trace: Trace, missing: frozenset[Field], language: str) -> str:
    """An expression that finds nothing where it looks."""
    said = say("rules.why-regex-absent", language, where=where((trace,), language))
    return said + _elsewhere(trace, language) + _no_such_part((trace,), missing, language)


def _elsewhere(trace: Trace, language: str) -> str:
    if not trace.elsewhere:
        return ""
    place = trace.elsewhere[0]
    if isinstance(place, Occurrence):
        return say("rules.why-elsewhere", language, **facts(place, language))
    return say("rules.why-elsewhere-skipped", language, reason=reason(place, language), **facts(place, language))


def _no_such_part(terms: Sequence[Trace], missing: frozenset[Field], language: str) -> str:
    fields = {name for one in terms for name in one.fields}
    if not fields or not fields <= missing & _SELDOM:
        return ""
    return say("rules.why-no-field", language, field=field_names(terms[0].fields, language))


# --- parts of the article ---------------------------------------------------------------------------------------------


def field_names(fields: Iterable[Field], language: str) -> str:
    names = [say(f"rules.field-{name}", language) for name in fields]
    return say("rules.field-joint", language).join(names)


def where(traces: Sequence[Trace], language: str) -> str:
    """Where something is looked for: its parts by name, if any of its words stands in another; else the article."""
    looked_at = [name for name in Field if any(name in one.fields for one in traces)]
    astray = any(below.elsewhere for one in traces for below in flat(one))
    return field_names(looked_at, language) if astray or len(looked_at) == 1 else say("rules.field-any", language)


def title_of(trace: Trace, outer: Sequence[Field], language: str) -> str:
    """A term, or the key of a block, with the field that it stands under unless what is around it has said so."""
    name = trace.term or trace.kind
    name = f"regex: {name}" if trace.term and trace.kind == "regex" else name
    if len(trace.fields) != 1 or tuple(outer) == trace.fields:
        return name
    label = say(f"rules.why-block-{trace.fields[0]}", language)
    return label if trace.kind == "any" else f"{label} {name}"


# --- near, and near misses --------------------------------------------------------------------------------------------


def gap_phrase(gap: Gap | None, language: str) -> str:
    """How the words of `near` stand to each other."""
    if gap is None:
        return say("rules.why-gap-fields", language)
    named = {"left": plain(gap.left.text), "right": plain(gap.right.text)}
    counts = {"count": gap.count, "allowed": gap.allowed}
    if len(gap.shortfalls) > 1:
        far = gap.shortfalls[-1] == gap.unit
        code = f"several-{gap.unit}" if far else "several"
        return say(f"rules.why-gap-{code}", language, now=_now(gap.shortfalls, gap.count, language), **named, **counts)
    holds = "one-sentence" if gap.allowed is None else gap.unit
    return say(f"rules.why-gap-{gap.shortfalls[0] if gap.shortfalls else holds}", language, **named, **counts)


def _now(shortfalls: Sequence[str], count: int, language: str) -> str:
    """How words stand that do not stand as they should, in more than one way."""
    codes = list(shortfalls)
    codes[-1] = "sentence-end" if codes[-1] == "sentence" else codes[-1]
    return _joint(language).join(say(f"rules.now-{code}", language, count=count) for code in codes)


def _joint(language: str) -> str:
    return say("rules.now-joint", language)


def near(miss: NearMiss, language: str) -> str:
    """What would have made the difference."""
    if miss.skipped is not None:
        return _near_skipped(miss.skipped, language)
    counts = {"count": miss.count, "wanted": miss.wanted, "more": miss.wanted - miss.count}
    named = {"terms": few(miss.terms)}
    kind, *shortfalls = miss.kind.split("-")
    if kind == "apart" and len(shortfalls) > 1:
        wish = _joint(language).join(say(f"rules.wish-{one}", language, wanted=miss.wanted) for one in shortfalls)
        now = _now(shortfalls, miss.count, language)
        return say("rules.near-apart-several", language, wish=wish, now=now, **named)
    if kind == "elsewhere" or (miss.fields and miss.fields != Settings().fields):
        code = "regex-in" if kind == "regex" else "lacking-in"
        return say(f"rules.near-{code}", language, where=field_names(miss.fields, language), **named)
    return say(f"rules.near-{miss.kind}", language, **named, **counts)


def _near_skipped(one: Skipped, language: str) -> str:
    term = one.word.term.written
    if one.reason == "fold":
        return say("rules.near-skipped-fold", language, text=plain(one.text), layers=layer_names(one.layers, language))
    return say("rules.near-skipped", language, term=term, reason=reason(one, language))


# --- thresholds -------------------------------------------------------------------------------------------------------


def needs(threshold: Threshold, language: str) -> str:
    """As in: 3 stories, 2 sources, within 6 h."""
    return say("rules.threshold-joint", language).join(_needs(threshold, language))


def _needs(threshold: Threshold, language: str) -> Iterator[str]:
    if threshold.stories > 1:
        yield say("rules.threshold-stories", language, count=threshold.stories)
    if threshold.sources > 1:
        yield say("rules.threshold-sources", language, count=threshold.sources)
    unit, size = next((unit, size) for unit, size in _UNITS if not threshold.within % timedelta(seconds=size))
    yield say(f"rules.threshold-{unit}", language, count=threshold.within // timedelta(seconds=size))
