"""The words of a rule -> doubts about each: too short, there twice, excepted for nothing; rules without a positive test."""

from collections.abc import Iterator

from monitor.model import Finding
from monitor.rules.book import Rule
from monitor.rules.conditions import Condition, Word
from monitor.rules.lint.remarks import Study, spot
from monitor.text.fold import term_forms


def single_words(study: Study) -> Iterator[Finding]:
    """In the order of the rules."""
    for rule in study.book.rules:
        yield from _short(study, rule)
        for node in study.nodes(rule):
            yield from _doubled(study, rule, node)
        yield from _useless_unless(study, rule)
        if rule.tests and not any(test.must_match for test in rule.tests):
            yield study.warning(rule, "no-match-test", rule.place)


def _short(study: Study, rule: Rule) -> Iterator[Finding]:
    for word in study.words(rule):
        if all(len(form) == 1 for form in study.forms[word]):
            code = "one-character-anywhere" if word.settings.boundary == "part" else "one-character"
            yield study.warning(rule, code, word.term.place, term=word.term.written)


def _doubled(study: Study, rule: Rule, node: Condition) -> Iterator[Finding]:
    """Terms of one list that are the same word once folded."""
    seen: dict[tuple[str, bool], Word] = {}
    for part in node.parts:
        if not isinstance(part, Word):
            continue
        first = seen.setdefault((study.forms[part][0], part.term.open_end), part)
        exact = part.settings.case == "exact" and part.term.literal != first.term.literal
        if first is not part and not exact:
            facts = {"term": part.term.written, "first": first.term.written, "place": spot(first.term.place)}
            yield study.warning(rule, "double-term", part.term.place, **facts)


def _useless_unless(study: Study, rule: Rule) -> Iterator[Finding]:
    """Strings of `unless_part_of` that no term can stand in."""
    used: dict[str, bool] = {}
    covers: dict[str, tuple[str, ...]] = {}
    for word in study.words(rule):
        for string in word.settings.unless_part_of:
            forms = covers.setdefault(string, term_forms(string))
            holds = any(form in cover for cover in forms for form in study.forms[word])
            used[string] = used.get(string, False) or holds
    for string, covering in used.items():
        if not covering:
            yield study.warning(rule, "useless-unless", rule.place, string=string)
