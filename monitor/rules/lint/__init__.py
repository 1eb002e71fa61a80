"""RuleBook -> Findings of what works, but hardly as meant, and of rules that never can. Pure.

One file per kind of doubt: `words` (single terms), `overlaps` (terms that make others needless), `never` (terms, branches
and rules that cannot come true), `counts` (`at_least` that counts nothing), `twins` (rules that say the same), `history`
(what the archive remembers of them).
"""

from collections.abc import Iterable

from monitor.model import Finding, Severity
from monitor.rules.book import RuleBook
from monitor.rules.lint.counts import needless_counts
from monitor.rules.lint.never import contradictions
from monitor.rules.lint.overlaps import overlaps
from monitor.rules.lint.remarks import Study
from monitor.rules.lint.twins import twins
from monitor.rules.lint.words import single_words
from monitor.rules.matcher import Matcher


def lint(book: RuleBook, matcher: Matcher | None = None) -> tuple[Finding, ...]:
    """Findings about the rules that can be used; what stands in a shared list is told once.

    `matcher` holds the compiled rules of this book, where someone has them already.
    """
    study = Study(book=book, compiled=matcher)
    doubts = (single_words, overlaps, needless_counts, contradictions, twins)
    # Of pieces that a comma made nothing more is to be said.
    cut = {_place(finding) for finding in book.findings if finding.code == "rules.split-number"}
    return _once(finding for doubt in doubts for finding in doubt(study) if _place(finding) not in cut)


def _place(finding: Finding) -> tuple[str | None, int | None, int | None]:
    return finding.file, finding.line, finding.column


def faults(book: RuleBook, matcher: Matcher | None = None) -> tuple[Finding, ...]:
    """The errors among them: rules that never can match, which are refused like any other mistake."""
    found = contradictions(Study(book=book, compiled=matcher))
    return _once(finding for finding in found if finding.severity is Severity.ERROR)


def _once(found: Iterable[Finding]) -> tuple[Finding, ...]:
    once = {(one.code, one.file, one.line, one.column, one.facts): one for one in reversed(list(found))}
    return tuple(reversed(once.values()))
