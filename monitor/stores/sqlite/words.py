"""Text -> the pairs of characters and the words it is searched by, and a search -> what SQLite is asked for. Pure.

Words of two characters are the rule in Japanese news, and no tokenizer of SQLite finds them; pairs find every word of two
or more characters, in any script, and the few articles that hold all pairs but not the word are sorted out on the text.
Short Latin words stand as letters in nearly every text (AI in "said"): those are found by the words that stand alone, and
what is excluded is left out by them.
"""

import re
import unicodedata
from operator import add

from monitor.stores.sqlite.values import clean
from monitor.text.alone import LONGEST, LONGEST_PART, alone, dotted
from monitor.text.fold import fold, term_forms, unread
from monitor.text.query import Either, Every, Node, Part, Query, Term, Without
from monitor.text.spelling import is_acronym

#: Names what makes words of a text: where it differs from what the index was made by, the index is made anew. A change of
#: the folding in `monitor.text`, of its `alone` or of the pairs below needs another number, which a test asks for.
FOLDING = f"2/{unicodedata.unidata_version}"

# An article of this length is a book; what lies behind is kept, but not found by search.
_LONGEST = 200_000
_MOST_PAIRS = 64
# What FTS5's ascii tokenizer takes for a border: ASCII that is neither letter nor digit.
_BORDERS = re.compile(r"[\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\x7f]")
# What stands alone, told from pairs by its length and by a sign that no folded text holds.
_WORD, _CAPITALS, _PART = "＝", "＾", "＋"
_PHRASE = re.compile("[a-z]+(?: [a-z]+)*")
_ACRONYM = re.compile(r"(?:[a-z]\.){2,}")


def searchable(title: str, text: str) -> str:
    """Headline and body as they are compared: folded, with white space collapsed; a second time where there are readings."""
    folded = fold(clean(f"{title}\n\n{text}"))
    without_readings = unread(folded)
    return " ".join(f"{folded.text}\n\n{without_readings.text if without_readings else ''}".split())


def index_words(title: str, text: str) -> str:
    """Headline and body -> what FTS5 is given, each once: every pair, and what stands alone.

    A pair with a border in it ends up as one single character, so that last and lonely characters are found too.
    """
    folded = searchable(title, text)[:_LONGEST]
    standing = alone(clean(f"{title}\n\n{text}")[:_LONGEST])
    words = set(map(add, folded, folded[1:] + " "))
    words.update(_WORD + word for word in standing.words)
    words.update(_CAPITALS + word for word in standing.capitals)
    words.update(_PART + part for part in standing.parts | dotted(folded))
    return " ".join(words)


def query_of(query: Query) -> str:
    """A search -> an FTS5 query for all articles that may answer it; "" where the index can leave none out.

    What is excluded leaves out only articles in which it stands alone: its pairs stand in others, too. Everything stands in
    double quotes and cannot hold one, so that nothing that was typed is ever syntax.
    """
    unwanted = [word for node in _excluded(query) for word in _alone(node)] if query.boundary == "auto" else []
    return _without(_held(query.root, query), unwanted)


def sure_query_of(query: Query) -> str:
    """Likewise for those articles in which nothing can stand that is excluded; "" where nothing is."""
    unwanted = [part for node in _excluded(query) if (part := _held(node, query))]
    return _without(_held(query.root, query), unwanted) if unwanted else ""


def _without(wanted: str, unwanted: list[str]) -> str:
    return f"({wanted}) NOT {_joined(' OR ', unwanted)}" if wanted and unwanted else wanted


def _excluded(query: Query) -> list[Node]:
    nodes = query.root.nodes if isinstance(query.root, Every) else ()
    return [node.node for node in nodes if isinstance(node, Without)]


def _held(node: Node, query: Query) -> str:
    """What every article holds in which a condition holds."""
    match node:
        case Term():
            return _either([_form(form, node, query) for form in term_forms(node.word)])
        case Every(nodes=nodes):
            return _joined(" AND ", [part for one in nodes if (part := _held(one, query))])
        case Either(nodes=nodes):
            return _either([_held(one, query) for one in nodes])
        case _:
            return ""


def _alone(node: Node) -> list[str]:
    """Words that make a condition hold wherever one of them stands alone."""
    match node:
        case Term(part=Part.ANY):
            sign = _CAPITALS if is_acronym(node.word) else _WORD
            return [f'"{sign}{form}"' for form in term_forms(node.word) if not _BORDERS.search(form)]
        case Either(nodes=nodes):
            return [word for one in nodes for word in _alone(one)]
        case _:
            return []


def _form(form: str, term: Term, query: Query) -> str:
    """One form of a word."""
    form = " ".join(clean(form).split())
    if query.boundary == "part":
        return _pairs(form)
    sign = _CAPITALS if is_acronym(term.word) else _WORD
    if _ACRONYM.fullmatch(form):
        return _word(form.replace(".", ""), sign)
    words = form.split() if _PHRASE.fullmatch(form) else []
    parts = [_word(word, sign) for word in words[: -1 if term.open_end else None] if 1 < len(word) <= LONGEST]
    if term.open_end and parts:
        parts.append(_pairs(words[-1]))
    return _joined(" AND ", parts) or _pairs(form)


def _word(word: str, sign: str) -> str:
    return f'("{sign}{word}" OR "{_PART}{word[:LONGEST_PART]}")'


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
