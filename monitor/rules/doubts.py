"""A word as typed -> what its editor hardly meant by it: an error where it would never be found, else a warning. Pure."""

import re
from collections.abc import Iterator
from typing import Any

import yaml
from yaml.constructor import ConstructorError

from monitor.rules.slips import DASHES, KEYS
from monitor.rules.tree import Scalar
from monitor.text.letters import CJK

#: A message code of the rules room, and its facts.
Problem = tuple[str, dict[str, object]]

_QUOTES = "\"“”„‟＂'‘’＇"
_WIDE_KEY = re.compile(rf"({'|'.join(sorted(KEYS, key=len, reverse=True))})\s*：")
_WIDE_DASH = re.compile(rf"([{DASHES}])[\s　]")
_WIDE_LIST = re.compile("-　")
_WIDE_BRACKET = re.compile("^［|］$")
_ROUND_LIST = re.compile(r"[(（][^()（）]*[,、，][^()（）]*[)）]")
_COMMA = re.compile(rf"[、，]|(?<=[{CJK}]),|,(?=\s*[{CJK}])")
_SPACE = re.compile(rf"　|(?<=[{CJK}])\s+(?=[{CJK}])")
_OR = rf"\s(?:OR|ＯＲ)\s|(?<=[{CJK}])(?:\s+or\s+|または|又は|もしくは|若しくは|あるいは|或いは)(?=[{CJK}])"
_AND = rf"\s(?:AND|ＡＮＤ)\s|(?<=[{CJK}])(?:\s+and\s+|および|及び)(?=[{CJK}])"
_NOT = r"\s(?:NOT|ＮＯＴ)\s"
_OPERATORS = (("any", re.compile(_OR)), ("all", re.compile(_AND)), ("none", re.compile(_NOT)))
#: A slash may stand between Latin letters or digits: AC/DC, 9/11.
_SIGN = re.compile(rf"(?<=\S)\s*([|｜;；]|(?<=[{CJK}])[／/]|／(?=[{CJK}]))\s*(?=\S)")
_REMARK = re.compile(r"\s(＃|//\s)")
_BRACKETED = re.compile(
    "「([^「」]+)」|『([^『』]+)』|（([^（）]+)）|\\(([^()]+)\\)|〈([^〈〉]+)〉|《([^《》]+)》|«([^«»]+)»"
)
_SIGNS_ALONE = re.compile("[、，,。.・;；|｜／/]+")
#: What parts the words of a phrase, the surest first.
_PARTS = tuple(
    re.compile(part)
    for part in (
        f"{_OR}|{_AND}|{_NOT}",
        rf"\s*[［］、，,;；|｜]\s*|(?<=[{CJK}])\s*[／/]\s*|\s*[／/]\s*(?=[{CJK}])",
        r"\s+",
    )
)
#: Words in which nothing can be mistyped: Japanese without signs, Latin longer than what YAML reads as a value.
_UNDOUBTED = re.compile(rf"(?!.*(?:{_OR}|{_AND}|{_NOT}))(?:[{CJK}][{CJK}A-Za-z0-9・]*|[A-Za-z]{{6}}[A-Za-z0-9 '.&-]*)")
#: Keys under which either kind of list might have been meant.
_EITHER = frozenset(("", "any", "all"))
_RESOLVER = yaml.resolver.Resolver()
_PLAIN_TAG = "tag:yaml.org,2002:str"
#: Newer versions of YAML read these as numbers, too.
_EXPONENT = re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+")


def is_undoubted(text: str) -> bool:
    """Whether nothing at all need be asked about this word, as about most."""
    return _UNDOUBTED.fullmatch(text) is not None


def typing_problem(node: Scalar) -> Problem | None:
    """Full-width signs where YAML wants ASCII, in a word without quotes that was therefore read as a whole."""
    text = node.text.strip()
    if key := _WIDE_KEY.match(text):
        return "fullwidth-colon", {"key": key[1], "fixed": f"{key[1]}: {text[key.end() :].strip()}"}
    if dash := _WIDE_DASH.match(text):
        return "fullwidth-dash", {"sign": dash[1], "fixed": f"- {text[dash.end() :].strip()}"}
    if _WIDE_LIST.match(text):
        return "wide-after-dash", {"fixed": f"- {text[1:].strip()}"}
    if len(text) > 1 and text[0] in _QUOTES and text[-1] in _QUOTES:
        return "fullwidth-quote", {"text": text[1:-1], "sign": text[0]}
    if node.end_line > node.line and " - " in text:
        return "many-lines", {"term": text}
    return None


def bracket_problem(text: str, key: str) -> Problem | None:
    """A list in brackets that make none."""
    facts: dict[str, object] = {"term": text, "words": _words(text.strip("()（）")), "key": key or "any"}
    if _WIDE_BRACKET.search(text):
        return "fullwidth-bracket", facts
    return ("round-bracket", facts) if _ROUND_LIST.fullmatch(text) else None


def doubts(node: Scalar, text: str, key: str) -> Iterator[Problem]:
    """What works, but hardly as meant. `key` is the one under which the word stands, "" where that is not known."""
    if "\n" in text or (node.plain and node.end_line > node.line):
        yield "joined-lines", {"term": " ".join(text.split())}
    elif node.plain:
        yield from _joined(text, key)
    if "*" in text.rstrip("* ") and (node.plain or re.search(rf"[{CJK}]\*|\*[{CJK}]", text.rstrip("* "))):
        yield "inner-star", {"term": text}
    if not node.plain:
        return
    if text[0] in "＄＊＃＠" or text.endswith("＊"):
        sign = text[0] if text[0] in "＄＊＃＠" else "＊"
        yield "fullwidth-sign", {"sign": sign, "ascii": chr(ord(sign) - 0xFEE0)}
    read_as = _yaml_value(text)
    if read_as is not None:
        yield "trap", {"term": text, "value": read_as}


def _joined(text: str, key: str) -> Iterator[Problem]:
    """What makes one phrase of words that were perhaps meant to be several, or of a word and what is none; at most one."""
    facts: dict[str, object] = {"term": text, "words": _words(text), "key": key}
    behind = "" if key in _EITHER else "-key"
    operator = next((kind for kind, sign in _OPERATORS if sign.search(text)), None)
    if _SIGNS_ALONE.fullmatch(text):
        yield "only-signs", facts
    elif remark := _REMARK.search(text):
        yield "remark-in-term", facts | {"sign": remark[1].strip(), "word": text[: remark.start()].strip()}
    elif bracketed := _BRACKETED.fullmatch(text):
        yield "bracketed-term", facts | {"word": next(filter(None, bracketed.groups()))}
    elif operator == "none":
        word, _, refused = _OPERATORS[-1][1].sub("\n", text).partition("\n")
        yield "operator-not", facts | {"word": word.strip(), "refused": refused.strip()}
    elif operator:
        yield "operator-in-term", facts | {"key": operator if key in _EITHER else key}
    elif sign := _SIGN.search(text):
        yield f"sign-in-term{behind}", facts | {"sign": sign[1]}
    elif _COMMA.search(text):
        yield f"fullwidth-comma{behind}", facts
    elif _SPACE.search(text):
        yield f"space-in-term{behind}", facts


def _words(text: str) -> str:
    parts = next((part for part in _PARTS if part.search(text)), _PARTS[-1])
    return ", ".join(word.strip() for word in parts.split(text) if word.strip())


def _yaml_value(text: str) -> str | None:
    """What other programs make of this word, where that is another word or none: NO -> False, 0120 -> 80, a date."""
    if _EXPONENT.fullmatch(text):
        return text
    tag: str = _RESOLVER.resolve(yaml.ScalarNode, text, (True, False))  # type: ignore[no-untyped-call]  # so are its stubs
    if tag == _PLAIN_TAG:
        return None
    try:
        value: Any = yaml.safe_load(text)
    except (ConstructorError, ValueError):
        return "?"
    return None if isinstance(value, int | float) and str(value) == text else str(value)
