r"""Regular expressions: what RE2 gets, what it finds in which scripts, what must be there, what is refused."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from monitor.rules.pattern import MAX_PATTERN, RegexError, doubt, read_regex
from monitor.rules.syntax import read_syntax
from monitor.text.fold import fold
from monitor.text.plain import plain


def found(pattern, text, *, exact=False, width=True):
    regex = read_regex(pattern, exact=exact, width=width)
    return [text[start:end] for start, end in regex.places(plain(text, width=width), 100)]


@pytest.mark.parametrize(
    ("pattern", "text", "places"),
    [
        (r"\d+億円", "３０億円と5億円", ["３０億円", "5億円"]),
        (r"\d", "٣", ["٣"]),
        (r"\D+", "a1関税", ["a", "関税"]),
        (r"\w+関税", "「二次関税」", ["二次関税"]),
        (r"\W+", "関税、café!?x", ["、", "!?"]),
        (r"[\w-]+@\w+", "記者-a@例え へ", ["記者-a@例え"]),
        (r"[^\w]", "関税、", ["、"]),
        (r"[\W]+", "関税、_(x)", ["、", "(", ")"]),
        (r"[\D]+", "a1関税", ["a", "関税"]),
        (r"[\d、]+", "１、2a", ["１、2"]),
        ("ＮＡＴＯ", "nato", ["nato"]),
        ("nato", "ＮＡＴＯ", ["ＮＡＴＯ"]),
        ("ﾈｼｱ", "インドネシア", ["ネシア"]),
        ("㈱?トヨタ", "(株)トヨタとトヨタ", ["(株)トヨタ", "トヨタ"]),
        ("[ａ-ｃ]+", "xabcx", ["abc"]),
        ("[ア-ン]+", "ﾛｼｱ産", ["ﾛｼｱ"]),
        ("か\u3099す", "がす", ["がす"]),
        ("cafe\u0301", "CAFÉ", ["CAFÉ"]),
        (r"\bNATO\b", "日本とNATOが、SENATOR", ["NATO"]),
        (r"\bNATO", "natoは", ["nato"]),
        (r"A\tB|A\nB", "A B A\nB", ["A B", "A\nB"]),
        (r"[^\n]+", "一\n\n二", ["一", "二"]),
        (r"a[\t]b", "a b", ["a b"]),
        (r"\Qa.b\E+", "a.bb axb", ["a.bb"]),
        (r"\Q\Ex", "x", ["x"]),
        (r"\x{95a2}\xe9|\141", "関é a", ["関é", "a"]),
        (r"[\x{95a2}\141]+", "関a", ["関a"]),
        (r"(?P<who>露|中)国|(?:米)国", "中国、米国", ["中国", "米国"]),
        (r"(?i:nato)軍", "Nato軍", ["Nato軍"]),
        (r"(?s)A.B", "A\n\nB", []),
        (r"(?s)A..B", "A\n\nB", ["A\n\nB"]),
        (r"^関|税$", "関税", ["関", "税"]),
        (r"\A関|税\z", "関税", ["関", "税"]),
        (r"a{2}|b{1,2}?|c{,3}", "aabbc{,3}", ["aa", "b", "b", "c{,3}"]),
        (r"[]a]+|[^]b]+", "]a", ["]a"]),
        (r"[\^\-x]+", "^-x", ["^-x"]),
        (r"\p{Han}+|\pN", "関税1", ["関税", "1"]),
        (r"[\p{Han}]+", "関税x", ["関税"]),
        (r"\.", "a.b", ["."]),
        (r"関.税", "関\u200b税 関x税", ["関x税"]),
        ("関\u200b税", "関税", ["関税"]),
    ],
)
def test_what_is_found(pattern, text, places):
    assert found(pattern, text) == places


def test_capitals_count_where_that_is_asked_for():
    assert found("Apple", "apple Apple", exact=True) == ["Apple"]
    assert found("Apple", "apple Apple") == ["apple", "Apple"]


def test_width_counts_where_that_is_asked_for():
    assert found("NATO", "ＮＡＴＯ NATO", width=False) == ["NATO"]
    assert found("ＮＡＴＯ", "ＮＡＴＯ NATO", width=False) == ["ＮＡＴＯ"]


def test_only_so_many_places_are_looked_at():
    regex = read_regex("a", exact=False, width=True)
    assert len(list(regex.places(plain("a" * 50), 7))) == 7


@pytest.mark.parametrize(
    ("pattern", "code", "fact"),
    [
        ("a(", "regex-unclosed", "a("),
        ("関税[", "regex-unclosed", "["),
        ("a)", "regex-unopened", "a)"),
        ("*a", "regex-repeats-nothing", "*"),
        ("a**", "regex-repeats-twice", "**"),
        ("(a{1000}){1000}", "regex-repeats-much", "{1000}"),
        ("[z-a]", "regex-no-class", "z-a"),
        ("a\\", "regex-ends-open", ""),
        ("(?P<x", "regex-syntax", "invalid named capture group: (?P<x"),
        ("(?=x)y", "regex-group", "(?="),
        (r"(a)\1", "regex-no-escape", r"\1"),
        ("a*", "regex-empty", "a*"),
        (r"\b", "regex-empty", r"\b"),
        ("(NATO)?", "regex-empty", "(NATO)?"),
        ("a|", "regex-empty", "a|"),
        ("x{0}", "regex-empty", "x{0}"),
        ("^$", "regex-empty", "^$"),
        (r"\bトランプ", "regex-border", "ト"),
        (r"トランプ\b", "regex-border", "プ"),
        (r"\b(NATO|北大西洋条約機構)\b", "regex-border", "北"),
        (r"\bÉtat", "regex-border", "É"),
        (r"(?:(?:関税)?)\b x", "regex-border", "税"),
        (r"\b\w+関税", "regex-border", r"\w"),
        (r"\b[日米]国", "regex-border", "[日米]"),
        (r"国(\b|x)", "regex-border", "国"),
        (r"(\bNATO国)+", "regex-border", "国"),
        (r"国\B x", "regex-border", "国"),
        ("[[:alpha:]]+", "regex-posix", "[:alpha:]"),
        (r"\C", "regex-byte", r"\C"),
        ("[㈱]", "regex-class", "㈱"),
        ("a\bb", "regex-escape", r"\x08"),
        ("a\tb", "regex-escape", r"\t"),
        ("a  b", "regex-spaces", "a  b"),
        (r"(\w{1,100}){1,9}", "regex-too-large", r"(\w{1,100}){1,9}"),
        (r"\p{Foo}", "regex-no-class", r"\p{Foo}"),
    ],
)
def test_what_is_refused(pattern, code, fact):
    with pytest.raises(RegexError) as refused:
        read_regex(pattern, exact=False, width=True)
    assert refused.value.code == code
    assert fact in refused.value.facts.values()


def test_an_expression_is_no_novel():
    with pytest.raises(RegexError) as refused:
        read_regex("あ" * (MAX_PATTERN + 1), exact=False, width=True)
    assert refused.value.facts == {"length": MAX_PATTERN + 1, "limit": MAX_PATTERN}


@pytest.mark.fault(59)
def test_time_grows_with_the_text_alone():
    assert found("(a+)+b", "a" * 100_000) == []


@pytest.mark.parametrize(
    ("pattern", "code"),
    [
        ("NATO", "regex-word"),
        ("NATO|北大西洋", "regex-word"),
        ("/a+/", "regex-slashes"),
        (r"a+", None),
        ("/", "regex-word"),
    ],
)
def test_what_works_but_hardly_as_meant(pattern, code):
    assert doubt(pattern) == code


@pytest.mark.parametrize(
    ("pattern", "needs"),
    [
        ("(ロシア|中国)産(石油|原油)", {"ロシア産石油", "ロシア産原油", "中国産石油", "中国産原油"}),
        (r"\d{4}年", {"年"}),
        (r"NATO\d+首相会談", {"nato"}),
        ("secondary tariffs?", {"secondary"}),
        ("NATO|EU", {"nato", "eu"}),
        (r"NATO|\d+", set()),
        ("髙市", {"高市"}),
        ("ヴォルガ", {"ルガ"}),
        (r".*会議", {"会議"}),
        ("(関税)+の", {"関税"}),
        ("(関税)*の", {"の"}),
        ("[日米]国", {"日国", "米国"}),
        ("[a-z]国|[^a]", set()),
        ("[日米韓中露]国", {"国"}),
        (r"\w-\d", set()),
        ("(a|b|c|d|e|f|g|h|i)(k|l)?国|xy", {"国", "k国", "l国", "xy"}),
        ("(a|b|c|d|e)(f|g|h|i)国政|x", {"f国政", "g国政", "h国政", "i国政", "x"}),
    ],
)
def test_what_must_be_there(pattern, needs):
    assert set(read_regex(pattern, exact=False, width=True).needs) == needs


def test_where_widths_are_kept_apart_nothing_is_known_of_what_must_be_there():
    assert read_regex("NATO", exact=False, width=False).needs == frozenset()


LETTERS = [
    "関", "税", "ー", "ヴァ", "ガ", "ｶ\uff9e", "N", "ｎ", "é", "e\u0301", "ß", "髙", "々", "ς", "İ", "ı", "㈱", "-", "か", "ヶ", "月", " ",
    "1",
]  # fmt: skip
literals = st.lists(st.sampled_from(LETTERS), min_size=1, max_size=3).map("".join)
atoms = st.one_of(
    literals, st.sampled_from([r"\d", r"\w", ".", "[関税]", "[^N]", r"\s", "(?:関|税N)", "N?", "税+", "関{2}"])
)
expressions = st.lists(
    st.one_of(atoms, st.tuples(atoms, atoms).map("(?:{0[0]}|{0[1]})".format)), min_size=1, max_size=4
)
printed = st.lists(st.sampled_from([*LETTERS, "・", "\n", "\n\n", "\u200b", "関税", "―"]), max_size=8).map("".join)


@settings(max_examples=300, derandomize=True, deadline=None)
@example("ヴァ", "ヴ\nァ")
@example(".か月", "1か月")
@example("関ヶ.", "関ヶ原")
@given(expressions.map("".join), printed)
def test_nothing_is_missed_for_want_of_what_must_be_there(pattern, text):
    try:
        regex = read_regex(pattern, exact=False, width=True)
    except RegexError:
        return
    places = list(regex.places(plain(text), 1))
    if places and regex.needs:
        assert any(form in fold(text).text for form in regex.needs)


@settings(max_examples=200, derandomize=True, deadline=None)
@given(expressions.map("".join), st.text("関税Na1 é、", max_size=6))
def test_rewriting_changes_nothing_that_re_finds(pattern, text):
    """`re` knows the letters of all scripts by itself."""
    read = plain(pattern).text
    try:
        regex = read_regex(pattern, exact=True, width=True)
    except RegexError:
        return
    there = plain(text)
    expected = [there.span(*hit.span()) for hit in re.finditer(read, there.text)]
    assert list(regex.places(there, 100)) == expected


def test_what_re2_gets_is_still_readable():
    assert read_syntax(r"(?i)\d+(億|兆)円[\w]", width=True).pattern == r"(?i)\p{Nd}+(億|兆)円[\pL\pM\pN_]"
