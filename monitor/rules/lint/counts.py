"""`at_least` that asks for one, or for all: there is a plainer word for it. Pure."""

from collections.abc import Iterator

from monitor.model import Finding
from monitor.rules.conditions import Condition, Word, walk
from monitor.rules.counting import AtLeast
from monitor.rules.language import Place
from monitor.rules.lint.remarks import Study


def needless_counts(study: Study) -> Iterator[Finding]:
    """In the order of the rules."""
    for rule in study.book.rules:
        for node in study.nodes(rule):
            if isinstance(node, AtLeast) and node.wanted in {1, len(node.parts)}:
                key = "any" if node.wanted == 1 else "all"
                yield study.warning(rule, "needless-count", _first(node) or rule.place, n=node.wanted, key=key)


def _first(condition: Condition) -> Place | None:
    return next((node.term.place for node, _ in walk(condition) if isinstance(node, Word)), None)
