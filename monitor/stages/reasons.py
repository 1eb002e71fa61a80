"""An article that one version of a rule tells and the other does not -> what makes the difference, in few words. Pure."""

from dataclasses import dataclass

from monitor.model import Article, Match, Source
from monitor.rules.book import Rule
from monitor.rules.conditions import Pattern, Word, walk
from monitor.rules.matcher import Matcher
from monitor.rules.trace import NearMiss, explain_rule

#: What is named where several things alone made the difference.
_MOST_TELLING = ("scope", "age", "none", "skipped", "lacking")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """Why the other version does not tell it."""

    #: "disabled"; "body": it does not tell without the body; "word": only this version has these words; a kind of
    #: `NearMiss`; "other".
    kind: str
    terms: tuple[str, ...] = ()
    #: What the term is part of, where it was skipped for that.
    inside: str | None = None


def reason(article: Article, source: Source, matcher: Matcher, match: Match, silent: Rule) -> Reason:
    """`match` is how one version tells it, `silent` the other; the matcher holds both."""
    if not silent.enabled:
        return Reason(kind="disabled")
    explained = explain_rule(silent, matcher.look(article), article, source)
    if explained.told:
        return Reason(kind="body")
    near = sorted(explained.near_misses, key=_rank)
    if near and near[0].kind in ("scope", "age"):
        return Reason(kind=near[0].kind)
    known = {node.term.written for node, _ in walk(silent.condition) if isinstance(node, Word | Pattern)}
    new = tuple(term for term in match.terms if term not in known)
    if new:
        return Reason(kind="word", terms=new)
    return _of(near[0]) if near else Reason(kind="other")


def _rank(miss: NearMiss) -> int:
    return _MOST_TELLING.index(miss.kind) if miss.kind in _MOST_TELLING else len(_MOST_TELLING)


def _of(miss: NearMiss) -> Reason:
    if miss.skipped is not None:
        return Reason(kind="skipped", terms=miss.terms, inside=miss.skipped.inside or miss.skipped.text)
    kind = "lacking" if miss.kind == "elsewhere" else miss.kind
    return Reason(kind=kind, terms=miss.terms) if kind in _MOST_TELLING else Reason(kind="other")
