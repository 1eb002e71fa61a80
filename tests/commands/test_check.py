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
        ("rules:\n  - name: x\n    any: y\n    near: {left: a, rihgt: b}\n", 4),
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


@pytest.fixture
def archive(newsroom):
    """A newsroom that has polled: 米、二次関税を警告; インドネシアで総選挙."""
    newsroom.articles("米、二次関税を警告", "インドネシアで総選挙", "インドネシアの大統領", "インドネシアへ出発")
    newsroom.settings = '[slack]\nchannel = "#a"'
    newsroom.rule("first.yaml", "- 二次関税\n- NATO\n")
    newsroom.run("run", "--once")
    return newsroom


def test_the_archive_tells_how_much_a_rule_would_say(archive):
    archive.rule("second.yaml", "names: {z: {family: ゼレンスキー}}\nrules: [インド, $z]\n")
    code, out, _ = archive.run("check", "--json")
    report = json.loads(out)
    assert code == 0
    estimates = {one["rule"]: one["stories"] for one in report["estimates"]["rules"]}
    assert estimates == {"二次関税": 1, "nato": 0, "インド": 0, "z": 0}
    assert report["skipped"] == [{"term": "インド", "count": 3, "articles": 3, "inside": {"インドネシア": 3}}]
    assert report["names"] == {"z": ["ゼレンスキー"]}


def test_for_people_estimates_are_a_table(archive):
    archive.rule("second.yaml", "- インド\n- {name: 止めた, any: [停戦], enabled: false}\n")
    code, out, _ = archive.run("check")
    rows = [line.split() for line in out.splitlines()]
    assert code == 0
    assert ["インド:", "3", "記事", "3", "か所(インドネシア", "3)"] in rows
    assert ["NATO", "0", "0"] in rows
    assert ["止めた", "0", "無効"] in rows
    assert next(row for row in rows if row[:1] == ["二次関税"])[2] != "0"


def test_many_rules_are_not_all_in_the_table(archive):
    archive.rule("second.yaml", "".join(f"- 語句その{n}\n" for n in range(50)))
    _, out, _ = archive.run("check")
    assert "二次関税" in out
    assert "ほか 12 件" in out


def test_a_renamed_rule_is_noticed(archive):
    archive.rule("first.yaml", "- {name: 関税の動き, any: [二次関税]}\n- NATO\n")
    code, report = findings(archive)
    assert code == 0
    assert [(one["code"], one["rule"]) for one in report["findings"]] == [("rules.renamed-rule", "関税の動き")]
    assert "id: 二次関税" in report["findings"][0]["hint"]


def test_the_archive_may_be_left_out(archive):
    _, out, _ = archive.run("check", "--json", "--no-archive")
    assert set(json.loads(out)) == {"findings", "rules", "tests"}


def test_an_archive_that_cannot_be_read_keeps_nothing_from_being_checked(archive):
    (archive.folder / "monitor.db").write_bytes(b"no database" * 1000)
    code, out, err = archive.run("check", "--json")
    assert code == 0
    assert set(json.loads(out)) == {"findings", "rules", "tests"}
    assert "monitor.db" in err


def test_reading_the_archive_ends_when_its_time_is_up(archive, monkeypatch):
    monkeypatch.setattr("monitor.commands.check.SECONDS", -1)
    _, out, _ = archive.run("check", "--json")
    assert json.loads(out)["estimates"]["articles"] == 1


def test_mistakes_in_the_configuration_are_told_in_its_language(newsroom):
    newsroom.settings = "evrey = 1"
    code, out, err = newsroom.run("check")
    assert code == 1
    assert "evrey" in out + err
    assert "ありません" in out + err
