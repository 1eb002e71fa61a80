"""Source x Article -> whether a rule listens to them. Pure."""

from dataclasses import dataclass
from datetime import timedelta

from monitor.model import Article, Source
from monitor.rules.language import Verdict

_WORST_FIRST = (Verdict.FALSE, Verdict.UNKNOWN, Verdict.TRUE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Which sources and languages a rule listens to. Empty tuples set no condition."""

    #: Ids or names of sources.
    only: tuple[str, ...] = ()
    excepted: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    #: BCP 47, lower case; "en" takes in "en-gb".
    languages: tuple[str, ...] = ()

    @property
    def names_sources(self) -> bool:
        """Whether it matters which source brings an article."""
        return bool(self.only or self.excepted or self.groups)

    def judge(self, source: Source | None, article: Article) -> Verdict:
        """Unknown where the source (`None`, or one without an id) or the language is not stated, as in many tests."""
        if not (self.names_sources or self.languages):
            return Verdict.TRUE
        return min(self.parts(source, article).values(), key=_WORST_FIRST.index)

    def parts(self, source: Source | None, article: Article) -> dict[str, Verdict]:
        """What "source" and "language" each come to."""
        return {"source": self._sources(source), "language": self._languages(source, article)}

    def _sources(self, source: Source | None) -> Verdict:
        if not self.names_sources:
            return Verdict.TRUE
        if source is None or not source.id:
            return Verdict.UNKNOWN
        names = {source.id, source.name}
        outside = (self.only and names.isdisjoint(self.only)) or (self.groups and source.group not in self.groups)
        return Verdict.FALSE if outside or not names.isdisjoint(self.excepted) else Verdict.TRUE

    def _languages(self, source: Source | None, article: Article) -> Verdict:
        if not self.languages:
            return Verdict.TRUE
        language = (source and source.language) or article.language
        if language is None:
            return Verdict.UNKNOWN
        spoken = language.lower()
        fits = any(spoken == wanted or spoken.startswith(f"{wanted}-") for wanted in self.languages)
        return Verdict.TRUE if fits else Verdict.FALSE


def judge_age(age: timedelta | None, article: Article) -> Verdict:
    """Whether an article was new enough when it was fetched, by `age`. One without a date was."""
    dated_at = article.published_at or article.updated_at
    if age is None or dated_at is None or article.fetched_at - dated_at <= age:
        return Verdict.TRUE
    return Verdict.FALSE
