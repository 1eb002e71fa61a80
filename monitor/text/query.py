"""A search line as typed -> its words; what stands in quotes of any script is one word. Pure."""

import re

_PHRASE_OR_WORD = re.compile(r'"([^"]*)"?|([^\s"]+)')
_QUOTES = str.maketrans(dict.fromkeys("“”„‟＂〝〞〟", '"'))


def split_query(line: str) -> list[str]:
    """The words and phrases of a line, as typed and in its order."""
    return [phrase or word for phrase, word in _PHRASE_OR_WORD.findall(line.translate(_QUOTES)) if phrase or word]
