"""Words that stand side by side -> those that another one makes needless. Pure.

Judged by the engine itself: a word is needless where, in each of its own spellings, a shorter one of the same list counts.
"""

from bisect import bisect_right
from collections.abc import Iterator
from itertools import accumulate

from ahocorasick_rs import AhoCorasick

from monitor.model import Finding
from monitor.rules.book import Rule
from monitor.rules.conditions import AnyOf, Condition, NoneOf, Word
from monitor.rules.found import Found
from monitor.rules.lint.remarks import Study, spot


def overlaps(study: Study) -> Iterator[Finding]:
    """Terms of one `any` or `none` that are already found by another of its terms."""
    done: set[frozenset[Word]] = set()
    for rule in study.book.rules:
        for node in study.nodes(rule):
            either = _either(node)
            if either is not None and either.words not in done:
                done.add(either.words)
                yield from _swallowed(study, rule, either)


def _either(node: Condition) -> AnyOf | None:
    if isinstance(node, NoneOf):
        return node.inner
    return node if isinstance(node, AnyOf) else None


def _swallowed(study: Study, rule: Rule, either: AnyOf) -> Iterator[Finding]:
    words = [part for part in either.parts if isinstance(part, Word)]
    told: set[Word] = set()
    for short, long in _within(study, words):
        if long not in told and _always_found(study, short, long):
            told.add(long)
            facts = {"term": long.term.written, "by": short.term.written, "place": spot(short.term.place)}
            yield study.warning(rule, "swallowed", long.term.place, **facts)


def _within(study: Study, words: list[Word]) -> Iterator[tuple[Word, Word]]:
    """(the shorter, the longer) of words of which one is spelled within the other."""
    if len(words) < 2:  # noqa: PLR2004 - nothing to compare
        return
    spelled = [(form, word) for word in words for form in study.forms[word]]
    starts = [0, *accumulate(len(form) + 1 for form, _ in spelled)]
    automaton = AhoCorasick([form for form, _ in spelled], store_patterns=False)
    text = "\n".join(form for form, _ in spelled)
    for pattern, start, _ in automaton.find_matches_as_indexes(text, overlapping=True):
        short, long = spelled[pattern][1], spelled[bisect_right(starts, start) - 1][1]
        # What a name sheet spells out stands at one place, and is no doubt of an editor's.
        if short.term.place != long.term.place and not _same_word(study, short, long):
            yield short, long


def _same_word(study: Study, one: Word, other: Word) -> bool:
    return one.term.open_end == other.term.open_end and study.forms[one][0] == study.forms[other][0]


def _always_found(study: Study, short: Word, long: Word) -> bool:
    """Whether the shorter word counts wherever the longer one does, as far as the longer one alone can show it."""
    texts = (long.term.literal, *study.forms[long])
    counted = [(text, found) for text in texts if (found := study.look(text)).occurrences(long)]
    return bool(counted) and all(_counts(found, short, long, len(text)) for text, found in counted)


def _counts(found: Found, short: Word, long: Word, size: int) -> bool:
    """An open end goes on behind the text, where a closed one at its end would not count any more."""
    goes_on = long.term.open_end and not short.term.open_end
    return any(one.end < size or not goes_on for one in found.occurrences(short))
