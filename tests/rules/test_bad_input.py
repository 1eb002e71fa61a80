"""Files that no editor means: huge, hostile, broken, of another encoding. A message each, never a crash, the rest is read."""

import os
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from monitor.messages import say
from monitor.model import Severity
from monitor.rules.files import MAX_BYTES, RuleFile, rule_files
from monitor.rules.findings import MAX_FINDINGS, Lines, Report
from monitor.rules.load import load_rules, read_rules
from monitor.rules.terms import MAX_LIST_DEPTH, MAX_LISTED

SECONDS = 5


def bomb(levels: int, width: int) -> str:
    lines = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(["a0: &a0 [x, x]", *lines]) + "\n"


def list_bomb(levels: int, width: int) -> str:
    lines = [f"  a{n}: [{', '.join([f'$a{n - 1}'] * width)}]" for n in range(1, levels)]
    return "\n".join(["lists:", "  a0: [x, y]", *lines, f"rules: [$a{levels - 1}]"]) + "\n"


FILES: list[tuple[str, bytes | str, str, int | None]] = [
    ("ten megabytes", b"- NATO\n" * (MAX_BYTES // 7 + 1), "too-large", None),
    ("alias bomb", bomb(12, 10), "too-many-nodes", 7),
    ("nested lists", "- " + "[" * 1_000 + "]" * 1_000 + "\n", "too-deep", 1),
    ("nested blocks", "".join("  " * n + "- all:\n" for n in range(1_000)), "too-deep", 25),
    ("nested tables", "{any: " * 1_000 + "A" + "}" * 1_000, "too-deep", 1),
    ("brackets without end", "[" * 1_000_000, "too-deep", 1),
    ("tab", "- name: x\n\tany: [A]\n", "tab", 2),
    ("Windows-31J", "- 二次関税\n- ①髙市首相と﨑\n".encode("cp932"), "not-utf8", 1),
    ("EUC-JP", "- ウクライナ情勢\n".encode("euc_jp"), "not-utf8", 1),
    ("UTF-16", "- NATO\n".encode("utf-16"), "not-utf8", 1),
    ("UTF-16 without a mark", "- NATO\n".encode("utf-16-le"), "not-utf8", 1),
    ("UTF-16 without a mark, the other way", "- NATO\n".encode("utf-16-be"), "not-utf8", 1),
    ("UTF-32", "- NATO\n".encode("utf-32"), "not-utf8", 1),
    ("NUL", b"- NA\0TO\n", "control-character", 1),
    ("nothing but NUL", b"\0" * 4096, "control-character", 1),
    ("a program", b"\x7fELF\x02\x01\x01\0\xff\xfe", "broken-utf8", 1),
    ("doubled keys", "- name: x\n  any: A\n  any: B\n", "double-key", 3),
    ("doubled keys of a file", "rules: [A]\nrules: [B]\n", "double-key", 2),
    ("ten thousand characters", "- " + "あ" * 10_000 + "\n", "term-too-long", 1),
    ("a name of ten thousand characters", "- {name: " + "あ" * 10_000 + ", any: A}\n", "name-too-long", 1),
    ("an id of ten thousand characters", "- {name: x, any: A, id: " + "あ" * 10_000 + "}\n", "name-too-long", 1),
    ("a quote without end", "- 'NATO\n" + "- EU\n" * 50_000, "yaml-quote", 1),
    ("half a file", "- name: x\n  any: [NATO, EU", "yaml-bracket", 2),
    ("merge keys", "a: &a {any: A}\nrules: [{<<: *a, name: x}]\n", "unknown-key", 1),
    ("a Python object", "- !!python/object/apply:os.system [ls]\n", "tag", 1),
    ("a cycle of aliases", "- &a {name: x, any: *a}\n", "alias-loop", 1),
]


@pytest.mark.parametrize(("text", "code", "line"), [case[1:] for case in FILES], ids=[case[0] for case in FILES])
def test_a_message_and_no_crash(load, text, code, line):
    start = time.process_time()
    book = load(text, other="- 和平\n")
    assert time.process_time() - start < SECONDS
    errors = [finding for finding in book.findings if finding.severity is Severity.ERROR]
    assert (errors[0].code, errors[0].line) == (f"rules.{code}", line)
    assert "和平" in [rule.name for rule in book.rules]
    for finding in errors:
        for language in ("ja", "en"):
            assert len(say(finding.code, language, **dict(finding.facts))) < 1_000
            assert say(f"{finding.code}-hint", language, **dict(finding.facts))


@pytest.mark.parametrize(
    ("raw", "encoding"),
    [
        ("- 二次関税\n- ①髙市首相と﨑\n".encode("cp932"), "Shift_JIS (Windows-31J)"),
        ("- ウクライナ情勢\n".encode("euc_jp"), "EUC-JP"),
        ("- NATO\n".encode("utf-16"), "UTF-16"),
        ("- 和平\n".encode("utf-16-be"), "UTF-16"),
        ("- NATO\n".encode("utf-16-le"), "UTF-16"),
        ("- NATO\n".encode("utf-32"), "UTF-32"),
    ],
)
def test_the_encoding_is_named(load, raw, encoding):
    (finding,) = load(raw).findings
    assert dict(finding.facts) == {"encoding": encoding}


@pytest.mark.parametrize("mark", ["\ufeff", ""])
def test_a_byte_order_mark_makes_no_difference(load, mark):
    book = load(f"{mark}- NATO\r\n- 二次関税\r\n".encode())
    assert ([rule.id for rule in book.rules], book.findings) == (["nato", "二次関税"], ())


def test_names_of_emoji_have_ids_that_stay(load):
    book = load("- {name: 🔥, any: A}\n- {name: 🇺🇦🕊️, any: B}\n- {name: 🔥速報🔥, any: C}\n- 👩‍💻\n")
    assert not book.findings
    ids = [rule.id for rule in book.rules]
    assert [rule.name for rule in book.rules] == ["🔥", "🇺🇦🕊️", "🔥速報🔥", "👩‍💻"]
    assert len(set(ids)) == 4
    assert ids[2] == "速報"
    assert [rule.id for rule in load("- {name: 🔥, any: D}\n").rules] == ids[:1]


def test_a_name_over_several_lines_is_one_line(load):
    assert load('- {name: "a\\n b\\t\\ec", any: A}\n').rules[0].name == "a b c"


def test_a_folder_called_like_a_file_is_walked(load, tmp_path):
    (tmp_path / "old.yaml").mkdir()
    (tmp_path / "old.yaml" / "x.yaml").write_text("- EU\n")
    book = load("- NATO\n")
    assert ([rule.name for rule in book.rules], book.findings) == (["NATO", "EU"], ())


def test_links_that_lead_nowhere_or_round(load, tmp_path):
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self.yaml").symlink_to(tmp_path / "self.yaml")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "up").symlink_to(tmp_path)
    (tmp_path / "a" / "b.yaml").symlink_to(tmp_path / "c.yaml")
    (tmp_path / "c.yaml").symlink_to(tmp_path / "a" / "b.yaml")
    book = load("- NATO\n")
    assert [rule.name for rule in book.rules] == ["NATO"]
    told = {Path(finding.file).name for finding in book.findings}
    assert {finding.code for finding in book.findings} == {"rules.unreadable"}
    assert told == {"gone.yaml", "self.yaml", "b.yaml", "c.yaml"}


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_told(load, tmp_path):
    (tmp_path / "secret.yaml").write_text("- A")
    (tmp_path / "secret.yaml").chmod(0)
    (tmp_path / "closed").mkdir(mode=0)
    book = load("- NATO\n")
    assert [rule.name for rule in book.rules] == ["NATO"]
    assert [finding.code for finding in book.findings] == ["rules.unreadable"] * 2


def test_a_pipe_called_like_a_file_does_not_hold_everything_up(load, tmp_path):
    os.mkfifo(tmp_path / "pipe.yaml")
    book = load("- NATO\n")
    assert ([rule.name for rule in book.rules], [f.code for f in book.findings]) == (["NATO"], ["rules.unreadable"])


def test_a_file_whose_name_is_no_text(load, tmp_path):
    try:
        (tmp_path / os.fsdecode(b"\xff.yaml")).write_text("- 中国: 電力\n")
    except OSError:
        pytest.skip("this file system takes no such name")
    (finding,) = load("- NATO\n").findings
    assert finding.file.endswith("\ufffd.yaml")


def test_a_folder_that_vanishes_while_it_is_walked(tmp_path, monkeypatch):
    (tmp_path / "a").mkdir()
    (tmp_path / "b.yaml").write_text("- A")
    walk = Path.iterdir

    def vanishing(folder):
        if folder.name == "a":
            raise FileNotFoundError(2, "No such file or directory", str(folder))
        return walk(folder)

    monkeypatch.setattr(Path, "iterdir", vanishing)
    assert [path.name for path in rule_files(tmp_path)] == ["a", "b.yaml"]
    book = load_rules(tmp_path, channels=())
    assert ([rule.name for rule in book.rules], [f.code for f in book.findings]) == (["A"], ["rules.unreadable"])


def test_lists_that_hold_one_another_many_times_are_no_bomb(load):
    book = load(list_bomb(12, 10))
    assert not book.findings
    assert [term.written for term in book.lists["a11"]] == ["x", "y"]


def test_lists_within_lists_end_somewhere(load):
    chain = "".join(f"  a{n}: [$a{n + 1}]\n" for n in range(5_000))
    book = load(f"lists:\n{chain}  a5000: [x]\nrules: [B]\n")
    errors = {finding.code for finding in book.findings if finding.severity is Severity.ERROR}
    assert errors == {"rules.lists-too-deep"}
    assert dict(book.findings[0].facts)["depth"] == MAX_LIST_DEPTH


def test_lists_written_out_have_a_limit(load, monkeypatch):
    monkeypatch.setattr("monitor.rules.terms.MAX_LISTED", 5)
    assert MAX_LISTED > 100_000
    book = load("lists:\n  a: [A1, B1, C1]\n  b: [$a]\n  c: [D1]\nrules: [$a, $b, $c]\n")
    assert [(finding.code, finding.line) for finding in book.findings][:1] == [("rules.lists-too-long", 3)]


def test_a_long_list_that_many_rules_use_has_a_limit(load, monkeypatch):
    monkeypatch.setattr("monitor.rules.values.MAX_GIVEN", 5)
    rules = "".join(f"  - {{name: r{n}, any: $a}}\n" for n in range(3))
    book = load(f"lists: {{a: [A1, B1]}}\nrules:\n{rules}")
    assert [(finding.code, finding.line) for finding in book.findings] == [("rules.list-used-too-often", 5)]
    assert say("rules.list-used-too-often", "ja", **dict(book.findings[0].facts))
    assert [rule.name for rule in book.rules] == ["r0", "r1"]


def test_a_slip_that_is_copied_a_thousand_times_is_told_so_often_and_no_more(load):
    book = load("- 中国: 電力\n" * (MAX_FINDINGS + 500) + "- NATO\n")
    assert [finding.code for finding in book.findings].count("rules.colon-in-term") == MAX_FINDINGS
    assert [(f.code, f.line) for f in book.findings[-1:]] == [("rules.more-errors", MAX_FINDINGS + 1)]
    assert [rule.name for rule in book.rules] == ["NATO"]
    many = load("- {name: x, any: [" + ", ".join(["停戦、和平"] * (MAX_FINDINGS + 2)) + "]}\n").findings
    assert {finding.severity for finding in many} == {Severity.WARNING}
    assert many[-1].code == "rules.more-warnings"
    for finding in (book.findings[-1], many[-1]):
        assert say(finding.code, "en", **dict(finding.facts))
        assert say(f"{finding.code}-hint", "ja", **dict(finding.facts))


def test_unknown_names_among_many_known_ones_cost_little(load, monkeypatch):
    compared = []
    monkeypatch.setattr("monitor.rules.findings.get_close_matches", lambda _, names, **__: compared.append(len(names)))
    lists = "".join(f"  list{n}: [A{n}]\n" for n in range(300))
    book = load(f"lists:\n{lists}rules:\n" + "".join(f"  - $lost{n}\n" for n in range(MAX_FINDINGS + 500)))
    assert len([finding for finding in book.findings if finding.severity is Severity.ERROR]) == MAX_FINDINGS + 1
    assert sum(count > 0 for count in compared) <= MAX_FINDINGS + 1
    assert max(compared) <= 50


VALID = """notify: crisis
names:
  zelensky: {family: ゼレンスキー, given: ウォロディミル, latin: [Zelenskyy]}
lists:
  peace: [停戦, 和平, "ceasefire*", $zelensky]
rules:
  - NATO
  - name: ゼレンスキーと和平
    id: peace
    all:
      - any: [$zelensky, プーチン]
      - $peace
    none: [支持率]
    title: {any: [会談], boundary: whole}
    unless_part_of: [停戦線]
    case: exact
    sources: {groups: [wire], languages: [ja]}
    notify: ["#trade", crisis]
    when: now
    mention: ["@here", "@duty"]
    severity: breaking
    weight: 3
    age: 3d
    threshold: {stories: 3, sources: 2, within: 6h}
    throttle: {max: 5, per: 1h}
    when_body_missing: hold
    enabled: true
    note: メモ
    tests:
      match:
        - {title: ゼレンスキー氏が会談, body: 停戦, published: 1d, source: s, language: ja}
      ignore:
        - 停戦線
"""
PIECES = st.sampled_from(
    [
        *(
            "",
            " ",
            "  ",
            "\n",
            "\t",
            "\0",
            "\ufeff",
            "\u3000",
            "- ",
            "-",
            ": ",
            ",",
            "#",
            "%",
            "@",
            "`",
            "!",
            "*",
            "$",
            "~",
        ),
        *(
            "[",
            "]",
            "{",
            "}",
            "'",
            '"',
            "&a ",
            "*a",
            "|\n",
            ">\n",
            "---\n",
            "...\n",
            "？",
            "：",
            "$peace",
            "0120",
            "NO",
            "any: ",
        ),
    ]
)


@st.composite
def mutated(draw):
    text = VALID
    for _ in range(draw(st.integers(1, 6))):
        start = draw(st.integers(0, len(text)))
        length = draw(st.integers(0, 12))
        text = text[:start] + draw(PIECES | st.text(max_size=3)) + text[start + length :]
    return text


@given(mutated())
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_damaged_file_never_crashes(text):
    report = Report("a.yaml", lines=Lines(text))
    book = read_rules([RuleFile(name="a.yaml", text=text, report=report)], folder=".", channels=("crisis",))
    for finding in book.findings:
        assert say(finding.code, "ja", **dict(finding.facts))
        say(f"{finding.code}-hint", "en", **dict(finding.facts))
    assert [rule.order for rule in book.rules] == list(range(len(book.rules)))


def test_the_valid_file_is_valid(load):
    book = load(VALID)
    assert (book.findings, len(book.rules)) == ((), 2)
