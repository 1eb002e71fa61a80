"""libyaml's complaint + the text -> the editor's mistake behind it. Pure."""

import re

import yaml


class TreeError(Exception):
    """The text is no YAML that we read: a message code of the rules room, its place and facts."""

    def __init__(self, code: str, line: int, column: int, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.line = line
        self.column = column
        self.facts = facts


# libyaml's sentence -> our code, and whether the mistake stands where the construct began.
_PROBLEMS = (
    ("mapping values are not allowed", "yaml-colon", False),
    ("could not find expected ':'", "yaml-no-colon", True),
    ("found unexpected end of stream", "yaml-quote", True),
    ("did not find expected ',' or ']'", "yaml-bracket", True),
    ("did not find expected ',' or '}'", "yaml-bracket", True),
    ("did not find expected '-' indicator", "yaml-indent", False),
    ("did not find expected key", "yaml-indent", False),
    ("did not find expected <block end>", "yaml-indent", False),
    ("did not find expected <document start>", "yaml-indent", False),
    ("block sequence entries are not allowed", "dash-behind-key", False),
    ("found unexpected document indicator", "yaml-quote", True),
    ("did not find expected node content", "yaml-node", False),
)
_SIGN_CONTEXTS = {"while scanning a block scalar", "while scanning a directive"}
#: So many lines back a list may begin that the parser stumbles out of only here.
_NEAR = 3
#: Longer lines are not searched for what stands within them.
_LONGEST_LINE = 2_000
_QUOTED = r"""(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')"""
# A list on one line, the comment in it that was to be a word, and its end.
_HASH_IN_LIST = re.compile(rf"""[\[{{](?:{_QUOTED}|[^\]}}"'#]|(?<!\s)#)*\s(?P<text>#[^\s,\]}}#]+)[^\[{{]*[\]}}]""")
_VALUE = re.compile(r"^(?P<lead>\s*(?:- +)*)(?:(?P<key>[^\s\"'\[{:][^\"'\[{:]*): +)?(?P<value>\S.*?)\s*$")
_WIDE_COMMA = re.compile(r"""(?<=["'\]}\w])\s*(?P<sign>[、，])\s*(?=["'\[{]|[a-z_]+:\s)""")


def told(error: yaml.MarkedYAMLError, text: str) -> TreeError:
    """The mistake with its place."""
    problem = error.problem_mark
    assert problem is not None  # the parser always says where
    begin = error.context_mark or problem
    lines = text.splitlines() or [""]
    sentence, context = error.problem or "", error.context or ""
    return (
        _in_word(sentence, context, begin, problem, lines)
        or _hash_in_list(sentence, problem, lines)
        or _wrong_start(lines, problem)
        or _behind_value(sentence, problem, lines)
        or _between_words(sentence, begin, problem, lines)
        or _wide_brace(sentence, problem, lines)
        or _known_problem(sentence, begin, problem)
    )


def _at(code: str, mark: yaml.Mark, **facts: object) -> TreeError:
    return TreeError(code, mark.line + 1, mark.column + 1, **facts)


def _line(lines: list[str], number: int) -> str:
    return lines[number][:_LONGEST_LINE] if number < len(lines) else ""


def _in_word(sentence: str, context: str, begin: yaml.Mark, mark: yaml.Mark, lines: list[str]) -> TreeError | None:
    """Where YAML makes something else of the signs in a word."""
    rest = _line(lines, begin.line)[begin.column :]
    if "unknown escape" in sentence or "hexdecimal" in sentence:
        quoted = re.match(_QUOTED, rest)
        return _at(
            "escape",
            mark,
            text=quoted[0][1:-1] if quoted else rest.strip('"'),
            sign=_line(lines, mark.line)[mark.column :][:2],
        )
    if "scanning a tag" in context:
        return _at("tag", begin, tag=_word(rest))
    if context in _SIGN_CONTEXTS or "mapping keys are not allowed" in sentence:
        return _at("quote-sign", begin, sign=rest[:1], text=_word(rest))
    if "unexpected ':'" in sentence:
        line = _line(lines, mark.line)
        return _at("no-space-after-colon", mark, fixed=f"{line[: mark.column]}: {line[mark.column + 1 :]}".strip())
    return None


def _word(rest: str) -> str:
    return re.split(r"\s#", rest)[0].strip()


def _hash_in_list(sentence: str, mark: yaml.Mark, lines: list[str]) -> TreeError | None:
    if "did not find expected" not in sentence:
        return None
    for number in range(max(mark.line - _NEAR, 0), mark.line + 1):
        found = _HASH_IN_LIST.search(_line(lines, number))
        if found:
            return TreeError("hash-in-list", number + 1, found.start("text") + 1, text=found["text"])
    return None


def _wrong_start(lines: list[str], mark: yaml.Mark) -> TreeError | None:
    line = lines[mark.line] if mark.line < len(lines) else ""
    sign = line[mark.column : mark.column + 1]
    # YAML takes * and & for the beginning of a name, which must be ASCII.
    before = line[mark.column - 1 : mark.column]
    if sign.strip() and before and before in "*&":
        word = re.split(r"[\s,\]}]", line[mark.column - 1 :])[0]
        code = "leading-star" if before == "*" else "quote-sign"
        return TreeError(code, mark.line + 1, mark.column, term=word, sign=before, text=word)
    if "\t" in (sign, line[: mark.column + 1][-1:]) or line[: len(line) - len(line.lstrip())].count("\t"):
        return TreeError("tab", mark.line + 1, line.index("\t") + 1)
    return _wrong_sign(line, sign, mark)


def _wrong_sign(line: str, sign: str, mark: yaml.Mark) -> TreeError | None:
    if sign == ",":
        return _stray_comma(line, mark)
    if sign and sign in "]}":
        return _at("stray-bracket", mark, sign=sign)
    if sign and sign in "@`%|>":
        rest = line[mark.column :].split(" #", maxsplit=1)[0].strip()
        if rest.startswith("```"):
            return _at("fence", mark, text=rest)
        return _at("quote-sign", mark, sign=sign, text=rest)
    return None


def _stray_comma(line: str, mark: yaml.Mark) -> TreeError:
    """Behind a quote; perhaps more words follow."""
    value = _VALUE.match(line[:_LONGEST_LINE])
    if value and re.fullmatch(rf"{_QUOTED}(?:\s*,\s*[^\s,\[\]{{}}][^,\[\]{{}}]*)+", value["value"]):
        return _quoted_words(value, mark)
    return _at("stray-comma", mark)


def _quoted_words(value: re.Match[str], mark: yaml.Mark) -> TreeError:
    words = ", ".join(re.findall(rf"{_QUOTED}|[^\s,][^,]*", value["value"]))
    return _at("quoted-words", mark, fixed=f"{value['key'] or 'any'}: [{words}]")


def _behind_value(sentence: str, mark: yaml.Mark, lines: list[str]) -> TreeError | None:
    """Behind a quote or bracket that closed a value: what is left of it."""
    if not ("expected '-'" in sentence or "expected key" in sentence or "<block end>" in sentence):
        return None
    line = _line(lines, mark.line)
    value = _VALUE.match(line)
    closed = line[: mark.column].rstrip()[-1:]
    if not mark.column and re.match(r"(?:rules|lists|names|notify|when|mention|sources):(?:\s|$)", line):
        return _at("list-and-table", mark, key=line.partition(":")[0])
    if (
        not mark.column
        and re.match(r"-\s", line)
        and not any(re.match(r"rules:", above) for above in lines[: mark.line])
    ):
        return _at("table-and-list", mark)
    if value is None or mark.column <= value.start("value") or not closed or closed not in "\"']}":
        return None
    text = value["value"]
    if closed in "\"'":
        return (
            _quoted_words(value, mark)
            if re.match(_QUOTED, line[mark.column :])
            else _at("text-after-quote", mark, text=in_quotes(text))
        )
    return _at("text-after-bracket", mark, text=in_quotes(text))


def in_quotes(text: str) -> str:
    """In single ones, in which a backslash stays one."""
    return "'" + text.replace("'", "''") + "'"


def _between_words(sentence: str, begin: yaml.Mark, mark: yaml.Mark, lines: list[str]) -> TreeError | None:
    if "expected ','" not in sentence:
        return None
    for number in range(begin.line, min(mark.line, begin.line + _NEAR) + 1):
        found = _WIDE_COMMA.search(_line(lines, number))
        if found:
            return TreeError("wide-separator", number + 1, found.start("sign") + 1, sign=found["sign"])
    return None


def _wide_brace(sentence: str, mark: yaml.Mark, lines: list[str]) -> TreeError | None:
    line = _line(lines, mark.line)
    if "mapping values" not in sentence or "｛" not in line[: mark.column]:
        return None
    meant = line.replace("｛", "{").replace("｝", "}").strip()
    return TreeError("fullwidth-brace", mark.line + 1, line.index("｛") + 1, fixed=meant)


def _known_problem(problem: str, begin: yaml.Mark, mark: yaml.Mark) -> TreeError:
    for sentence, code, at_begin in _PROBLEMS:
        if sentence in problem:
            return _at(code, begin if at_begin else mark)
    return _at("yaml-syntax", mark, problem=problem)
