"""RuleBook x what the archive remembers -> rules renamed without keeping their id, rules that would flood. Pure."""

from collections.abc import Iterator, Mapping, Sequence

from monitor.model import Finding
from monitor.ports import PastRule
from monitor.rules.book import Rule, RuleBook
from monitor.rules.lint.remarks import Study

#: Of the words that an old rule was found by, more than so many must stand in the new one.
ALIKE = 0.5
#: Stories a day that nobody reads any more.
FLOOD = 100


def renames(book: RuleBook, past: Sequence[PastRule]) -> tuple[Finding, ...]:
    """Rules that never matched and look for the words of one that did and is gone."""
    study = Study(book=book)
    known = {rule.id for rule in book.rules}
    matched = {rule.id for rule in past}
    fresh = [rule for rule in book.rules if rule.id not in matched]
    return tuple(_renamed(study, [rule for rule in past if rule.id not in known], fresh))


def _renamed(study: Study, gone: Sequence[PastRule], fresh: list[Rule]) -> Iterator[Finding]:
    words = {rule.id: {word.term.written for word in study.words(rule)} for rule in fresh}
    for old in sorted(gone, key=lambda rule: -rule.matches):
        alike = max(words, key=lambda id_: len(words[id_] & old.terms), default=None)
        if alike is not None and len(words[alike] & old.terms) > len(old.terms) * ALIKE:
            del words[alike]
            rule = next(rule for rule in fresh if rule.id == alike)
            facts = {"old": old.name, "new": rule.name, "id": old.id, "count": old.matches}
            yield study.warning(rule, "renamed-rule", rule.place, **facts)


def floods(book: RuleBook, rates: Mapping[str, float]) -> tuple[Finding, ...]:
    """Rules that would tell more than anybody reads; `rates` are stories a day by rule."""
    study = Study(book=book)
    return tuple(
        study.warning(rule, "flood", rule.place, count=round(rate))
        for rule in book.rules
        if (rate := rates.get(rule.id, 0)) > FLOOD
    )
