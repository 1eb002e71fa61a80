"""What a person types for a rule -> the rule. Pure."""

from collections.abc import Sequence
from difflib import get_close_matches
from unicodedata import normalize

from monitor.errors import UsageError
from monitor.rules.book import Rule

_SHOWN = 20


def find_rule(name: str, rules: Sequence[Rule]) -> Rule:
    """The rule of this id, else of this name, however wide its letters. UsageError with the name of the nearest one, or with those there are."""
    for rule in sorted(rules, key=lambda rule: rule.id != name):
        if name in (rule.id, rule.name):
            return rule
    alike = [rule for rule in rules if plain_name(name) in map(plain_name, (rule.id, rule.name))]
    if len(alike) == 1:
        return alike[0]
    known = {label: rule.name for rule in rules for label in (rule.id, rule.name)}
    if near := get_close_matches(name, known, n=1, cutoff=0.5):
        raise UsageError("terminal.no-such-rule", name=name, suggestion=known[near[0]])
    raise UsageError("terminal.no-rule", name=name, known=", ".join(rule.name for rule in rules[:_SHOWN]))


def plain_name(name: str) -> str:
    """A name or id without what a keyboard may have been set to: full width, capitals."""
    return normalize("NFKC", name).casefold().strip()
