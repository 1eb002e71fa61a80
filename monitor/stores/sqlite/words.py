"""Text -> the pairs of characters it is searched by, and a search -> what SQLite is asked for. Pure.

Words of two characters are the rule in Japanese news, and no tokenizer of SQLite finds them; pairs find every word of two
or more characters, in any script, and the few articles that hold all pairs but not the word are sorted out on the text.
"""

import re
import unicodedata
from operator import add

from monitor.stores.sqlite.values import clean
from monitor.text.fold import fold, term_forms, unread
from monitor.text.query import Either, Every, Node, Term, Without

#: Names what makes words of a text: where it differs from what the index was made by, the index is made anew. A change of
#: the folding in `monitor.text` or of the pairs below needs another number, which a test asks for.
FOLDING = f"1/{unicodedata.unidata_version}"

# An article of this length is a book; what lies behind is kept, but not found by search.
_LONGEST = 200_000
_MOST_PAIRS = 64
# What FTS5's ascii tokenizer takes for a border: ASCII that is neither letter nor digit.
_BORDERS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]")


def searchable(title: str, text: str) -> str:
    """Headline and body as they are compared: folded, with white space collapsed; a second time where there are readings."""
    folded = fold(clean(f"{title}\n\n{text}"))
    without_readings = unread(folded)
    return " ".join(f"{folded.text}\n\n{without_readings.text if without_readings else ''}".split())


def index_words(folded: str) -> str:
    """Searchable text -> what FTS5 is given: every pair once.

    A pair with a border in it ends up as one single character, so that last and lonely characters are found too.
    """
    folded = folded[:_LONGEST]
    return " ".join(set(map(add, folded, folded[1:] + " ")))


def query_of(node: Node) -> str:
    """A search -> an FTS5 query for all articles that may answer it; "" where the index can leave none out.

    What is excluded is not asked for: the pairs of a word stand in articles without the word, too. Every pair stands in
    double quotes and cannot hold one, so that nothing that was typed is ever syntax.
    """
    match node:
        case Term(word=word):
            return _either([_pairs(" ".join(clean(form).split())) for form in term_forms(word)])
        case Every(nodes=nodes):
            return _joined(" AND ", [part for part in map(query_of, nodes) if part])
        case Either(nodes=nodes):
            return _either([query_of(one) for one in nodes])
        case _:
            return ""


def sure_query_of(root: Node) -> str:
    """Likewise for those articles in which nothing can stand that is excluded; "" where nothing is."""
    nodes = root.nodes if isinstance(root, Every) else ()
    excluded = [part for node in nodes if isinstance(node, Without) and (part := query_of(node.node))]
    wanted = query_of(root)
    return f"({wanted}) NOT {_joined(' OR ', excluded)}" if wanted and excluded else ""


def _either(parts: list[str]) -> str:
    return _joined(" OR ", parts) if all(parts) else ""


def _joined(sign: str, parts: list[str]) -> str:
    parts = list(dict.fromkeys(parts))
    return f"({sign.join(parts)})" if len(parts) > 1 else "".join(parts)


def _pairs(word: str) -> str:
    if len(word) == 1:
        return "" if _BORDERS.match(word) else f'"{word}" *'
    bare = dict.fromkeys(_BORDERS.sub("", pair) for pair in map(add, word, word[1:]))
    return _joined(" AND ", [f'"{pair}"' for pair in bare if pair][:_MOST_PAIRS])
