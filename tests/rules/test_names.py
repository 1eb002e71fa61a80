"""Name sheets: what they yield, how rules and lists use them, what editors mistype in them."""

import pytest
from builders import make_article, make_source

from monitor.messages import say
from monitor.rules.conditions import Word, walk
from monitor.rules.matcher import compile_rules

SHEETS = """names:
  zelensky: {family: ゼレンスキー, given: ウォロディミル, latin: [Volodymyr Zelensky, Zelenskyy]}
  takaichi: {family: 高市, given: 早苗, titles: 経済安保相, latin: Sanae Takaichi}
  saito: {family: [斎藤, 斉藤, 齋藤], given: 元彦}
  kim: {family: [金, キム], given: [正恩, ジョンウン]}
lists:
  leaders: [$zelensky, $takaichi, プーチン]
"""


def written(terms):
    return [term.written for term in terms]


def test_a_sheet_yields_what_is_printed(load):
    book = load(SHEETS + "rules: [$leaders, $saito, $kim]\n")
    assert not book.findings
    assert list(book.names) == ["zelensky", "takaichi", "saito", "kim"]
    zelensky = ["ゼレンスキー", "ウォロディミル・ゼレンスキー", "Volodymyr Zelensky", "Zelenskyy"]
    assert written(book.names["zelensky"]) == zelensky
    takaichi = written(book.names["takaichi"])
    assert {"高市早苗", "高市 早苗", "高市氏", "高市元経済安保相", "Sanae Takaichi"} <= set(takaichi)
    assert "高市" not in takaichi
    assert {"斎藤元彦", "斉藤元彦", "斉藤知事"} <= set(written(book.names["saito"]))
    # The same letters once folded.
    assert "齋藤元彦" not in written(book.names["saito"])
    assert {"金正恩", "金総書記", "キム・ジョンウン"} <= set(written(book.names["kim"]))
    assert not {"金ジョンウン", "キム・正恩"} & set(written(book.names["kim"]))


def test_spellings_stand_where_their_writing_stands(load):
    book = load(SHEETS + "rules: [$leaders]\n")
    places = {(term.place.line, term.place.column) for term in book.names["zelensky"]}
    assert places == {(2, 22), (2, 54), (2, 74)}


def test_a_name_is_used_like_a_list(load):
    book = load(
        SHEETS,
        other="- name: x\n  any: [$leaders, 停戦]\n- {name: y, any: A, unless_part_of: $zelensky}\n- $kim\n- $saito\n",
    )
    assert not book.findings
    x, y, kim, _ = book.rules
    words = [node.term.written for node, _ in walk(x.condition) if isinstance(node, Word)]
    assert (words[0], words[-2:]) == ("ゼレンスキー", ["プーチン", "停戦"])
    assert kim.name == "kim"
    (word,) = (node for node, _ in walk(y.condition) if isinstance(node, Word))
    assert word.settings.unless_part_of[0] == "ゼレンスキー"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ゼレンスキー氏が来日", True),
        ("ｾﾞﾚﾝｽｷｰ大統領", True),
        ("ウォロディミル・ゼレンスキー大統領", True),
        ("ウォロディミル＝ゼレンスキー", True),
        ("VOLODYMYR ZELENSKY said", True),
        ("高市早苗首相が会見", True),
        ("高市　早苗", True),
        ("髙市首相は", True),
        ("高市前総裁", True),
        ("高市経済安保相", True),
        ("高市の方針", False),
        ("高市町の方針", False),
        ("プーチン大統領", True),
    ],
)
def test_what_is_found_of_a_name(load, text, found):
    matcher = compile_rules(load(SHEETS + "rules: [$leaders]\n").rules)
    assert bool(matcher.find(make_article(title=text, text=""), make_source())) is found


ERRORS = [
    ("names: 高市\nrules: [A]\n", "want-names", 1, 8),
    ("names:\n  [a]: {family: 高市}\nrules: [A]\n", "key-not-word", 2, 3),
    ("names:\n  t: 高市 早苗\nrules: [A]\n", "want-name", 2, 6),
    ("names:\n  t: [高市, 早苗]\nrules: [A]\n", "want-name", 2, 6),
    ("names:\n  t: {}\nrules: [A]\n", "want-name", 2, 6),
    ("names:\n  t: {alone: true}\nrules: [A]\n", "want-name", 2, 6),
    ("names:\n  t: {given: 早苗, latin: Sanae}\nrules: [A]\n", "lacks-key", 2, 6),
    ("names:\n  t: {familly: 高市}\nrules: [A]\n", "unknown-key-meant", 2, 7),
    ("names:\n  t: {family: 高市, alone: yes}\nrules: [A]\n", "want-choice", 2, 26),
    ("names:\n  t: {family: }\nrules: [A]\n", "empty-term", 2, 15),
    ("names:\n  t: {family: []}\nrules: [A]\n", "empty-list", 2, 15),
    ("names:\n  t: {family: [[高市]]}\nrules: [A]\n", "name-of-words", 2, 16),
    ("names:\n  t: {family: $b}\n  b: {family: 高市}\nrules: [A]\n", "name-of-words", 2, 15),
    ("names:\n  t: {family: 高市*}\nrules: [A]\n", "name-star", 2, 15),
    ("names:\n  t: {latin: '*Zelensky'}\nrules: [A]\n", "leading-star", 2, 14),
    ("names:\n  t: {latin: [" + ", ".join(f"A{n}" for n in range(21)) + "]}\nrules: [A]\n", "too-many-writings", 2, 14),
    ("names:\n  t:\n    family： 高市\nrules: [A]\n", "fullwidth-colon", 3, 11),
    ("names: {t: {family: 高市}}\nlists: {t: [A]}\nrules: [A]\n", "double-list", 1, 12),
    ("names: {t: {family: 高市}}\nrules: [$s]\n", "unknown-list", 2, 9),
    ("names: {takaichi: {family: 高市}}\nrules: [$takachi]\n", "unknown-list-meant", 2, 9),
    ("names: {takaichi: {family: 高市}}\nlists: {a: [$takachi]}\nrules: [$a]\n", "unknown-list-meant", 2, 13),
]


@pytest.mark.parametrize(("text", "code", "line", "column"), ERRORS, ids=[f"{e[1]}-{n}" for n, e in enumerate(ERRORS)])
def test_a_mistake_in_a_sheet_is_found_where_it_stands(load, text, code, line, column):
    errors = [finding for finding in load(text).findings if finding.severity == "error"]
    assert [(e.code, e.line, e.column) for e in errors] == [(f"rules.{code}", line, column)]
    for language in ("ja", "en"):
        assert say(errors[0].code, language, **dict(errors[0].facts))
        assert say(f"{errors[0].code}-hint", language, **dict(errors[0].facts))


def test_an_open_end_may_stand_in_latin(load):
    book = load("names: {z: {latin: 'Zelensk*'}}\nrules: [$z]\n")
    assert [(term.literal, term.open_end) for term in book.names["z"]] == [("Zelensk", True)]
