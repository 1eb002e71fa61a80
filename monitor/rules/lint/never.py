"""Rule -> terms, branches and whole rules that can never come true. Pure.

A term is dead where its own `unless_part_of` takes away every place it can stand in, or where a `none` around it finds
each of these places, too. A branch is dead when too few of its parts are alive; a rule is when its root is.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from monitor.model import Finding
from monitor.rules.book import Rule
from monitor.rules.conditions import AllOf, AnyOf, Condition, NoneOf, Word
from monitor.rules.counting import AtLeast
from monitor.rules.language import Place
from monitor.rules.lint.remarks import Study, spot
from monitor.rules.near import Near
from monitor.text.borders import case_matches
from monitor.text.fold import term_forms


@dataclass(frozen=True, slots=True, kw_only=True)
class Dead:
    """A term that can never count, and what stands against it."""

    word: Word
    #: The word of `none`; for `unless_part_of` its string.
    by: Word | str
    #: Whether it is so by the letters alone; otherwise as the engine judges the term by itself.
    sure: bool = True

    @property
    def code(self) -> str:
        return "part-of" if isinstance(self.by, str) else "none"

    def facts(self) -> dict[str, object]:
        if isinstance(self.by, str):
            return {"term": self.word.term.written, "by": self.by}
        return {"term": self.word.term.written, "by": self.by.term.written, "place": spot(self.by.term.place)}


def contradictions(study: Study) -> Iterator[Finding]:
    """An error where a whole rule can never match, else a warning for each of its dead terms."""
    for rule in study.book.rules:
        inquest = _Inquest(study)
        fatal = inquest.kills(rule.condition, ())
        if fatal is not None:
            said = study.error if all(dead.sure for dead in inquest.dead) else study.warning
            yield said(rule, f"never-{fatal.code}", _place(study, rule, fatal), **fatal.facts())
            continue
        for dead in inquest.dead:
            if id(dead.word.term) not in study.shared:
                yield study.warning(rule, f"dead-{dead.code}", dead.word.term.place, **dead.facts())


def _place(study: Study, rule: Rule, dead: Dead) -> Place:
    return rule.place if id(dead.word.term) in study.shared else dead.word.term.place


@dataclass(frozen=True, slots=True)
class _Inquest:
    """What is dead in one rule, in order."""

    study: Study
    dead: list[Dead] = field(default_factory=list)

    def kills(self, node: Condition, barring: tuple[Word, ...]) -> Dead | None:
        """What makes this node impossible, while none of the words `barring` may stand in the article."""
        if isinstance(node, Word):
            return self._word(node, barring)
        if isinstance(node, AnyOf):
            found = [self.kills(part, barring) for part in node.parts]
            return found[0] if found and all(found) else None
        if isinstance(node, AtLeast):
            found = [dead for part in node.parts if (dead := self.kills(part, barring)) is not None]
            return found[0] if len(node.parts) - len(found) < node.wanted else None
        if isinstance(node, Near):
            sides = [self.kills(side, barring) for side in node.parts]
            return next((dead for dead in sides if dead is not None), None)
        if isinstance(node, AllOf):
            barring += tuple(word for part in node.parts if isinstance(part, NoneOf) for word in _either(part.inner))
            found = [self.kills(part, barring) for part in node.parts]
            return next((dead for dead in found if dead is not None), None)
        return None

    def _word(self, word: Word, barring: tuple[Word, ...]) -> Dead | None:
        dead = self._excepted(word) or self._barred(word, barring)
        if dead is not None:
            self.dead.append(dead)
        return dead

    def _excepted(self, word: Word) -> Dead | None:
        covers = {form: string for string in word.settings.unless_part_of for form in term_forms(string)}
        forms = self.study.forms[word]
        return Dead(word=word, by=covers[forms[0]]) if forms and covers.keys() >= set(forms) else None

    def _barred(self, word: Word, barring: tuple[Word, ...]) -> Dead | None:
        doubtful = None
        for by in barring:
            if not self._within(by, word) or not set(word.settings.fields) <= set(by.settings.fields):
                continue
            if _follows(by, word, self.study.forms):
                return Dead(word=word, by=by)
            if doubtful is None and self._found_with(by, word):
                doubtful = Dead(word=word, by=by, sure=False)
        return doubtful

    def _within(self, by: Word, word: Word) -> bool:
        forms = self.study.forms
        return all(any(form in own for form in forms[by]) for own in forms[word])

    def _found_with(self, by: Word, word: Word) -> bool:
        """As far as the word alone can show it: edges that both have in common are judged alike."""
        if not _allows(by, word) or by.settings.boundary != word.settings.boundary or word.term.open_end:
            return False
        counted = [found for text in self.study.forms[word] if (found := self.study.look(text)).occurrences(word)]
        return bool(counted) and all(found.occurrences(by) for found in counted)


def _either(condition: AnyOf) -> Iterator[Word]:
    """The words each of which alone makes it true."""
    for part in condition.parts:
        if isinstance(part, Word):
            yield part
        elif isinstance(part, AnyOf):
            yield from _either(part)


def _follows(by: Word, word: Word, forms: Mapping[Word, tuple[str, ...]]) -> bool:
    """Whether `by`, whose letters are in those of `word`, counts wherever `word` does, whatever stands around."""
    ours, theirs = word.settings, by.settings
    if not _allows(by, word):
        return False
    if _is_strict(by) and not (_is_strict(word) and by.term.literal in word.term.literal):
        return False
    if theirs.boundary == "part":
        return True
    same = set(forms[word]) <= set(forms[by]) and (by.term.open_end or not word.term.open_end)
    return same and ours.boundary in {theirs.boundary, "whole"}


def _allows(by: Word, word: Word) -> bool:
    """Whether nothing is excepted or spelled apart for `by` alone."""
    ours, theirs = word.settings, by.settings
    return set(theirs.unless_part_of) <= set(ours.unless_part_of) and theirs.unfolded == ours.unfolded


def _is_strict(word: Word) -> bool:
    """Whether it is found in the case in which it is typed alone."""
    return not case_matches(word.term.literal.swapcase(), word.term.literal, word.settings.case)
