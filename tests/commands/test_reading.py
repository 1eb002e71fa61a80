"""Commands that look and do not touch: search, status, sources, export, preview, why."""

import csv
import io
import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from stores.making import make_promise
from website import Answer

from monitor.clock import utc_now
from monitor.commands.export import FIELDS, write_csv
from monitor.model import DeliveryState
from monitor.stores import hold_lock, open_store
from monitor.stores.process import this_process


@pytest.fixture
def lived_in(newsroom):
    """A newsroom after its first round."""
    newsroom.articles("米、二次関税を警告", "京都で紅葉が見ごろ", "NATO summit opens in Tokyo")
    newsroom.run("run", "--once")
    return newsroom


FOUND = [
    (["関税"], 1),
    (["nato"], 1),
    (["ＮＡＴＯ"], 1),
    (["二次関税", "警告"], 1),
    (["二次関税", "京都"], 0),
    (["紅葉が 見ごろ"], 0),
    (["二次関税", "OR", "京都"], 2),
    (["二次関税 OR 京都"], 2),
    (["二次関税|京都", "-警告"], 1),
    (["京都", "-v"], 1),
    (["京都", "-veto"], 1),
    (["京都", "-見ごろ"], 0),
    (["NATO", "-secret summit"], 1),
    (["NATO", "-summit opens"], 0),
    (["title:summit opens"], 1),
    (["title:summit", "-title:opens"], 0),
    (["京都", "source:127"], 1),
    (["toky*"], 1),
    (["紅"], 0),
    (["--part", "紅"], 1),
]


def test_search_finds_words_of_any_length_and_width(lived_in):
    for words, count in FOUND:
        code, out, _ = lived_in.run("search", "--json", *words)
        assert (code, len(out.splitlines())) == (0, count), words


def test_search_shows_where_the_words_stand(lived_in):
    _, out, err = lived_in.run("search", "関税")
    assert "米、二次関税を警告" in out
    assert lived_in.site.url in out
    assert "1 件" in err


def test_search_takes_any_text(lived_in):
    for words in ("*'", "NEAR/3", "a:b", "';--", "%", "\\"):
        code, _, err = lived_in.run("search", "--", words)
        assert (code, "Traceback" in err) in {(0, False), (2, False)}, words


def test_a_search_that_asks_for_nothing_says_what_to_write(lived_in):
    for words, hint in (('"', "閉じて"), ("(a OR", "OR"), ("-EU", "除く語"), ("*a", "--part"), ("-", "語がありません")):
        code, out, err = lived_in.run("search", "--", words)
        assert (code, out) == (2, ""), words
        assert hint in err, words


def test_search_says_where_it_left_out_parts_of_words(lived_in):
    _, out, err = lived_in.run("search", "紅")
    assert out == ""
    assert "--part" in err
    _, out, err = lived_in.run("search", "--part", "紅")
    assert "京都で紅葉が見ごろ" in out
    assert "--part" not in err
    assert "--part" not in lived_in.run("search", "二次関税")[2]


def test_export_gives_the_fields_of_the_contract(lived_in):
    lived_in.run("run", "--once", "--deliver-now")
    for what, fields in FIELDS.items():
        _, out, _ = lived_in.run("export", what)
        rows = [json.loads(line) for line in out.splitlines()]
        assert rows
        assert all(tuple(row) == fields for row in rows)
        _, out, _ = lived_in.run("export", what, "--format", "csv")
        assert len(list(csv.DictReader(io.StringIO(out.removeprefix("\ufeff"))))) == len(rows)


OWN_FILES = [
    "monitor.db",
    "link.db",
    "monitor.db-wal",
    "monitor.db.lock",
    "config.toml",
    "token",
    "rules/first.yaml",
    "b.db",
]


@pytest.mark.parametrize("name", OWN_FILES)
def test_export_writes_over_nothing_that_monitor_lives_on(lived_in, name):
    lived_in.settings = '[slack]\nchannel = "#a"\ntoken_file = "token"\n'
    lived_in.write()
    (lived_in.folder / "token").write_text("xoxb-1")
    (lived_in.folder / "link.db").symlink_to("monitor.db")
    lived_in.run("backup", str(lived_in.folder / "b.db"))
    path = lived_in.folder / name
    before = path.read_bytes() if path.exists() else None
    code, out, err = lived_in.run("export", "articles", "-o", str(path))
    assert (code, out) == (2, "")
    assert "別の名前" in err
    assert (path.read_bytes() if path.exists() else None) == before


def test_export_empties_no_file_for_a_mistyped_date(lived_in):
    path = lived_in.folder / "export.jsonl"
    assert lived_in.run("export", "articles", "-o", str(path))[0] == 0
    before = path.read_bytes()
    assert before
    assert lived_in.run("export", "articles", "-o", str(path), "--since", "yesterday")[0] == 2
    assert path.read_bytes() == before


FORMULAS = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "\0=1",
    " =1",
    "\u3000@a",
    "＝１＋１",
    "＋a",
    "－a",
    "＠a",
]
WORDS = ["NATO = 北大西洋条約機構", "'=1", "東京 -1度", "—続報", "", " 二次関税", "–1"]


@pytest.mark.parametrize("text", FORMULAS)
def test_no_spreadsheet_takes_a_headline_of_a_csv_for_a_formula(text):
    assert csv_of(text) == f"'{text}"
    assert csv_of([text, "b"]) == f"'{text}, b"


@pytest.mark.parametrize("value", [*WORDS, -1, -0.5, None])
def test_what_is_no_formula_stays_as_it_is_in_a_csv(value):
    assert csv_of(value) == ("" if value is None else str(value))


def csv_of(value):
    """One value out of a CSV."""
    file = io.StringIO(newline="")
    write_csv([{"title": value}], ("title",), file)
    [row] = csv.DictReader(io.StringIO(file.getvalue().removeprefix("\ufeff"), newline=""))
    return row["title"]


def test_only_the_csv_marks_what_may_be_a_formula(newsroom):
    newsroom.articles("=HYPERLINK(1) NATO")
    newsroom.run("run", "--once")
    assert "'=HYPERLINK(1) NATO" in newsroom.run("export", "articles", "--format", "csv")[1]
    assert '"title": "=HYPERLINK(1) NATO"' in newsroom.run("export", "articles")[1]


def test_export_since_and_to_a_file(lived_in, tmp_path):
    _, out, _ = lived_in.run("export", "articles", "--since", "2999-01-01")
    assert out == ""
    lived_in.run("export", "articles", "--since", "1h", "--output", str(tmp_path / "a.jsonl"))
    assert len((tmp_path / "a.jsonl").read_text().splitlines()) == 3


def test_export_refuses_a_time_it_cannot_read(lived_in):
    code, _, err = lived_in.run("export", "articles", "--since", "昨日")
    assert code == 2
    assert "昨日" in err


def test_status_says_whether_news_arrives_as_readyz_does(lived_in):
    # A round from cron has just polled.
    status = json.loads(lived_in.run("status", "--json")[1])
    assert (status["ready"], status["reasons"]) == (True, [])
    assert "支障" not in lived_in.run("status")[1]
    store = open_store(str(lived_in.folder / "monitor.db"))
    try:
        store.deliveries.pause("slack", until=None, reason="no token")
        states = store.archive.source_states().values()
        store.polls.save_states([replace(state, last_poll_at=utc_now() - timedelta(days=9)) for state in states])
        store.deliveries.promise(make_promise(), now=utc_now() - timedelta(hours=1), slot=None)
    finally:
        store.close()
    status = json.loads(lived_in.run("status", "--json")[1])
    assert status["ready"] is False
    assert [one["code"] for one in status["reasons"]] == ["not-running", "destination-held", "delivery-late"]
    lines = lived_in.run("status")[1].splitlines()
    assert "通知に支障のある問題が 3 件あります。" in lines
    assert any("60 分" in line for line in lines)
    assert sum("no token" in line for line in lines) == 1


def daemon_of(newsroom):
    return json.loads(newsroom.run("status", "--json")[1])["daemon"]


def test_status_says_whether_the_daemon_runs(lived_in):
    assert daemon_of(lived_in) == {"state": "stopped"}
    assert "動作していません" in lived_in.run("status")[1]
    database = str(lived_in.folder / "monitor.db")
    store = open_store(database)
    try:
        life = this_process(utc_now())
        store.lives.begin(life)
        with hold_lock(database):
            assert daemon_of(lived_in)["state"] == "running"
            assert f"プロセス {os.getpid()}" in lived_in.run("status")[1]
            store.lives.beat(life, now=utc_now() - timedelta(minutes=5))
            assert daemon_of(lived_in)["state"] == "silent"
            assert "5分前" in lived_in.run("status")[1]
    finally:
        store.close()


def test_status_sees_at_once_that_the_daemon_was_killed(lived_in):
    """The kernel has given its lock back; its last sign of life is a moment old, and so is the last poll."""
    store = open_store(str(lived_in.folder / "monitor.db"))
    life = this_process(utc_now())
    try:
        store.lives.begin(life)
        status = json.loads(lived_in.run("status", "--json")[1])
        assert (status["daemon"]["state"], status["ready"]) == ("ended", False)
        assert [one["code"] for one in status["reasons"]] == ["not-running"]
        assert "正常に停止せずに終了しています" in lived_in.run("status")[1]
        store.lives.end(life)
        # Of another host's locks nothing is seen here.
        store.lives.begin(replace(life, host="elsewhere", boot="another"))
        assert daemon_of(lived_in)["state"] == "running"
    finally:
        store.close()


def test_status_in_both_forms(lived_in):
    _, out, _ = lived_in.run("status", "--json")
    status = json.loads(out)
    assert status["sources"]["ok"] == 1
    assert status["backlog"][0]["matches"] == 2
    assert set(status) >= {"sources", "deliveries", "backlog", "last_errors"}
    code, out, _ = lived_in.run("status")
    assert code == 0
    assert "情報源" in out


def test_status_tells_matches_from_destinations_and_what_is_written_down_from_what_is_sent(newsroom):
    newsroom.articles("米、二次関税を警告", "NATO summit opens in Tokyo")
    newsroom.rule("first.yaml", "- {name: 二次関税, any: 二次関税, notify: ['#a', '#b']}\n- NATO\n")
    newsroom.run("run", "--once")
    (line,) = [line for line in newsroom.run("status")[1].splitlines() if line.startswith("一致")]
    assert line.split() == ["一致", "2", "件、あて先ごとに数えて", "3", "件:", "配信待ち", "3"]
    store = open_store(str(newsroom.folder / "monitor.db"))
    try:
        promised = store.deliveries.promise(
            make_promise(told=(1,), channel="#a", destination="#a"), now=utc_now(), slot=None
        )
        status = json.loads(newsroom.run("status", "--json")[1])
        assert (status["matches"], status["told"]) == ({"promised": 1, "waiting": 2}, {"matches": 2, "unsent": 1})
        assert "通知 1(うち送信待ち 1)" in newsroom.run("status")[1]
        (delivery,) = promised
        store.deliveries.claim(delivery.id, now=utc_now(), send_started_at=utc_now())
        store.deliveries.close(replace(delivery, state=DeliveryState.SENT), now=utc_now(), note="x")
        shown = newsroom.run("status")[1]
        assert "通知 1 " in shown
        assert "うち" not in shown
    finally:
        store.close()


def test_sources_are_listed_with_their_health(lived_in):
    _, out, _ = lived_in.run("sources")
    assert "正常" in out
    _, out, _ = lived_in.run("sources", "list", "--json")
    assert json.loads(out)["state"] == "ok"


def test_two_sources_of_one_host_do_not_look_alike(newsroom):
    newsroom.sources.append(f"{newsroom.site.url}/gone.xml")
    newsroom.site.pages["/gone.xml"] = Answer(b"", 410)
    _, _, err = newsroom.run("run", "--once")
    assert "127.0.0.1 (s1)" in err
    assert "127.0.0.1 (s1)" in newsroom.run("status")[1]
    _, out, _ = newsroom.run("sources")
    assert "127.0.0.1 (s0)" in out
    assert out.count("127.0.0.1 (s1)") == 2


def test_sources_can_be_listed_before_the_first_run(newsroom):
    code, out, _ = newsroom.run("sources", "list")
    assert code == 0
    assert "未巡回" in out


def test_a_source_is_added_behind_what_the_file_says_already(lived_in):
    lived_in.site.pages["/other.xml"] = lived_in.site.pages["/feed.xml"]
    path = lived_in.folder / "config.toml"
    before = path.read_text()
    code, _, err = lived_in.run("sources", "add", f"{lived_in.site.url}/other.xml", "--group", "wire")
    assert code == 0
    assert "朝の通信" in err
    assert path.read_text().startswith(before)
    _, out, _ = lived_in.run("sources", "list", "--json")
    assert json.loads(out.splitlines()[1])["group"] == "wire"


def test_a_source_that_cannot_be_read_is_not_added(newsroom):
    path = newsroom.write()
    before = path.read_text()
    site = newsroom.site.url
    for url, code in ((f"{site}/feed.xml", 2), (f"{site}/nowhere.xml", 1), ("no address", 2)):
        assert newsroom.run("sources", "add", url)[0] == code, url
    assert path.read_text() == before


def test_preview_shows_what_waits_and_marks_nothing(lived_in, tmp_path):
    _, out, _ = lived_in.run("preview")
    assert "米、二次関税を警告" in out
    _, _, err = lived_in.run("preview", "--html", str(tmp_path / "p.html"))
    assert "米、" in (tmp_path / "p.html").read_text(encoding="utf-8")
    assert "p.html" in err
    (when,) = [line for line in out.splitlines() if line.startswith("▷ ")]
    assert "に送信します" in when
    assert when.removeprefix("▷ ") in (tmp_path / "p.html").read_text(encoding="utf-8")
    _, out, _ = lived_in.run("run", "--once", "--deliver-now")
    assert "米、二次関税を警告" in out
    _, out, err = lived_in.run("preview")
    assert out == ""
    assert "待っている" in err


def test_a_reader_who_has_seen_enough_of_a_preview_is_told_nothing(lived_in):
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "monitor", "--config", str(lived_in.folder / "config.toml"), "preview"]
    ended = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False, timeout=60)
    os.close(writer)
    assert ended.stderr == ""


def test_preview_of_one_channel(lived_in):
    _, out, _ = lived_in.run("preview", "--channel", "#other")
    assert out == ""


def test_why_explains_a_stored_article_an_address_a_file_and_typed_text(lived_in, tmp_path, monkeypatch):
    _, out, _ = lived_in.run("search", "--json", "二次関税")
    article = json.loads(out)
    for wanted in (article["id"], article["url"]):
        _, out, _ = lived_in.run("why", wanted, "--json")
        assert {one["rule"]: one["verdict"] for one in json.loads(out)} == {"二次関税": "match", "nato": "no match"}
    (tmp_path / "text.txt").write_text("北大西洋\n日本とNATOが会談")
    _, out, _ = lived_in.run("why", str(tmp_path / "text.txt"), "--rule", "NATO", "--json")
    assert [one["verdict"] for one in json.loads(out)] == ["match"]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("SENATORの発言".encode())))
    code, out, _ = lived_in.run("why", "-", "--rule", "nato")
    assert code == 0
    assert "SENATOR" in out


def test_why_reads_a_page_that_is_not_stored(lived_in):
    lived_in.site.pages["/new.html"] = type(lived_in.site.pages["/feed.xml"])(
        lived_in.page("速報", "NATOが声明を発表した。" * 20)
    )
    _, out, _ = lived_in.run("why", f"{lived_in.site.url}/new.html", "--rule", "nato", "--json")
    assert json.loads(out)[0]["verdict"] == "match"


@pytest.mark.parametrize("arguments", [["why", "nonsense"], ["why", "-", "--rule", "natto"]], ids=" ".join)
def test_why_says_what_it_cannot_find(newsroom, arguments):
    assert newsroom.run(*arguments)[0] == 2


@pytest.mark.parametrize("command", [["search", "x"], ["status"], ["export", "articles"], ["preview"]])
def test_before_the_first_run_there_is_nothing_to_read(newsroom, command):
    code, out, err = newsroom.run(*command)
    assert (code, out) == (1, "")
    assert "monitor run" in err
    assert not (newsroom.folder / "monitor.db").exists()


@pytest.mark.parametrize("command", ["discover", "import", "export"])
def test_commands_of_later_versions_say_so(newsroom, command):
    code, _, err = newsroom.run("sources", command, "anything")
    assert code == 2
    assert command in err


def test_a_mistyped_command_is_answered_with_the_nearest(newsroom):
    code, _, err = newsroom.run("serach")
    assert code == 2
    assert "search" in err


def typed(body: bytes):
    return io.TextIOWrapper(io.BytesIO(body))


@pytest.mark.parametrize("encoding", ["utf-8", "cp932", "euc_jp"])
def test_why_reads_typed_text_in_any_encoding(newsroom, monkeypatch, encoding):
    monkeypatch.setattr("sys.stdin", typed("きょう、京都市で二次関税をめぐる会議が開かれました。".encode(encoding)))
    _, out, _ = newsroom.run("why", "-", "--rule", "二次関税", "--json")
    assert json.loads(out)[0]["verdict"] == "match"


def test_why_reads_a_saved_page_as_a_page(newsroom, tmp_path):
    page = tmp_path / "saved.html"
    body = newsroom.page("会談の見出し", "両国は二次関税について協議した。" * 10).decode().replace("utf-8", "Shift_JIS")
    page.write_bytes(body.encode("cp932"))
    _, out, _ = newsroom.run("why", str(page), "--rule", "二次関税")
    assert "会談の見出し" in out
    assert "<html" not in out
    _, out, _ = newsroom.run("why", str(page), "--rule", "二次関税", "--json")
    assert json.loads(out)[0]["verdict"] == "match"


@pytest.mark.parametrize(
    "body", [b"", b" \n", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)) * 4], ids=["empty", "blank", "png"]
)
def test_why_refuses_what_is_no_text(newsroom, tmp_path, body):
    (tmp_path / "x").write_bytes(body)
    assert newsroom.run("why", str(tmp_path / "x"))[0] == 2


def test_why_lists_the_rules_where_none_is_near(newsroom, monkeypatch):
    monkeypatch.setattr("sys.stdin", typed(b"x"))
    code, _, err = newsroom.run("why", "-", "--rule", "まったく別の名前")
    assert code == 2
    assert "二次関税, NATO" in err


def test_a_phrase_that_is_not_found_says_that_it_was_one(lived_in):
    _, _, err = lived_in.run("search", "紅葉が 見ごろ")
    assert "一続きの語句" in err


def test_preview_of_a_channel_that_does_not_exist(lived_in):
    code, _, err = lived_in.run("preview", "--channel", "nai")
    assert code == 2
    assert "terminal" in err


def test_what_fails_is_told_in_a_line_of_its_own(newsroom):
    newsroom.sources.append(f"{newsroom.site.url}/nowhere.xml")
    newsroom.run("run", "--once")
    for command in ("status", "sources"):
        _, out, _ = newsroom.run(command)
        (line,) = [line for line in out.splitlines() if "nowhere.xml" in line and "404" in line]
        assert line.startswith("127.0.0.1")


def test_names_with_brackets_are_shown_as_they_are(newsroom):
    newsroom.sources.append(f"{newsroom.site.url}/nowhere.xml")
    path = newsroom.write()
    path.write_text(path.read_text().replace('id = "s1"', 'id = "s1"\nname = "[/b] 通信 [red]"'))
    newsroom.run("run", "--once")
    for command in ("status", "sources"):
        code, out, _ = newsroom.run(command)
        assert code == 0
        assert "[/b] 通信 [red]" in out


def test_sources_json_needs_no_subcommand(newsroom):
    _, out, _ = newsroom.run("sources", "--json")
    assert json.loads(out)["id"] == "s0"


@pytest.mark.parametrize(
    ("text", "verdict", "scope"),
    [
        ("二次関税を警告した", "match", "unknown"),
        ("Secondary tariffs 二次関税 " * 10, "no match", "false"),
        ("NATO 二次関税", "match", "unknown"),
    ],
)
def test_why_of_typed_text_is_certain_though_its_source_is_not_known(newsroom, tmp_path, text, verdict, scope):
    newsroom.rule("first.yaml", "- {name: x, any: 二次関税, sources: {only: [s0], languages: [ja]}}\n")
    (tmp_path / "text.txt").write_text(text, encoding="utf-8")
    (found,) = json.loads(newsroom.run("why", str(tmp_path / "text.txt"), "--json")[1])
    assert (found["verdict"], found["trace"]["scope"]) == (verdict, scope)
    out = newsroom.run("why", str(tmp_path / "text.txt"))[1]
    assert "本文があれば" not in out
    assert ("不明なので調べていません" in out) is (verdict == "match")
