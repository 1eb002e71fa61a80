"""Rules that say the same: equal conditions, sources and channels. Pure."""

from collections.abc import Hashable, Iterator
from dataclasses import fields

from monitor.model import Finding
from monitor.rules.book import Rule
from monitor.rules.conditions import Word
from monitor.rules.lint.remarks import Study, spot


def twins(study: Study) -> Iterator[Finding]:
    """Of rules that are switched on, those that add nothing to an earlier one."""
    seen: dict[Hashable, Rule] = {}
    for rule in study.book.rules:
        if not rule.enabled:
            continue
        first = seen.setdefault(_said(study, rule), rule)
        if first is not rule:
            yield study.warning(rule, "twin-rule", rule.place, other=first.name, place=spot(first.place))


def _said(study: Study, rule: Rule) -> Hashable:
    telling = (frozenset(rule.notify), rule.when, rule.mention, rule.severity)
    return (*telling, rule.scope, rule.age, rule.threshold, rule.throttle, _condition(study, rule.condition))


def _condition(study: Study, node: object) -> Hashable:
    """The same for two conditions that hold for the same articles as far as their writing shows; order is no matter."""
    if isinstance(node, Word):
        return study.forms[node][0], node.term.open_end, node.settings
    if isinstance(node, tuple):
        return frozenset(_condition(study, part) for part in node)
    if isinstance(node, Hashable) and not _is_condition(node):
        return node
    written = (one.name for one in fields(node) if one.init)  # type: ignore[arg-type]  # every kind is a dataclass
    return type(node), tuple(_condition(study, getattr(node, name)) for name in written)


def _is_condition(node: object) -> bool:
    return hasattr(node, "judge") and hasattr(node, "parts")
