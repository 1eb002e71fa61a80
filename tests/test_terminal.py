"""How findings look on the terminal."""

import io

import pytest
from rich.cells import cell_len
from rich.console import Console

from monitor.model import Finding, Severity, Snippet
from monitor.terminal import Sheet, TreeScreen, progress, sentence_at, show_findings, speak, spoken_language


def shown(**changes):
    values = {
        "severity": Severity.ERROR,
        "code": "config.unknown-key",
        "facts": (("key", "evry"), ("suggestion", "every")),
        "file": "config.toml",
        "line": 3,
        "column": 1,
        "source_line": "evry = 1",
    }
    stream = io.StringIO()
    show_findings([Finding(**values | changes)], "ja", Console(file=stream, soft_wrap=True, highlight=False))
    return stream.getvalue().splitlines()


def test_place_sentence_line_mark_and_hint():
    first, line, mark, hint = shown()
    assert first.startswith("config.toml:3:1: エラー: ")
    assert line == "    evry = 1"
    assert mark == "    ^"
    assert "every" in hint


def test_the_rule_is_named_beside_the_line():
    assert shown(rule="二次関税")[0].startswith("config.toml:3:1: エラー(ルール 二次関税): ")
    finding = Finding(severity=Severity.ERROR, code="rules.no-name", facts=(), file="a.yaml", line=1, rule="nato")
    assert sentence_at(finding, "en").startswith("a.yaml:1 (rule nato): this rule has no name")


def test_the_mark_stands_below_the_place_in_wide_text():
    _, line, mark, _ = shown(source_line="- 二次関税：x", column=7)
    assert line == "    - 二次関税：x"
    assert mark == "    " + " " * 10 + "^"


def test_what_nobody_sees_is_shown():
    assert shown(source_line="\tname:\u3000x")[1] == "    ⇥name:□x"


def test_a_file_below_here_is_named_from_here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert shown(file=str(tmp_path / "rules" / "a.yaml"))[0].startswith("rules/a.yaml:3:1: ")
    assert shown(file="/elsewhere/a.yaml")[0].startswith("/elsewhere/a.yaml:3:1: ")


def test_a_finding_without_a_place():
    assert shown(file=None, line=None, column=None, source_line=None)[0].startswith("エラー: ")


def test_a_hint_that_lacks_a_fact_is_left_out():
    assert len(shown(facts=(("key", "evry"), ("suggestion", None)))) == 3


def test_on_one_line_for_the_log():
    finding = Finding(
        severity=Severity.ERROR, code="config.empty", facts=(("key", "id"), ("value", "")), file="c.toml", line=1
    )
    assert sentence_at(finding, "en") == "c.toml:1: `id` is empty → Write something, or take the line out."


@pytest.mark.parametrize(("value", "language"), [("ja_JP.UTF-8", "ja"), ("C.UTF-8", "en"), ("de_DE", "en"), ("", "en")])
def test_before_a_configuration_the_environment_chooses_the_language(monkeypatch, value, language):
    speak("")
    for name in ("LC_ALL", "LC_MESSAGES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", value)
    assert spoken_language() == language


TREE = "      + 停戦 が見出しと本文の 12 文字目にあり、もう一度も本文にある"


def printed(text, *, terminal):
    stream = io.StringIO()
    console = Console(file=stream, width=40, force_terminal=terminal, soft_wrap=not terminal, color_system=None)
    TreeScreen(console).print(text, style="green", markup=False)
    return stream.getvalue().splitlines()


def test_a_long_line_of_a_tree_goes_on_below_its_words():
    lines = printed(TREE, terminal=True)
    assert len(lines) > 1
    assert lines[0].startswith("      + 停戦")
    assert all(line.startswith("        ") and line[8] != " " for line in lines[1:])
    assert all(cell_len(line) <= 40 for line in lines)
    assert "".join("".join(lines).split()) == "".join(TREE.split())


def test_a_pipe_and_a_line_that_fits_get_lines_as_they_are():
    assert printed(TREE, terminal=False) == [TREE]
    assert printed("    + 停戦", terminal=True) == ["    + 停戦"]


class TestSheet:
    """Lines with matched words."""

    def sheet(self, *, terminal: bool, width: int = 20, encoding: str = "utf-8"):
        bytes_ = io.BytesIO()
        file = io.TextIOWrapper(bytes_, encoding=encoding)
        console = Console(file=file, force_terminal=terminal, width=width, color_system=None, soft_wrap=not terminal)
        return Sheet(console), lambda: (file.flush(), bytes_.getvalue().decode(encoding))[1]

    def test_a_pipe_gets_a_long_line_whole(self):
        sheet, printed = self.sheet(terminal=False)
        sheet.snippet(
            "  09:30  ", Snippet(text="とても長い見出しがここにあります", highlights=((0, 3),)), behind=" [理由]"
        )
        assert printed() == "  09:30  とても長い見出しがここにあります [理由]\n"

    def test_on_a_terminal_it_goes_on_below_itself(self):
        sheet, printed = self.sheet(terminal=True)
        sheet.line("  one two three four five six")
        assert printed().splitlines() == ["  one two three", "    four five six"]

    def test_foreign_signs_are_not_obeyed(self):
        sheet, printed = self.sheet(terminal=False)
        sheet.line("a\x1b[31mb")
        assert printed() == "a [31mb\n"

    def test_signs_beyond_ascii_are_shown_where_they_can_be(self):
        assert self.sheet(terminal=False)[0].plain is False
        assert self.sheet(terminal=False, encoding="ascii")[0].plain is True


def test_progress_is_silent_in_a_pipe(capsys):
    with progress("一", 3) as advance:
        advance(3)
    assert capsys.readouterr() == ("", "")


def test_progress_is_shown_on_a_terminal(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    with progress("数えています", 3) as advance:
        advance(2)
    out, err = capsys.readouterr()
    assert out == ""
    assert "数えています" in err
    assert "2/3" in err


def on_a_terminal(finding, width=40):
    stream = io.StringIO()
    console = Console(file=stream, width=width, force_terminal=True, color_system=None, highlight=False)
    show_findings([finding], "ja", console)
    return stream.getvalue().splitlines()


def finding_at(line, column):
    facts = (("key", "anny"), ("meant", "any"))
    values = {"code": "rules.unknown-key-meant", "facts": facts, "file": "/x/a.yaml", "line": 3}
    return Finding(severity=Severity.ERROR, column=column, source_line=line, **values)


def test_on_a_terminal_long_lines_go_on_below_their_own_words():
    lines = on_a_terminal(finding_at("anny: [x]", 1), width=24)
    assert all(cell_len(line) <= 24 for line in lines)
    assert [line[:2] for line in lines[1:3]] == ["  ", "  "]


@pytest.mark.parametrize("column", [1, 20, 41, 80, 81])
def test_of_a_long_line_the_piece_around_the_place_is_shown(column):
    line = "".join(chr(0x3042 + n) for n in range(80))
    _, *shown_lines, _ = on_a_terminal(finding_at(line, column))
    (piece, mark) = shown_lines[-2:]
    assert cell_len(piece) <= 40
    pointed = cell_len(mark) - 1
    left = next(n for n in range(len(piece) + 1) if cell_len(piece[:n]) == pointed)
    assert piece[left:][:1] == line[column - 1 :][:1]


def test_a_line_of_megabytes_is_cut():
    line = shown(source_line="x" * 3_000_000, column=2_000_000)[1]
    assert cell_len(line) <= 200
