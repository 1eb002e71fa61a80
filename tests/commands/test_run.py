"""`monitor run --once` as an operator sees it: the real fetcher, children, store and terminal."""

import json
import sqlite3

import pytest
from website import Answer


def test_tells_what_matches_and_only_that(newsroom):
    code, out, err = newsroom.run("run", "--once", "--deliver-now")
    assert code == 0
    assert "米、二次関税を警告" in out
    assert "天気" not in out
    assert "Slack のトークンが設定されていない" in err
    assert "新着 2 件、一致 1 件、失敗 0 件" in err


def test_tells_nothing_twice(newsroom):
    newsroom.run("run", "--once", "--deliver-now")
    newsroom.articles("米、二次関税を警告", "きょうの天気")
    code, out, _ = newsroom.run("run", "--once", "--deliver-now")
    assert (code, out) == (0, "")


def test_without_deliver_now_the_digest_waits_for_its_time(newsroom):
    _, out, err = newsroom.run("run", "--once")
    assert out == ""
    assert "--deliver-now" in err


def test_a_round_in_which_nothing_is_due_says_when_something_is(newsroom):
    newsroom.run("run", "--once")
    _, _, err = newsroom.run("run", "--once")
    assert "次は" in err
    assert "monitor why" in err


def test_articles_from_before_the_start_are_counted_and_said(newsroom):
    path = newsroom.write()
    path.write_text(path.read_text().replace('id = "s0"', 'id = "s0"\ninitial = "none"'))
    _, out, err = newsroom.run("run", "--once", "--deliver-now")
    assert out == ""
    assert "うち 1 件は開始前の記事" in err


def test_a_channel_for_now_is_told_at_once(newsroom):
    newsroom.settings = '[channels.crisis]\nslack = "#crisis"\nwhen = "now"\n'
    newsroom.rule("first.yaml", "rules:\n  - name: 二次関税\n    any: 二次関税\n    notify: crisis\n")
    _, out, _ = newsroom.run("run", "--once")
    assert "米、二次関税を警告" in out


BROKEN = {
    "404": (Answer(b"", 404), "404"),
    "500": (Answer(b"", 500), "500"),
    "403": (Answer(b"", 403), "403"),
    "html": (Answer(b"<!doctype html><html><body><p>Hello</p></body></html>"), "HTML"),
    "empty": (Answer(b""), "空"),
    "json": (Answer(b'{"a": 1}', headers={"Content-Type": "application/json"}), "JSON"),
    "noise": (Answer(bytes(range(256)) * 40), ""),
}


@pytest.mark.parametrize(("answer", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_source_is_named_and_the_others_go_on(newsroom, answer, said):
    newsroom.sources.append(f"{newsroom.site.url}/broken.xml")
    newsroom.site.pages["/broken.xml"] = answer
    code, out, err = newsroom.run("run", "--once", "--deliver-now")
    assert code == 1
    assert "米、二次関税を警告" in out
    assert "失敗 1 件" in err
    assert said in err
    _, status, _ = newsroom.run("status", "--json")
    assert json.loads(status)["last_errors"][0]["source"] == "s1"


def test_an_unreachable_host_is_named_and_the_others_go_on(newsroom):
    newsroom.sources.append("http://127.0.0.1:1/feed.xml")
    code, out, err = newsroom.run("run", "--once", "--deliver-now")
    assert code == 1
    assert "米、二次関税を警告" in out
    assert "127.0.0.1" in err


def test_a_private_address_is_refused_unless_it_is_allowed(newsroom):
    path = newsroom.write()
    path.write_text(path.read_text().replace('allow_private = ["127.0.0.0/8"]', ""))
    code, out, err = newsroom.run("run", "--once", "--deliver-now")
    assert (code, out) == (1, "")
    assert "allow_private" in err
    assert newsroom.site.asked == []


def test_a_second_instance_is_refused(newsroom):
    from monitor.stores import hold_lock

    newsroom.write()
    with hold_lock(str(newsroom.folder / "monitor.db")):
        code, _, err = newsroom.run("run", "--once")
    assert code == 75
    assert "pid" in err.lower() or "プロセス" in err


def test_broken_rules_stop_the_start_before_anything_is_touched(newsroom):
    newsroom.rule("bad.yaml", "rules:\n  - name: x\n    anny: y\n")
    code, _, err = newsroom.run("run", "--once")
    assert code == 2
    assert "bad.yaml:3" in err
    assert not (newsroom.folder / "monitor.db").exists()


def test_a_rule_that_can_never_match_is_refused_as_check_says(newsroom):
    newsroom.rule("bad.yaml", "- name: x\n  any: [和平]\n  none: [和平]\n")
    assert newsroom.run("check")[0] == 1
    code, _, err = newsroom.run("run", "--once")
    assert (code, "bad.yaml:3" in err) == (2, True)


def test_a_configured_token_that_cannot_be_read_stops_the_start(newsroom):
    newsroom.settings = '[slack]\nchannel = "#news"\ntoken_file = "nowhere"\n'
    code, _, err = newsroom.run("run", "--once")
    assert code == 2
    assert "nowhere" in err


def test_a_file_that_is_no_database_is_said_to_be_none(newsroom):
    newsroom.write()
    (newsroom.folder / "monitor.db").write_bytes(b"this is not a database, whatever its name says" * 100)
    code, _, err = newsroom.run("run", "--once")
    assert code == 1
    assert "monitor.db" in err


def test_the_seed_of_the_project(newsroom):
    """A long article in which three rules fire once each, on one entry."""
    newsroom.rule("first.yaml", "- 二次関税\n- NATO\n- ゼレンスキー\n")
    newsroom.settings = ""
    body = (
        "両大統領は約3時間の会談を終えた。合意には至らなかった。</p><p>"
        "大統領は、原油の購入国にすぐ二次関税を課すつもりはないが、後に検討する可能性があると答えた。第二次関税交渉とは別だという。</p><p>"
        "今後、ウクライナのゼレンスキー大統領やNATOの指導者らと会談する。</p><p>"
        "初めてのNATO加盟国訪問でもあった。SENATOR の呼び名とは関係がない。</p><p>ＮＡＴＯの東方拡大にも触れた。"
    )
    newsroom.articles("首脳会談、五つの要点")
    newsroom.site.pages[newsroom._quoted("/a/首脳会談、五つの要点")] = Answer(
        newsroom.page("首脳会談、五つの要点", body)
    )
    path = newsroom.write()
    path.write_text(path.read_text().replace('id = "s0"', 'id = "s0"\ninitial = "all"'))
    code, out, _ = newsroom.run("run", "--once", "--deliver-now")
    assert code == 0
    assert out.count("首脳会談、五つの要点") == 1
    for words in ("すぐ二次関税を課す", "ゼレンスキー大統領", "NATO"):
        assert words in out
    _, rows, _ = newsroom.run("export", "matches")
    matches = [json.loads(line) for line in rows.splitlines()]
    assert sorted(match["rule"] for match in matches) == ["nato", "ゼレンスキー", "二次関税"]
    assert len({match["delivery"] for match in matches}) == 1


def test_what_was_made_for_slack_waits_for_a_token(newsroom, monkeypatch):
    newsroom.settings = '[slack]\nchannel = "#news"\napi_url = "http://127.0.0.1:1/api/"\n'
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-somebody")
    assert newsroom.run("run", "--once", "--deliver-now")[0] == 1
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    with sqlite3.connect(newsroom.folder / "monitor.db") as connection:
        connection.execute("update deliveries set due_at = 0")
    connection.close()
    code, out, err = newsroom.run("run", "--once", "--deliver-now")
    assert (code, out) == (1, "")
    assert "トークン" in err
    _, rows, _ = newsroom.run("export", "deliveries")
    assert json.loads(rows)["state"] == "pending"


def test_a_round_takes_up_nothing_that_becomes_due_meanwhile(newsroom):
    path = newsroom.write()
    path.write_text(path.read_text().replace('id = "s0"', 'id = "s0"\nevery = "1s"'))
    _, _, err = newsroom.run("run", "--once")
    assert "1 件の情報源を巡回" in err
