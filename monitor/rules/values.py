"""YAML nodes -> plain values of the kind a key wants; everything else is reported."""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TypeVar

from monitor.rules.conditions import Word
from monitor.rules.doubts import typing_problem
from monitor.rules.findings import Report
from monitor.rules.language import Settings, Term
from monitor.rules.synonyms import meant_key
from monitor.rules.terms import empty_problem, unknown_list
from monitor.rules.tree import Node, Scalar, Series, Table
from monitor.text.durations import meant_duration, read_duration

#: Words of one list, counted as often as rules use it.
MAX_GIVEN = 1_000_000

#: An id made of an address: www-example-com-news-rss-xml.
_MADE = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+){2,}")

Choice = TypeVar("Choice", bound=str)
Entries = dict[str, tuple[Scalar, Node]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What reading one file needs to know, and where it reports."""

    report: Report
    #: Lists and name sheets.
    lists: Mapping[str, tuple[Term, ...]]
    channels: Collection[str]
    #: Ids and names of the sources, and their groups; `None`: not known, nothing is checked.
    sources: Collection[str] | None = None
    groups: Collection[str] | None = None
    #: A list's words are shared by all rules that use it with the same settings.
    shared: dict[tuple[str, Settings], tuple[Word, ...]] = field(default_factory=dict)
    #: The lists that any rule names, those with an error included.
    used: set[str] = field(default_factory=set)
    #: How often a list was asked for in which, by some mistake, nothing stands.
    hollow: list[str] = field(default_factory=list)
    #: How many words of each list all rules together were given.
    given: Counter[str] = field(default_factory=Counter)

    def words_of(self, name: str, at: Node, settings: Settings) -> tuple[Word, ...]:
        """The words of a `$list`; none where there is no such list."""
        if name not in self.lists:
            unknown_list(at, name, self.lists, self.report)
            return ()
        self.used.add(name)
        if not self.lists[name]:
            self.hollow.append(name)
        self.given[name] += len(self.lists[name])
        if self.given[name] > MAX_GIVEN:
            self.report.error("list-used-too-often", at, name=name, count=len(self.lists[name]), limit=MAX_GIVEN)
            return ()
        key = (name, settings)
        if key not in self.shared:
            self.shared[key] = tuple(Word(term=term, settings=settings) for term in self.lists[name])
        return self.shared[key]


def entries_of(table: Table, allowed: Collection[str], report: Report) -> Entries:
    """The known keys of a table with their values; doubled and unknown keys are reported."""
    entries: Entries = {}
    for key, value in table.entries:
        if not isinstance(key, Scalar):
            report.error("key-not-word", key)
        elif key.text in entries:
            report.error("double-key", key, key=key.text, first=entries[key.text][0].line)
        elif key.text in allowed:
            entries[key.text] = (key, value)
        else:
            _unknown_key(key, allowed, report)
    return entries


def _unknown_key(key: Scalar, allowed: Collection[str], report: Report) -> None:
    meant = meant_key(key.text, allowed)
    if (problem := typing_problem(key)) is not None and problem[0] != "fullwidth-quote":
        report.error(problem[0], key, **problem[1])
    elif meant is not None:
        report.error("unknown-key-meant", key, key=key.text, meant=meant)
    else:
        report.error("unknown-key", key, key=key.text, known=", ".join(allowed))


def few(names: Collection[str]) -> str:
    """As many as a hint can hold, those that people gave before those that were made of addresses."""
    return ", ".join(sorted(names, key=lambda name: (_MADE.fullmatch(name) is not None, name))[:10]) or "–"


def word(value: Node, key: str, report: Report) -> str | None:
    """One word or sentence, as typed."""
    if not isinstance(value, Scalar):
        report.error("want-word", value, key=key)
        return None
    text = value.text.strip()
    if not text:
        code, facts = empty_problem(value, report)
        report.error("empty-value" if code == "empty-term" else code, value, **facts | {"key": key})
        return None
    return text


def words(value: Node, key: str, report: Report) -> Iterator[tuple[Scalar, str]]:
    """One word or a list of them, each with its node."""
    if isinstance(value, Series) and not value.items:
        report.error("empty-list", value, key=key)
    for node in value.items if isinstance(value, Series) else (value,):
        text = word(node, key, report)
        if text is not None and isinstance(node, Scalar):
            yield node, text


def choice(value: Node, key: str, choices: tuple[Choice, ...], report: Report) -> Choice | None:
    """One of a few words."""
    text = word(value, key, report)
    chosen = next((one for one in choices if one == text), None)
    if text is not None and chosen is None:
        report.error("want-choice", value, key=key, value=text, choices=" / ".join(choices))
    return chosen


def flag(value: Node, key: str, report: Report) -> bool | None:
    """`true` or `false`."""
    text = choice(value, key, ("true", "false"), report)
    return None if text is None else text == "true"


def number(value: Node, key: str, report: Report) -> int | None:
    """A whole number of up to six digits."""
    text = word(value, key, report)
    if text is None:
        return None
    if not _is_number(text.removeprefix("-")):
        report.error("want-number", value, key=key, value=text)
        return None
    return int(text)


def count(value: Node, key: str, report: Report) -> int | None:
    """A whole number from 1 on, of up to six digits."""
    text = word(value, key, report)
    if text is None:
        return None
    if not (_is_number(text) and int(text)):
        report.error("want-count", value, key=key, value=text)
        return None
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6  # noqa: PLR2004 - say the docstrings of its users


def length(value: Node, key: str, report: Report) -> timedelta | None:
    """A length of time longer than nothing."""
    text = word(value, key, report)
    read = None if text is None else read_duration(text)
    if text is not None and not read:
        meant = meant_duration(text)
        if meant is not None and read_duration(meant) and meant != text:
            report.error("want-duration-meant", value, key=key, value=text, meant=meant)
        else:
            report.error("want-duration", value, key=key, value=text)
    return read or None
