"""Folded terms -> searches that say which of them stand in a folded text: what our matcher is measured against.

None of them knows borders, case or `unless_part_of`; they get the text already folded. `rs` is the automaton that ours is
built on, alone: the floor. Those of `requirements.in` are left out where they are not installed.
"""

import re
from collections.abc import Callable, Mapping

import ahocorasick_rs

try:
    import ahocorasick
    import daachorse
except ImportError:
    ahocorasick = daachorse = None

#: Folded text -> the terms whose letters stand in it.
Search = Callable[[str], set[str]]
#: Folded spelling -> term.
Terms = Mapping[str, str]


def loop_of_in(folded: Terms) -> Search:
    return lambda text: {term for form, term in folded.items() if form in text}


def alternation(folded: Terms) -> Search:
    """Longest first; the lookahead lets words overlap, the shorter of two at one place are looked up."""
    pattern = re.compile("(?=(" + "|".join(map(re.escape, sorted(folded, key=len, reverse=True))) + "))")

    def search(text: str) -> set[str]:
        hits = set()
        for found in pattern.finditer(text):
            longest = found[1]
            hits.update(folded[longest[:end]] for end in range(1, len(longest) + 1) if longest[:end] in folded)
        return hits

    return search


def pyahocorasick(folded: Terms) -> Search:
    automaton = ahocorasick.Automaton()
    for form, term in folded.items():
        automaton.add_word(form, term)
    automaton.make_automaton()
    return lambda text: {term for _, term in automaton.iter(text)}


def daachorse_charwise(folded: Terms) -> Search:
    automaton = daachorse.CharwiseDoubleArrayAhoCorasick(list(folded))
    terms = list(folded.values())
    return lambda text: {terms[number] for _, _, number in automaton.find_overlapping(text)}


def ahocorasick_rs_alone(folded: Terms) -> Search:
    automaton = ahocorasick_rs.AhoCorasick(
        list(folded), store_patterns=False, implementation=ahocorasick_rs.Implementation.ContiguousNFA
    )
    terms = list(folded.values())
    return lambda text: {terms[number] for number, _, _ in automaton.find_matches_as_indexes(text, overlapping=True)}


#: Name in the table -> what makes it, and whether its cost grows with the number of terms.
RIVALS: dict[str, tuple[Callable[[Terms], Search], bool]] = {
    "in": (loop_of_in, True),
    "re": (alternation, True),
    "rs": (ahocorasick_rs_alone, False),
    **({"pyaho": (pyahocorasick, False), "daac": (daachorse_charwise, False)} if daachorse else {}),
}
