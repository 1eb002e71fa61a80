"""`monitor replay`: the rules as they stand now, on what is stored."""

import json

import pytest


@pytest.fixture
def lived_in(newsroom):
    """A newsroom after its first round."""
    newsroom.articles("米、二次関税を警告", "京都で紅葉が見ごろ", "NATO summit opens in Tokyo")
    newsroom.run("run", "--once")
    return newsroom


def figures(newsroom, *arguments):
    code, out, _ = newsroom.run("replay", "--json", *arguments)
    assert code == 0
    return json.loads(out)


def test_rules_are_counted_on_the_archive(lived_in):
    lived_in.rule("first.yaml", "- 紅葉\n- {name: 関税, any: [二次関税]}\n- 存在しない語\n")
    found = figures(lived_in)
    assert (found["articles"], found["without_text"]) == (3, 0)
    assert {rule["rule"]: rule["articles"] for rule in found["rules"]} == {"紅葉": 1, "関税": 1, "存在しない語": 0}
    (sample,) = found["rules"][0]["samples"]
    assert (sample["title"], sample["source"]) == ("京都で紅葉が見ごろ", "s0")
    code, out, err = lived_in.run("replay")
    assert (code, err) == (0, "")
    assert "記事 3 件、ルール 3 件" in out
    assert "京都で紅葉が見ごろ" in out
    assert "該当記事のないルール(1 件): 存在しない語" in out


def test_nothing_is_written_or_told(lived_in):
    before = lived_in.run("status", "--json")[1]
    lived_in.rule("first.yaml", "- 紅葉\n")
    lived_in.run("replay")
    assert json.loads(lived_in.run("status", "--json")[1])["backlog"] == json.loads(before)["backlog"]


def test_one_rule_also_when_it_is_switched_off(lived_in):
    lived_in.rule("first.yaml", "- NATO\n- {name: 紅葉, any: [紅葉], enabled: false}\n")
    assert [rule["rule"] for rule in figures(lived_in)["rules"]] == ["nato"]
    assert [(rule["rule"], rule["articles"]) for rule in figures(lived_in, "--rule", "紅葉")["rules"]] == [("紅葉", 1)]
    code, _, err = lived_in.run("replay", "--rule", "NETO")
    assert (code, "NATO" in err) == (2, True)


def test_a_time_without_articles_is_said_to_be_empty(lived_in):
    code, out, err = lived_in.run("replay", "--since", "2999-01-01")
    assert (code, out) == (0, "")
    assert "--since" in err
    assert figures(lived_in, "--since", "2999-01-01")["rules"][0]["articles"] == 0
    assert lived_in.run("replay", "--since", "昨日")[0] == 2


def test_before_the_first_run_there_is_no_archive(newsroom):
    code, _, err = newsroom.run("replay")
    assert code == 1
    assert "monitor.db" in err


def test_two_versions_are_compared(lived_in):
    (lived_in.folder / "old").mkdir()
    (lived_in.folder / "old" / "first.yaml").write_text("- 二次関税\n- 京都\n", encoding="utf-8")
    lived_in.rule("first.yaml", "- {name: 二次関税, any: [二次関税, 紅葉]}\n- NATO\n")
    old = str(lived_in.folder / "old")
    found = figures(lived_in, "--compare", old)
    assert (found["equal"], found["added"], found["removed"], found["changed"]) == (
        False,
        ["nato"],
        ["京都"],
        ["二次関税"],
    )
    assert [(len(rule["gained"]), len(rule["lost"]), rule["kept"]) for rule in found["rules"]] == [
        (1, 0, 1),
        (1, 0, 0),
        (0, 1, 0),
    ]
    assert found["rules"][0]["samples"][0]["reason"] == "追加された語: 紅葉"
    code, out, _ = lived_in.run("replay", "--compare", old)
    assert code == 0
    assert "合計 +2 件 -1 件" in out
    assert len(figures(lived_in, "--compare", old, "--rule", "京都")["rules"]) == 1


def test_the_same_rules_are_equal(lived_in):
    rules = str(lived_in.folder / "rules")
    assert figures(lived_in, "--compare", rules)["equal"] is True
    assert "違いはありません" in lived_in.run("replay", "--compare", rules)[1]


def test_a_folder_that_is_none_or_broken_is_told(lived_in):
    code, _, err = lived_in.run("replay", "--compare", str(lived_in.folder / "nowhere"))
    assert (code, "git worktree" in err) == (2, True)
    (lived_in.folder / "old").mkdir()
    (lived_in.folder / "old" / "broken.yaml").write_text("- {name: 一}\n", encoding="utf-8")
    code, _, err = lived_in.run("replay", "--compare", str(lived_in.folder / "old"))
    assert (code, "broken.yaml:1" in err) == (2, True)
