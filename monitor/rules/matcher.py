"""Rules -> Matcher; Article x Source x Matcher -> RuleHits. Pure, and fast with a hundred thousand terms.

One automaton holds every folded spelling of every term. Only where it hits are borders, case and `unless_part_of`
looked at, only rules with a hit of a word that can make them true are judged, and each only as far as needed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ahocorasick_rs import AhoCorasick, Implementation

from monitor.model import Article, Source, TextFrom
from monitor.rules.book import Rule
from monitor.rules.conditions import Condition, Occurrence, Word, walk
from monitor.rules.language import Field, Verdict
from monitor.text.borders import WordBorders, case_matches, stands
from monitor.text.fold import Folded, fold, term_forms

#: Characters of one part of an article that are read, and places of one spelling that are looked at: far more than any
#: article has, so that a hostile page cannot hold up the others.
MAX_TEXT = 500_000
MAX_PLACES = 1_000

_READING_ORDER = {name: place for place, name in enumerate(Field)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Letters of a word that stand in the text but do not count."""

    word: Word
    field: Field
    start: int
    end: int
    text: str
    #: "case", "part-of", or why the border does not hold ("inside", ...).
    reason: str
    #: The longer word or string that it is part of, where known.
    inside: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleHit:
    """One article answers one rule."""

    rule: Rule
    #: UNKNOWN where a text that could not be had might speak against it.
    verdict: Verdict
    #: What it rests on, in reading order.
    occurrences: tuple[Occurrence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Use:
    """A word that has a certain spelling; `covers` are those of its `unless_part_of` that can cover this spelling."""

    word: Word
    covers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Text:
    """One part of an article, folded once."""

    folded: Folded
    words: WordBorders


@dataclass(frozen=True, slots=True)
class _Letters:
    """One spelling as the automaton found it: folded offsets in one part of the article."""

    field: Field
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Found:
    """What one article holds of all words: `conditions.Evidence`. Judged lazily, each word at most once."""

    texts: Mapping[Field, _Text]
    missing: frozenset[Field]
    #: One condition that is taken for true, for asking "what if".
    supposed: Condition | None = None
    _letters: dict[Word, list[tuple[_Use, list[_Letters]]]] = field(default_factory=dict)
    _counted: dict[Word, tuple[Occurrence, ...]] = field(default_factory=dict)

    def add(self, use: _Use, letters: list[_Letters]) -> None:
        """One more spelling of a word that was found."""
        self._letters.setdefault(use.word, []).append((use, letters))

    def occurrences(self, word: Word) -> tuple[Occurrence, ...]:
        counted = self._counted.get(word)
        if counted is None:
            counted = tuple(_longest([one for one in self.weighed(word) if isinstance(one, Occurrence)]))
            self._counted[word] = counted
        return counted

    def present(self, words: frozenset[Word]) -> Collection[Word]:
        return self._letters.keys() & words

    def lacks(self, fields: Collection[Field]) -> bool:
        return not self.missing.isdisjoint(fields)

    def judge(self, condition: Condition) -> Verdict:
        return Verdict.TRUE if condition is self.supposed else condition.judge(self)

    def complete(self) -> "Found":
        """The same with the missing text taken for empty."""
        return replace(self, missing=frozenset()) if self.missing else self

    def supposing(self, condition: Condition) -> "Found":
        """The same, one condition taken for true."""
        return replace(self, supposed=condition)

    def weighed(self, word: Word) -> Iterator[Occurrence | Skipped]:
        """Every place where the letters stand, with what was decided about it."""
        for use, places in self._letters.get(word, ()):
            for letters in places:
                if letters.field in word.settings.fields:
                    yield self._weigh(use, letters)

    def _weigh(self, use: _Use, letters: _Letters) -> Occurrence | Skipped:
        word, text = use.word, self.texts[letters.field]
        start, end = text.folded.span(letters.start, letters.end)
        printed = text.folded.original[start:end]
        reason, inside = _objection(use, text, letters, printed)
        if reason is None:
            return Occurrence(word=word, field=letters.field, start=start, end=end, text=printed)
        return Skipped(word=word, field=letters.field, start=start, end=end, text=printed, reason=reason, inside=inside)


def _objection(use: _Use, text: _Text, letters: _Letters, printed: str) -> tuple[str | None, str | None]:
    """(why these letters do not count, what they are part of)."""
    settings, term = use.word.settings, use.word.term
    for cover in use.covers:
        at = text.folded.text.find(cover, max(0, letters.end - len(cover)), letters.start + len(cover))
        if at >= 0:
            start, end = text.folded.span(at, at + len(cover))
            return "part-of", text.folded.original[start:end]
    standing = stands(
        text.folded,
        letters.start,
        letters.end,
        boundary=settings.boundary,
        open_end=term.open_end,
        words=text.words,
    )
    if not standing.counts:
        return str(standing.reason), standing.inside
    return (None if case_matches(printed, term.literal, settings.case) else "case"), None


def _longest(occurrences: list[Occurrence]) -> list[Occurrence]:
    """Without those that lie within another: two spellings of one word (サーバ, サーバー) may hit one place."""
    if len(occurrences) < 2:  # noqa: PLR2004 - nothing to compare
        return occurrences
    kept: list[Occurrence] = []
    for one in sorted(occurrences, key=lambda one: (_READING_ORDER[one.field], one.start, -one.end)):
        if not kept or kept[-1].field != one.field or one.end > kept[-1].end:
            kept.append(one)
    return kept


class Matcher:
    """Compiled rules. Made by `compile_rules`; may be shared between threads, since it never changes."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.rules = tuple(rules)
        self._uses, self._fields = _uses(self.rules)
        self._rules_of = _rules_of(self.rules)
        self._spellings: list[tuple[_Use, ...]] = [tuple(uses) for uses in self._uses.values()]
        self._automaton = AhoCorasick(
            list(self._uses), store_patterns=False, implementation=Implementation.ContiguousNFA
        )
        self._uses = {}

    def find(self, article: Article, source: Source | None) -> list[RuleHit]:
        """The rules that the article answers, in their order.

        A text that is missing is taken for empty; a hit that might look otherwise with it is marked UNKNOWN.
        """
        found, candidates = self._look(article)
        complete = found.complete()
        hits = []
        for order in sorted(candidates):
            rule = self.rules[order]
            if told(rule, complete, source, article):
                verdict = judge(rule, found, source, article)
                hits.append(RuleHit(rule=rule, verdict=verdict, occurrences=_proof(rule, complete)))
        return hits

    def look(self, article: Article) -> Found:
        """What the article holds of all words."""
        return self._look(article)[0]

    def _look(self, article: Article) -> tuple[Found, set[int]]:
        texts = {}
        places: dict[int, list[_Letters]] = {}
        for name, text in _texts(article, self._fields):
            folded = fold(text)
            texts[name] = _Text(folded, WordBorders(folded.spelled))
            for spelling, start, end in self._automaton.find_matches_as_indexes(folded.text, overlapping=True):
                known = places.setdefault(spelling, [])
                if len(known) < MAX_PLACES:
                    known.append(_Letters(name, start, end))
        body_missing = article.text_from is not TextFrom.PAGE and article.missing is not None
        found = Found(texts=texts, missing=frozenset({Field.BODY} if body_missing else ()))
        candidates: set[int] = set()
        for spelling, letters in places.items():
            for use in self._spellings[spelling]:
                found.add(use, letters)
                candidates.update(self._rules_of[use.word])
        return found, candidates


def compile_rules(rules: Sequence[Rule]) -> Matcher:
    """Build the automaton. `rule.order` must be its place in `rules`, as `load_rules` gives it."""
    return Matcher([rule if rule.order == place else replace(rule, order=place) for place, rule in enumerate(rules)])


def judge(rule: Rule, found: Found, source: Source | None, article: Article) -> Verdict:
    """The verdict in three values, scope and conditions together."""
    scope = rule.scope.judge(source, article)
    if scope is Verdict.FALSE:
        return scope
    verdict = found.judge(rule.condition)
    return scope if verdict is Verdict.TRUE else verdict


def told(rule: Rule, complete: Found, source: Source | None, article: Article) -> bool:
    """Whether an article is told under a rule: on what is there, and where the scope does not speak against it."""
    scope = rule.scope.judge(source, article)
    return scope is not Verdict.FALSE and complete.judge(rule.condition) is Verdict.TRUE


def _proof(rule: Rule, found: Found) -> tuple[Occurrence, ...]:
    words = dict.fromkeys(rule.condition.proof(found))
    everything = [one for word in words for one in found.occurrences(word)]
    return tuple(sorted(everything, key=lambda one: (_READING_ORDER[one.field], one.start, one.end)))


def _texts(article: Article, wanted: Collection[Field]) -> Iterator[tuple[Field, str]]:
    parts = {
        Field.TITLE: article.title,
        Field.BODY: "" if article.text_from is TextFrom.TITLE else article.text,
        Field.AUTHOR: "\n".join(article.authors),
        Field.URL: article.url,
    }
    yield from ((name, text[:MAX_TEXT]) for name, text in parts.items() if text and name in wanted)


def _uses(rules: Iterable[Rule]) -> tuple[dict[str, list[_Use]], frozenset[Field]]:
    """Folded spelling -> the words that have it; and the parts of an article that any word looks at."""
    uses: dict[str, list[_Use]] = {}
    fields: set[Field] = set()
    unless: dict[tuple[str, ...], tuple[str, ...]] = {}
    for word in _words(rules):
        strings = word.settings.unless_part_of
        if strings not in unless:
            unless[strings] = tuple(dict.fromkeys(form for string in strings for form in term_forms(string) if form))
        fields.update(word.settings.fields)
        for form in term_forms(word.term.literal):
            if form:
                covers = tuple(string for string in unless[strings] if form in string)
                uses.setdefault(form, []).append(_Use(word=word, covers=covers))
    return uses, frozenset(fields)


def _words(rules: Iterable[Rule]) -> Iterator[Word]:
    """Every word once; rules that use one list share its words."""
    seen: set[Word] = set()
    for rule in rules:
        for node, _ in walk(rule.condition):
            if isinstance(node, Word) and node not in seen:
                seen.add(node)
                yield node


def _rules_of(rules: Sequence[Rule]) -> dict[Word, list[int]]:
    """Word -> places of the rules that it can make true; none for words that stand under `none` alone."""
    places: dict[Word, list[int]] = {}
    for place, rule in enumerate(rules):
        for node, wanted in walk(rule.condition):
            if isinstance(node, Word):
                known = places.setdefault(node, [])
                if wanted and rule.enabled and (not known or known[-1] != place):
                    known.append(place)
    return places
