"""Rules -> Matcher; Article x Source x Matcher -> RuleHits. Pure, and fast with a hundred thousand terms.

One automaton holds every folded spelling of every term. Only where it hits are borders, case and `unless_part_of`
looked at, only rules with a hit of a word that can make them true are judged, and each only as far as needed.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from ahocorasick_rs import AhoCorasick, Implementation

from monitor.model import Article, Source, TextFrom
from monitor.rules.book import Rule
from monitor.rules.building import collector_paused
from monitor.rules.conditions import Condition, Occurrence, Pattern, Word, walk
from monitor.rules.found import MAX_PLACES, Found, Letters, Text, Use, reading_order
from monitor.rules.language import Field, Verdict
from monitor.text.fold import fold, term_forms, unread

#: Characters of one part of an article that are read: far more than any article has, so that a hostile page cannot hold
#: up the others.
MAX_TEXT = 500_000


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHit:
    """One article answers one rule."""

    rule: Rule
    #: UNKNOWN where a text that could not be had might speak against it.
    verdict: Verdict
    #: Whether the verdict is UNKNOWN for want of the body.
    needs_body: bool = False
    #: What it rests on, in reading order.
    occurrences: tuple[Occurrence, ...]


class Matcher:
    """Compiled rules. Made by `compile_rules`; may be shared between threads, since it never changes."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._uses, self._fields = _uses(self.rules)
        self._rules_of = _rules_of(self.rules)
        self._always = [
            place
            for leaf, places in self._rules_of.items()
            if isinstance(leaf, Pattern) and not leaf.regex.needs
            for place in places
        ]
        self._spellings: list[tuple[Use, ...]] = [tuple(uses) for uses in self._uses.values()]
        spellings = list(self._uses)
        # Let go before the automaton takes its room.
        self._uses = {}
        self._automaton = AhoCorasick(spellings, store_patterns=False, implementation=Implementation.ContiguousNFA)

    def find(self, article: Article, source: Source | None) -> list[RuleHit]:
        """The rules that the article answers, in their order.

        A text that is missing is taken for empty; a hit that might look otherwise with it is marked UNKNOWN.
        """
        found, candidates = self._look(article)
        complete = found.complete()
        hits = []
        for order in sorted(candidates):
            rule = self.rules[order]
            scope = rule.admits(source, article)
            if scope is Verdict.FALSE or not rule.condition.possible(found):
                continue
            if complete.judge(rule.condition) is Verdict.TRUE:
                needs_body = complete is not found and found.judge(rule.condition) is Verdict.UNKNOWN
                verdict = Verdict.UNKNOWN if needs_body else scope
                occurrences = _proof(rule, complete)
                hits.append(RuleHit(rule=rule, verdict=verdict, needs_body=needs_body, occurrences=occurrences))
        return hits

    def look(self, article: Article, rule: Rule | None = None, *, everywhere: bool = False) -> Found:
        """What the article holds of all words; with `rule` of its words alone, which costs less among many rules.

        `everywhere`: also in the parts that no word looks at, for telling where else one stands.
        """
        wanted = None if rule is None else frozenset(node for node, _ in walk(rule.condition))
        return self._look(article, wanted, frozenset(Field) if everywhere else self._fields)[0]

    def _look(
        self, article: Article, wanted: frozenset[Condition] | None = None, fields: frozenset[Field] | None = None
    ) -> tuple[Found, set[int]]:
        places: dict[int, list[Letters]] = {}
        texts: dict[Field, Text] = {}
        for name, text in _texts(article, self._fields if fields is None else fields):
            part = texts[name] = Text(name, fold(text))
            for spelling, letters in self._letters(part):
                known = places.setdefault(spelling, [])
                if len(known) < MAX_PLACES:
                    known.append(letters)
        body_missing = article.text_from is not TextFrom.PAGE and article.missing is not None
        found = Found(missing=frozenset({Field.BODY} if body_missing else ()), texts=texts)
        candidates = set(self._always)
        for spelling, known in places.items():
            for use in self._spellings[spelling]:
                if wanted is None or use.word in wanted:
                    found.add(use, known)
                    candidates.update(self._rules_of[use.word])
        return found, candidates

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Every place in a folded text where a spelling of any word stands, one within the other, too."""
        return ((start, end) for _, start, end in self._automaton.find_matches_as_indexes(text, overlapping=True))

    def _letters(self, part: Text) -> Iterator[tuple[int, Letters]]:
        """Every spelling in one part of an article, and then those that go on behind a reading in parentheses."""
        for spelling, start, end in self._automaton.find_matches_as_indexes(part.folded.text, overlapping=True):
            yield spelling, Letters(part, start, end)
        without_readings = unread(part.folded)
        if without_readings is None:
            return
        across = Text(part.field, without_readings)
        for spelling, start, end in self._automaton.find_matches_as_indexes(without_readings.text, overlapping=True):
            if without_readings.around_reading(start, end):
                yield spelling, Letters(across, start, end)


@collector_paused()
def compile_rules(rules: Sequence[Rule]) -> Matcher:
    """Build the automaton. `rule.order` must be its place in `rules`, as `load_rules` gives it."""
    return Matcher([rule if rule.order == place else replace(rule, order=place) for place, rule in enumerate(rules)])


def judge(rule: Rule, found: Found, source: Source | None, article: Article) -> Verdict:
    """The verdict in three values: scope, age and conditions together. A source that is not known is none to judge by."""
    outside = rule.admits(source, article) is Verdict.FALSE
    return Verdict.FALSE if outside else found.judge(rule.condition)


def told(rule: Rule, complete: Found, source: Source | None, article: Article) -> bool:
    """Whether an article is told under a rule: on what is there, and where neither scope nor age speaks against it."""
    scope = rule.admits(source, article)
    return scope is not Verdict.FALSE and complete.judge(rule.condition) is Verdict.TRUE


def _proof(rule: Rule, found: Found) -> tuple[Occurrence, ...]:
    once = {id(one): one for one in rule.condition.proof(found)}
    return tuple(sorted(once.values(), key=reading_order))


def _texts(article: Article, wanted: Collection[Field]) -> Iterator[tuple[Field, str]]:
    parts = {
        Field.TITLE: article.title,
        Field.BODY: "" if article.text_from is TextFrom.TITLE else article.text,
        Field.AUTHOR: "\n".join(article.authors),
        Field.URL: article.url,
    }
    yield from ((name, text[:MAX_TEXT]) for name, text in parts.items() if text and name in wanted)


def _uses(rules: Iterable[Rule]) -> tuple[dict[str, list[Use]], frozenset[Field]]:
    """Folded spelling -> the words that have it; and the parts of an article that any word looks at."""
    uses: dict[str, list[Use]] = {}
    fields: set[Field] = set()
    unless: dict[tuple[str, ...], tuple[str, ...]] = {}
    for word in _leaves(rules):
        if isinstance(word, Pattern):
            fields.update(word.settings.fields)
            for form in word.regex.needs:
                uses.setdefault(form, []).append(Use(word=word, covers=(), grows=False))
            continue
        strings = word.settings.unless_part_of
        if strings not in unless:
            unless[strings] = tuple(dict.fromkeys(form for string in strings for form in term_forms(string)))
        fields.update(word.settings.fields)
        forms = term_forms(word.term.literal)
        for form in forms:
            covers = tuple(string for string in unless[strings] if form in string)
            uses.setdefault(form, []).append(Use(word=word, covers=covers, grows=f"{form}ー" in forms))
    return uses, frozenset(fields)


def _leaves(rules: Iterable[Rule]) -> Iterator[Word | Pattern]:
    """Every word and expression once; rules that use one list share its words."""
    seen: set[Word | Pattern] = set()
    for rule in rules:
        for node, _ in walk(rule.condition):
            if isinstance(node, Word | Pattern) and node not in seen:
                seen.add(node)
                yield node


def _rules_of(rules: Sequence[Rule]) -> dict[Word | Pattern, list[int]]:
    """Word or expression -> places of the rules that it can make true; none for words that stand under `none` alone."""
    places: dict[Word | Pattern, list[int]] = {}
    for place, rule in enumerate(rules):
        for node, wanted in walk(rule.condition):
            if isinstance(node, Word | Pattern):
                known = places.setdefault(node, [])
                if wanted and rule.enabled and (not known or known[-1] != place):
                    known.append(place)
    return places
