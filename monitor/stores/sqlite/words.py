"""Text -> the pairs of characters it is searched by, and a search line -> the words it asks for. Pure.

Words of two characters are the rule in Japanese news, and no tokenizer of SQLite finds them; pairs find every word of two
or more characters, in any script, and the few articles that hold all pairs but not the word are sorted out on the text.
"""

import re
from operator import add

from monitor.stores.sqlite.values import clean
from monitor.text.fold import fold
from monitor.text.query import split_query

# An article of this length is a book; what lies behind is kept, but not found by search.
_LONGEST = 200_000
_MOST_PAIRS = 64
# What FTS5's ascii tokenizer takes for a border: ASCII that is neither letter nor digit.
_BORDERS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]")


def searchable(title: str, text: str) -> str:
    """Headline and body as they are compared: folded, with white space collapsed."""
    return " ".join(fold(clean(f"{title}\n\n{text}")).text.split())


def index_words(folded: str) -> str:
    """Searchable text -> what FTS5 is given: every pair once.

    A pair with a border in it ends up as one single character, so that last and lonely characters are found too.
    """
    folded = folded[:_LONGEST]
    return " ".join(set(map(add, folded, folded[1:] + " ")))


def wanted_words(line: str) -> list[str]:
    """What was typed -> folded words; quoted phrases are one word each."""
    return [word for word in (searchable("", part) for part in split_query(line)) if word]


def query_of(words: list[str]) -> str:
    """Folded words -> an FTS5 query for articles that may hold them all; "" where no word has anything to look up.

    Every pair stands in double quotes and cannot hold one, so that nothing that was typed is ever syntax.
    """
    pairs = dict.fromkeys(pair for word in words for pair in _pairs(word))
    return " AND ".join(list(pairs)[:_MOST_PAIRS])


def _pairs(word: str) -> list[str]:
    if len(word) == 1:
        return [] if _BORDERS.match(word) else [f'"{word}" *']
    bare = (_BORDERS.sub("", pair) for pair in map(add, word, word[1:]))
    return [f'"{pair}"' for pair in bare if pair]
