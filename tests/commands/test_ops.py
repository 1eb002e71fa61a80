"""What the operator is told when there is no Slack token, and what he finds out when he asks."""

import json
from zoneinfo import ZoneInfo

from website import Answer

from monitor.clock import utc_now
from monitor.jobs.notify import Words, refused_rules
from monitor.model import KnownIncident
from monitor.stores import open_store


def test_without_a_token_the_operator_reads_it_in_the_terminal(newsroom):
    newsroom.settings = '[ops]\nslack = "#monitor-ops"\n'
    newsroom.site.pages["/feed.xml"] = Answer(b"", 410)
    _, out, _ = newsroom.run("run", "--once")
    assert out.startswith("情報源 1 件を読み取れません\n• 127.0.0.1: ")
    assert "410" in out
    _, out, _ = newsroom.run("run", "--once")
    assert out == ""


def test_without_an_ops_channel_nothing_is_printed(newsroom):
    newsroom.site.pages["/feed.xml"] = Answer(b"", 410)
    _, out, _ = newsroom.run("run", "--once")
    assert out == ""


def test_the_first_digest_says_hello_whatever_the_operator_was_told_before(newsroom):
    newsroom.settings = '[ops]\nslack = "#monitor-ops"\n'
    newsroom.sources.append(f"{newsroom.site.url}/gone.xml")
    newsroom.site.pages["/gone.xml"] = Answer(b"", 410)
    _, out, _ = newsroom.run("run", "--once")
    assert "はじめまして" not in out
    _, out, _ = newsroom.run("run", "--once", "--deliver-now")
    assert "はじめまして" in out


def test_status_names_a_refused_edit_and_the_pages_that_are_asked_for_again(newsroom):
    newsroom.site.pages = {"/feed.xml": newsroom.site.pages["/feed.xml"]}
    newsroom.run("run", "--once")
    store = open_store(str(newsroom.folder / "monitor.db"))
    words = Words(language="ja", zone=ZoneInfo("Asia/Tokyo"))
    refused = refused_rules(["rules/a.yaml:4:5: 未知のキー"], since_at=utc_now(), words=words)
    store.notices.note((), known=[KnownIncident(incident=refused)], ended=(), now=utc_now())
    store.close()
    _, out, _ = newsroom.run("status")
    assert "変更前のルールで動いています" in out
    assert "変更前のまま" not in out
    assert "rules/a.yaml:4:5: 未知のキー" in out
    assert "2 件の記事は、時間をおいて取り直します" in out
    _, out, _ = newsroom.run("status", "--json")
    status = json.loads(out)
    assert status["revisits"] == 2
    assert [(one["trouble"], one["subject"]) for one in status["incidents"]] == [("rules", None)]


def test_why_says_what_became_of_an_article(newsroom):
    newsroom.run("run", "--once")
    [row] = [row for row in exported(newsroom) if "二次関税" in row["title"]]
    _, out, _ = newsroom.run("why", row["id"])
    assert "→ terminal: 配信待ち(予定: " in out
    newsroom.run("run", "--once", "--deliver-now")
    _, out, _ = newsroom.run("why", row["id"], "--json")
    told = {one["rule"]: one["tellings"] for one in json.loads(out)}
    assert [(one["telling"], one["delivery"]) for one in told["二次関税"]] == [("promised", "sent")]
    assert told["nato"] == []


def exported(newsroom):
    _, out, _ = newsroom.run("export", "articles")
    return [json.loads(line) for line in out.splitlines()]
