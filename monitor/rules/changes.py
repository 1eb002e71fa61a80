"""The rules before and after an edit -> what was added, removed, changed, renamed. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass
from functools import cache
from typing import Any

from monitor.rules.book import Rule, RuleBook
from monitor.rules.language import Place, Term

#: What a rule is called, where it stands and what it is tried on: all of it may change without another verdict.
_BESIDE = frozenset(("id", "name", "order", "note", "tests"))
_TELLING = ("notify", "when", "mention", "severity", "weight", "throttle")
#: Pairs of rules that are compared in search of renamed ones; beyond it somebody has written new rules.
_MOST_PAIRS = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """Ids of rules, in the order of the rules."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    #: (before, after): the same rule under another name, which without an `id` of its own counts as a new one.
    renamed: tuple[tuple[str, str], ...] = ()

    def by_kind(self) -> Mapping[str, tuple[str, ...]]:
        """What is to be named: added, removed, changed."""
        return {"added": self.added, "removed": self.removed, "changed": self.changed}


def changes(before: RuleBook, after: RuleBook) -> Changes:
    """What an edit did, as far as verdicts and telling go."""
    old, new = {rule.id: rule for rule in before.rules}, {rule.id: rule for rule in after.rules}
    removed = [rule for id_, rule in old.items() if id_ not in new]
    added = [rule for id_, rule in new.items() if id_ not in old]
    renamed = _renamed(removed, added)
    return Changes(
        added=tuple(rule.id for rule in added if rule.id not in renamed.values()),
        removed=tuple(rule.id for rule in removed if rule.id not in renamed),
        changed=tuple(id_ for id_, rule in new.items() if id_ in old and not _same(old[id_], rule)),
        renamed=tuple(renamed.items()),
    )


def _renamed(removed: Sequence[Rule], added: Sequence[Rule]) -> Mapping[str, str]:
    found: dict[str, str] = {}
    if len(removed) * len(added) > _MOST_PAIRS:
        return found
    for rule in removed:
        after = next((one.id for one in added if one.id not in found.values() and _same(rule, one)), None)
        if after is not None:
            found[rule.id] = after
    return found


def _same(one: object, other: object) -> bool:
    """Whether two parts of rules say the same, wherever they stand."""
    if one is other or isinstance(one, Place):
        return True
    if type(one) is not type(other):
        return False
    if isinstance(one, Term) and isinstance(other, Term):
        return one.written == other.written
    if isinstance(one, tuple | frozenset) and isinstance(other, tuple | frozenset):
        return len(one) == len(other) and all(map(_same, _in_order(one), _in_order(other)))
    if is_dataclass(one) and not isinstance(one, type):
        return all(_same(getattr(one, name), getattr(other, name)) for name in _said(type(one)))
    return one == other


def _in_order(parts: tuple[object, ...] | frozenset[object]) -> Sequence[object]:
    """The words of a set as they are written."""
    if isinstance(parts, tuple):
        return parts
    return sorted(parts, key=lambda part: str(getattr(getattr(part, "term", part), "written", part)))


def told_otherwise(one: Rule, other: Rule) -> tuple[str, ...]:
    """The keys in which two versions of a rule differ that say who is told, when and how."""
    return tuple(key for key in _TELLING if not _same(getattr(one, key), getattr(other, key)))


@cache
def _said(kind: type[Any]) -> tuple[str, ...]:
    """The fields in which a rule is written; what is worked out from them follows."""
    return tuple(field.name for field in fields(kind) if field.init and (kind is not Rule or field.name not in _BESIDE))
