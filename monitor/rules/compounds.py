"""Articles x Matcher -> the longer words in which terms stand and do not count: インド in インドネシア. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from monitor.rules.conditions import Occurrence, Word, walk
from monitor.rules.found import Found, Skipped
from monitor.rules.matcher import Matcher
from monitor.text.borders import Reason

_BORDERS = frozenset(map(str, Reason))
#: The longest piece of a text that is shown as a word.
_LONGEST = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Compounds:
    """One term, and how often it was skipped in which longer words, most first."""

    term: str
    #: Places, and the articles that they stand in.
    count: int
    articles: int
    inside: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class CompoundCount:
    """Counts what borders alone kept from counting, each place once however many rules look for the term."""

    words: frozenset[Word]
    _inside: dict[str, Counter[str]] = field(default_factory=dict)
    _articles: Counter[str] = field(default_factory=Counter)

    @classmethod
    def of(cls, matcher: Matcher) -> "CompoundCount":
        """For the rules that are switched on."""
        rules = (rule for rule in matcher.rules if rule.enabled)
        return cls(frozenset(node for rule in rules for node, _ in walk(rule.condition) if isinstance(node, Word)))

    def add(self, found: Found) -> None:
        """What one article holds."""
        seen: set[tuple[str, str, int]] = set()
        for word in found.present(self.words):
            weighed = list(found.weighed(word))
            counted = [one for one in weighed if isinstance(one, Occurrence)]
            for one in weighed:
                place = (word.term.written, str(one.field), one.start)
                if (
                    isinstance(one, Skipped)
                    and one.reason in _BORDERS
                    and place not in seen
                    and not _covered(one, counted)
                ):
                    seen.add(place)
                    inside = " ".join((one.inside or one.text).split())[:_LONGEST]
                    self._inside.setdefault(word.term.written, Counter())[inside] += 1
        self._articles.update({term for term, _, _ in seen})

    def compounds(self, *, least: int = 1) -> tuple[Compounds, ...]:
        """The terms that were skipped so often, most first."""
        counts = ((term, inside.total(), inside) for term, inside in self._inside.items())
        often = sorted((one for one in counts if one[1] >= least), key=lambda one: (-one[1], one[0]))
        return tuple(
            Compounds(term=term, count=count, articles=self._articles[term], inside=tuple(inside.most_common()))
            for term, count, inside in often
        )


def _covered(one: Skipped, counted: Sequence[Occurrence]) -> bool:
    """Whether another spelling of the word counts there."""
    return any(hit.field is one.field and hit.start < one.end and one.start < hit.end for hit in counted)
