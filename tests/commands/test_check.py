"""`monitor check` and `monitor init`: what an editor and an operator see of their own mistakes."""

import json

import pytest

from monitor.commands import main


def findings(newsroom):
    code, out, _ = newsroom.run("check", "--json")
    return code, json.loads(out)


def test_all_is_well(newsroom):
    code, report = findings(newsroom)
    assert code == 0
    assert report == {"findings": [], "rules": 2, "tests": {"run": 0, "failed": 0}}


def test_a_failing_rule_test_is_a_finding_with_its_rule(newsroom):
    newsroom.rule(
        "first.yaml", "rules:\n  - name: NATO\n    any: NATO\n    tests:\n      match:\n        - SENATORの発言\n"
    )
    code, report = findings(newsroom)
    assert code == 1
    assert report["tests"] == {"run": 1, "failed": 1}
    (finding,) = report["findings"]
    assert (finding["rule"], finding["line"], finding["severity"]) == ("nato", 6, "error")


def test_warnings_alone_are_fine(newsroom):
    newsroom.rule("first.yaml", "- NO\n- 0120\n- NATO\n")
    code, report = findings(newsroom)
    assert code == 0
    assert {finding["severity"] for finding in report["findings"]} == {"warning"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("rules:\n  - name: x\n    anny: [y]\n", 3),
        ("rules:\n  - name: x\n    any：[y]\n", 3),
        ("rules:\n  - name: x\n    any: [y]\n    notify: crisi\n", 4),
        ("rules:\n  - name: x\n    any: [y\n", 3),
        ("rules:\n  - name: x\n    any: y\n    near: {left: a, right: b}\n", 4),
    ],
)
def test_mistakes_in_rules_have_a_place(newsroom, text, line):
    newsroom.rule("first.yaml", text)
    code, report = findings(newsroom)
    assert code == 1
    errors = [finding for finding in report["findings"] if finding["severity"] == "error"]
    assert abs(errors[0]["line"] - line) <= 1
    assert errors[0]["file"].endswith("first.yaml")
    assert errors[0]["message"]


def test_mistakes_in_the_configuration_are_findings_too(newsroom):
    newsroom.settings = "evrey = 1"
    code, report = findings(newsroom)
    assert code == 1
    assert report["findings"][0]["code"] == "config.unknown-key"


def test_for_people_the_line_itself_is_shown(newsroom):
    newsroom.rule("first.yaml", "rules:\n  - name: x\n    anny: [y]\n")
    code, out, err = newsroom.run("check")
    assert code == 1
    assert "first.yaml:3:5" in out
    assert "anny: [y]" in out
    assert "any" in out
    assert "エラー 1 件" in err


def test_init_writes_files_that_check_finds_well(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("SLACK_BOT_TOKEN", raising=False)
    for language in ("ja", "en"):
        folder = tmp_path / language
        for arguments in (
            ["init", str(folder), "--language", language],
            ["--config", str(folder / "config.toml"), "check"],
        ):
            with pytest.raises(SystemExit) as left:
                main(arguments)
            assert not left.value.code, capsys.readouterr()


def test_init_overwrites_nothing(tmp_path, capsys):
    (tmp_path / "config.toml").write_text("mine")
    with pytest.raises(SystemExit) as left:
        main(["init", str(tmp_path)])
    assert left.value.code == 2
    assert (tmp_path / "config.toml").read_text() == "mine"
    assert not (tmp_path / "rules").exists()
