"""RuleBook -> Study: what every doubt asks about the rules and their words; a doubt -> Finding. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path

from monitor.model import Article, Finding, Severity, TextFrom
from monitor.rules.book import Rule, RuleBook
from monitor.rules.conditions import Condition, Word, walk
from monitor.rules.found import Found
from monitor.rules.language import Place
from monitor.rules.matcher import Matcher, compile_rules
from monitor.text.fold import term_forms

_LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
#: Texts whose findings are kept: doubts about one word come one after the other.
KEPT = 1_000


@dataclass(kw_only=True)
class Study:
    """One book with what its doubts share: the nodes of each rule, the spellings of each word, the compiled rules."""

    book: RuleBook
    compiled: Matcher | None = None
    _nodes: dict[str, tuple[Condition, ...]] = field(default_factory=dict)
    _texts: dict[str, Found] = field(default_factory=dict)

    def nodes(self, rule: Rule) -> tuple[Condition, ...]:
        """Every condition of a rule."""
        if rule.id not in self._nodes:
            self._nodes[rule.id] = tuple(node for node, _ in walk(rule.condition))
        return self._nodes[rule.id]

    def words(self, rule: Rule) -> tuple[Word, ...]:
        """Every word of a rule, in order."""
        return tuple(node for node in self.nodes(rule) if isinstance(node, Word))

    @cached_property
    def forms(self) -> Mapping[Word, tuple[str, ...]]:
        """The folded spellings of every word."""
        known: dict[str, tuple[str, ...]] = {}
        return {
            word: known.setdefault(word.term.literal, term_forms(word.term.literal))
            for rule in self.book.rules
            for word in self.words(rule)
        }

    @cached_property
    def shared(self) -> frozenset[int]:
        """Identities of the terms that stand in lists: they serve many rules, so that one may have no use for some."""
        return frozenset(id(term) for terms in self.book.lists.values() for term in terms)

    @cached_property
    def _matcher(self) -> Matcher:
        return self.compiled or compile_rules(self.book.rules)

    def look(self, text: str) -> Found:
        """What the engine finds of all words in a text that stands alone, in every part of an article."""
        if text not in self._texts:
            if len(self._texts) >= KEPT:
                self._texts.clear()
            self._texts[text] = self._matcher.look(
                Article(
                    id="lint",
                    url=text,
                    source_id="",
                    title=text,
                    authors=(text,),
                    fetched_at=_LONG_AGO,
                    text=text,
                    text_from=TextFrom.PAGE,
                    story="lint",
                )
            )
        return self._texts[text]

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Where in a folded text a spelling of any word stands."""
        return self._matcher.spans(text)

    def warning(self, rule: Rule, code: str, place: Place, /, **facts: object) -> Finding:
        """Something that works, but perhaps not as meant; `code` without its room."""
        return self._finding(Severity.WARNING, rule, code, place, facts)

    def error(self, rule: Rule, code: str, place: Place, /, **facts: object) -> Finding:
        """Something that makes a rule useless."""
        return self._finding(Severity.ERROR, rule, code, place, facts)

    def _finding(self, severity: Severity, rule: Rule, code: str, place: Place, facts: dict[str, object]) -> Finding:
        return Finding(
            severity=severity,
            code=f"rules.{code}",
            facts=tuple(facts.items()),
            file=place.file,
            line=place.line,
            column=place.column,
            source_line=self.book.line(place),
            rule=rule.id,
        )


def spot(place: Place) -> str:
    """As in "lists.yaml:3": another place that a finding speaks of."""
    return f"{Path(place.file).name}:{place.line}"
