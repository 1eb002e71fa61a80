"""RuleBook -> Findings of what works, but hardly as meant. Pure."""

from collections.abc import Iterator

from monitor.model import Finding, Severity
from monitor.rules.book import Rule, RuleBook
from monitor.rules.conditions import AllOf, AnyOf, Condition, NoneOf, Word, walk
from monitor.rules.language import Place
from monitor.text.fold import term_forms


def lint(book: RuleBook) -> tuple[Finding, ...]:
    """Warnings about the rules that can be used, in their order; what stands in a shared list is told once."""
    found = (finding for rule in book.rules for finding in _rule(rule, book))
    once = {(one.code, one.file, one.line, one.column, one.facts): one for one in reversed(list(found))}
    return tuple(reversed(once.values()))


def _rule(rule: Rule, book: RuleBook) -> Iterator[Finding]:
    words = [node for node, _ in walk(rule.condition) if isinstance(node, Word)]
    forms = {word: term_forms(word.term.literal) for word in words}
    for word in words:
        if all(len(form) == 1 for form in forms[word]):
            code = "one-character-anywhere" if word.settings.boundary == "part" else "one-character"
            yield _warning(book, rule, code, word.term.place, term=word.term.written)
    for node, _ in walk(rule.condition):
        if isinstance(node, AllOf | AnyOf | NoneOf):
            yield from _doubled(node, forms, book, rule)
    yield from _useless_unless(words, forms, book, rule)
    if not rule.tests:
        return
    if not any(test.must_match for test in rule.tests):
        yield _warning(book, rule, "no-match-test", rule.place)


def _doubled(node: Condition, forms: dict[Word, tuple[str, ...]], book: RuleBook, rule: Rule) -> Iterator[Finding]:
    """Terms of one list that are the same word once folded."""
    seen: dict[tuple[str, bool], Word] = {}
    for part in node.parts:
        if not isinstance(part, Word):
            continue
        key = (forms[part][0], part.term.open_end)
        first = seen.setdefault(key, part)
        exact = part.settings.case == "exact" and part.term.literal != first.term.literal
        if first is not part and not exact:
            facts = {"term": part.term.written, "first": first.term.written, "line": first.term.place.line}
            yield _warning(book, rule, "double-term", part.term.place, **facts)


def _useless_unless(
    words: list[Word], forms: dict[Word, tuple[str, ...]], book: RuleBook, rule: Rule
) -> Iterator[Finding]:
    """Strings of `unless_part_of` that no term can stand in."""
    used: dict[str, bool] = {}
    for word in words:
        for string in word.settings.unless_part_of:
            covers = any(form in cover for cover in term_forms(string) for form in forms[word])
            used[string] = used.get(string, False) or covers
    for string, covers in used.items():
        if not covers:
            yield _warning(book, rule, "useless-unless", rule.place, string=string)


def _warning(book: RuleBook, rule: Rule, code: str, place: Place, **facts: object) -> Finding:
    return Finding(
        severity=Severity.WARNING,
        code=f"rules.{code}",
        facts=tuple(facts.items()),
        file=place.file,
        line=place.line,
        column=place.column,
        source_line=book.line(place),
        rule=rule.id,
    )
