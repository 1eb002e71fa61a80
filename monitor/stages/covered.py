"""What was found out about an address -> whether we would have caught it, as lines with a sign each and as JSON. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from monitor.errors import MonitorError, recall
from monitor.messages import say
from monitor.model import Article, Fate, Source, SourceState, TextFrom
from monitor.ports import Carrier
from monitor.rules.explain import to_json as explanations_json
from monitor.rules.language import Verdict
from monitor.rules.trace import Explanation, flat
from monitor.stages.fates import fates_json, untold
from monitor.urls import canonical_url, host_of

GOOD, BAD, UNSURE, NEXT, PLAIN = "+", "-", "?", "→", " "
_NEAR_SHOWN, _TERMS_SHOWN = 10, 5

#: Sign and sentence.
Line = tuple[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A source of the same site, and what a look at it just now showed."""

    source: Source
    state: SourceState | None
    #: `None`: it could not be read, and `error` says why.
    lists_it: bool | None = None
    entries: int = 0
    oldest_at: datetime | None = None
    error: MonitorError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Inquiry:
    """Everything that was found out."""

    url: str
    has_archive: bool
    #: From the archive; nothing is fetched then.
    stored: Article | None = None
    carriers: tuple[Carrier, ...] = ()
    fates: tuple[Fate, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    #: Sources of the site beyond those that were looked at.
    more_candidates: int = 0
    #: The page as it is now, or why it could not be read.
    fetched: Article | None = None
    error: MonitorError | None = None
    explanations: tuple[Explanation, ...] = ()

    @property
    def told(self) -> list[Explanation]:
        """The rules that match."""
        return [one for one in self.explanations if one.told]

    @property
    def is_listed(self) -> bool:
        return any(one.lists_it for one in self.candidates)

    @property
    def verdict(self) -> str:
        """A message code behind "covered.verdict-"."""
        if self.stored is not None:
            matched = {fate.rule_id for fate in self.fates}
            known = any(one.rule.id in matched for one in self.told)
            return "caught" if known else "late" if self.told else "unmatched"
        if self.is_listed and self.fetched is not None:
            return "coming" if self.told else "coming-unmatched"
        if not self.candidates:
            return "no-source"
        read = any(one.lists_it is not None for one in self.candidates)
        return "unlisted" if read and not self.is_listed else "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """Whom it is told: the language, instants as they are read there, names of sources, and lines of fates."""

    language: str
    moment: Callable[[datetime], str]
    name: Callable[[str], str]
    fate: Callable[[Fate], str]

    def say(self, code: str, **facts: object) -> str:
        return say(f"covered.{code}", self.language, **facts)


def to_lines(inquiry: Inquiry, reader: Reader) -> Iterator[Line]:
    """From the archive to what to do next; the answer is the last but those."""
    yield from _stored_lines(inquiry, reader) if inquiry.stored else _missing_lines(inquiry, reader)
    yield from _rule_lines(inquiry, reader)
    yield _answer(inquiry, reader)
    for advice in _advice(inquiry, reader):
        yield NEXT, advice


def _answer(inquiry: Inquiry, reader: Reader) -> Line:
    good = inquiry.verdict in ("caught", "coming")
    sign = UNSURE if inquiry.verdict == "unknown" else GOOD if good else BAD
    told = {one.rule.id for one in inquiry.told}
    code, why = f"verdict-{inquiry.verdict}", ""
    silent = untold([fate for fate in inquiry.fates if fate.rule_id in told], reader.language)
    if inquiry.verdict == "caught" and silent is not None:
        code, why = f"{code}-{'waits' if silent.waits else 'untold'}", silent.why
    return sign, reader.say(code, count=len(told), why=why)


def _stored_lines(inquiry: Inquiry, reader: Reader) -> Iterator[Line]:
    article = inquiry.stored
    assert article is not None
    yield GOOD, reader.say("stored", at=reader.moment(article.fetched_at), title=article.title, id=article.id)
    for one in inquiry.carriers:
        yield GOOD, _carrier(one, reader)
    yield _text_line(article, reader)


def _text_line(article: Article, reader: Reader) -> Line:
    if not article.text and article.text_from is TextFrom.PAGE:
        return UNSURE, reader.say("text-gone")
    wanted = article.missing is not None
    return (UNSURE if wanted else GOOD), reader.say(f"text-{article.text_from}")


def _carrier(one: Carrier, reader: Reader) -> str:
    at, source = reader.moment(one.first_listed_at), reader.name(one.source_id)
    if one.left_at is None:
        return reader.say("carrier", source=source, at=at)
    return reader.say("carrier-left", source=source, at=at, left=reader.moment(one.left_at))


def _missing_lines(inquiry: Inquiry, reader: Reader) -> Iterator[Line]:
    yield BAD, reader.say("not-stored", url=canonical_url(inquiry.url))
    if not inquiry.has_archive:
        yield BAD, reader.say("no-archive")
    for one in inquiry.carriers:
        at = reader.moment(one.first_listed_at)
        yield UNSURE, reader.say("forgotten", source=reader.name(one.source_id), at=at)
    if not inquiry.candidates:
        yield BAD, reader.say("no-source", host=host_of(inquiry.url))
    for candidate in inquiry.candidates:
        sign, health = _health(candidate.state, reader)
        yield sign, reader.say("source-known", source=candidate.source.name, health=health)
        yield _listed(candidate, reader)
    if inquiry.more_candidates:
        yield PLAIN, reader.say("more-sources", count=inquiry.more_candidates)
    if inquiry.error is not None:
        yield UNSURE, reader.say("page-unreadable", why=inquiry.error.message(reader.language))
    elif inquiry.fetched is not None:
        yield GOOD, reader.say("page-read", title=inquiry.fetched.title)


def _health(state: SourceState | None, reader: Reader) -> Line:
    if state is None or state.last_poll_at is None:
        return UNSURE, reader.say("health-new")
    why = recall(state.last_error, reader.language) if state.last_error else "–"
    if state.gone:
        return BAD, reader.say("health-gone", why=why)
    at = reader.moment(state.last_poll_at)
    return (
        (BAD, reader.say("health-failing", at=at, why=why))
        if state.last_error
        else (GOOD, reader.say("health-ok", at=at))
    )


def _listed(one: Candidate, reader: Reader) -> Line:
    name = one.source.name
    if one.lists_it is None:
        return UNSURE, reader.say(
            "lists-unreadable", source=name, why=one.error.message(reader.language) if one.error else "–"
        )
    if one.lists_it:
        return GOOD, reader.say("lists", source=name)
    oldest = reader.moment(one.oldest_at) if one.oldest_at else "–"
    return BAD, reader.say("lists-not", source=name, count=one.entries, oldest=oldest)


def _rule_lines(inquiry: Inquiry, reader: Reader) -> Iterator[Line]:
    if not inquiry.explanations:
        return
    for one in inquiry.told:
        unsure = one.verdict is Verdict.UNKNOWN
        code = "rule-match-unsure" if unsure else "rule-match"
        yield UNSURE if unsure else GOOD, reader.say(code, rule=one.rule.name, terms=", ".join(_terms(one)))
        if inquiry.stored is not None:
            yield from _fate_lines(one, inquiry.fates, reader)
    near = [one for one in inquiry.explanations if one.near_misses and not one.told][:_NEAR_SHOWN]
    if not inquiry.told and near:
        yield BAD, reader.say("rules-none")
    for one in near:
        unsure = one.verdict is Verdict.UNKNOWN
        code = "rule-near-unsure" if unsure else "rule-near"
        yield UNSURE if unsure else BAD, reader.say(code, rule=one.rule.name, near=_near(one, reader.language)[0])
    yield from _count_lines(inquiry, near, reader)


def _count_lines(inquiry: Inquiry, near: Sequence[Explanation], reader: Reader) -> Iterator[Line]:
    """How many rules have no line of their own."""
    others = [one for one in inquiry.explanations if not one.told and one not in near]
    unsure = sum(one.rule.enabled and one.verdict is Verdict.UNKNOWN for one in others)
    if unsure:
        yield UNSURE, reader.say("rules-unsure", count=unsure)
    if len(others) == len(inquiry.explanations) and not unsure:
        yield BAD, reader.say("rules-all", count=len(others))
    elif len(others) > unsure:
        yield PLAIN, reader.say("rules-others", count=len(others) - unsure)


def _fate_lines(one: Explanation, fates: Sequence[Fate], reader: Reader) -> Iterator[Line]:
    own = [fate for fate in fates if fate.rule_id == one.rule.id]
    for fate in own:
        yield PLAIN, reader.say("fate", rule=one.rule.name, fate=reader.fate(fate))
    if not own:
        yield BAD, reader.say("fate-none", rule=one.rule.name)


def _terms(one: Explanation) -> list[str]:
    """What was found, as printed."""
    return list(dict.fromkeys(hit.text for trace in flat(one.trace) for hit in trace.hits))[:_TERMS_SHOWN]


def _near(one: Explanation, language: str) -> list[str]:
    (shown,) = explanations_json([one], language)
    trace = shown["trace"]
    assert isinstance(trace, dict)
    return [miss["message"] for miss in trace["near_misses"]]


def _advice(inquiry: Inquiry, reader: Reader) -> Iterator[str]:
    if inquiry.stored is not None:
        yield reader.say("next-why", id=inquiry.stored.id)
    elif inquiry.fetched is not None:
        yield reader.say("next-why-page", url=inquiry.url)
    if any(one.state and one.state.last_error for one in inquiry.candidates):
        yield reader.say("next-mend")
    if inquiry.verdict == "no-source":
        yield reader.say("next-add")
    elif inquiry.verdict == "unlisted":
        yield reader.say("next-other-feed", source=inquiry.candidates[0].source.name)
    elif inquiry.verdict == "coming":
        yield reader.say("next-run")
    if inquiry.verdict == "late":
        yield reader.say("next-replay", rule=inquiry.told[0].rule.id)
    if inquiry.explanations and not inquiry.told:
        yield reader.say("next-rule")


# --- JSON -------------------------------------------------------------------------------------------------------------


def to_json(inquiry: Inquiry, reader: Reader) -> dict[str, object]:
    """`covered` is whether it was found, or will be, and a rule matched it when it came; instants ISO 8601 UTC."""
    return {
        "url": inquiry.url,
        "canonical_url": canonical_url(inquiry.url),
        "covered": inquiry.verdict in ("caught", "coming"),
        "verdict": inquiry.verdict,
        "stored": None if inquiry.stored is None else _article_json(inquiry.stored),
        "carriers": [
            {"source": one.source_id, "first_listed_at": one.first_listed_at.isoformat(), "left_at": _iso(one.left_at)}
            for one in inquiry.carriers
        ],
        "sources": [_candidate_json(one) for one in inquiry.candidates],
        "page": None if inquiry.fetched is None else _article_json(inquiry.fetched),
        "error": None if inquiry.error is None else inquiry.error.message(reader.language),
        "rules": [_rule_json(one, inquiry.fates, reader) for one in inquiry.explanations],
        "next": list(_advice(inquiry, reader)),
    }


def _article_json(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "source": article.source_id,
        "published_at": _iso(article.published_at),
        "fetched_at": article.fetched_at.isoformat(),
        "text_from": article.text_from.value,
        "missing": article.missing,
    }


def _candidate_json(one: Candidate) -> dict[str, object]:
    return {
        "source": one.source.id,
        "name": one.source.name,
        "last_poll_at": _iso(one.state.last_poll_at) if one.state else None,
        "last_error": recall(one.state.last_error, "en") if one.state and one.state.last_error else None,
        "lists_it": one.lists_it,
        "entries": one.entries,
        "error": one.error.message("en") if one.error else None,
    }


def _rule_json(one: Explanation, fates: Sequence[Fate], reader: Reader) -> dict[str, object]:
    (shown,) = explanations_json([one], reader.language)
    return {
        "rule": one.rule.id,
        "verdict": shown["verdict"],
        "told": one.told,
        "terms": _terms(one) if one.told else [],
        "near_misses": _near(one, reader.language),
        "tellings": fates_json(fate for fate in fates if fate.rule_id == one.rule.id),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
