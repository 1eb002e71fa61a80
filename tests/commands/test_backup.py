"""`monitor backup` and `monitor restore`: what an operator types, and what stands in the way."""

import json
import re
from contextlib import closing

import pytest

from monitor.stores import hold_lock, open_store


@pytest.fixture
def lived_in(newsroom):
    newsroom.run("run", "--once")
    return newsroom


def articles(newsroom):
    return json.loads(newsroom.run("status", "--json")[1])["backlog"]


def test_a_backup_is_written_and_put_back(lived_in):
    code, out, err = lived_in.run("backup", str(lived_in.folder / "backups.db"))
    assert code == 0
    assert re.search(r"backups\.db\([\d.]+ MB、[\d.]+ 秒\)", out)
    assert "別のディスク" in err
    waiting = articles(lived_in)
    lived_in.articles("米、二次関税を延期", "NATO chief in Kyiv")
    with closing(open_store(str(lived_in.folder / "monitor.db"))) as store:
        store._connection.run("update sources set due_at = 0, next_poll_at = 0")
    lived_in.run("run", "--once")
    assert articles(lived_in) != waiting
    code, out, err = lived_in.run("restore", str(lived_in.folder / "backups.db"))
    assert (code, err) == (0, "")
    assert "復元しました" in out
    assert "monitor.db.before-restore-" in out
    assert "Webhook" not in out
    assert articles(lived_in) == waiting


def test_a_running_monitor_is_copied_and_never_replaced(lived_in):
    with hold_lock(str(lived_in.folder / "monitor.db")):
        assert lived_in.run("backup", str(lived_in.folder / "copy.db"))[0] == 0
        code, _, err = lived_in.run("restore", str(lived_in.folder / "copy.db"))
    assert code == 75
    assert "systemctl stop monitor" in err


def test_what_stands_in_the_way(lived_in):
    letter = lived_in.folder / "letter.txt"
    letter.write_text("手紙", encoding="utf-8")
    code, out, err = lived_in.run("backup", str(letter))
    assert (code, out) == (1, "")
    assert "バックアップではありません" in err
    assert lived_in.run("backup")[0] == 2
    code, _, err = lived_in.run("restore", str(lived_in.folder / "none.db"))
    assert code == 1
    assert "バックアップがありません" in err


def test_a_backup_of_nothing(newsroom):
    code, _, err = newsroom.run("backup", str(newsroom.folder / "copy.db"))
    assert code == 1
    assert "まだありません" in err
    assert not (newsroom.folder / "monitor.db").exists()


def test_webhooks_may_repeat_and_that_is_said(lived_in):
    lived_in.run("backup", str(lived_in.folder / "copy.db"))
    (lived_in.folder / "hook").write_text("https://hooks.slack.example/x", encoding="utf-8")
    lived_in.settings = '[channels.pr]\nwebhook_file = "hook"\n'
    lived_in.write()
    assert "Webhook" in lived_in.run("restore", str(lived_in.folder / "copy.db"))[1]


def test_a_damaged_database_names_the_way_back_and_stays(lived_in):
    lived_in.settings = '[backup]\nfolder = "backups"\n'
    lived_in.write()
    lived_in.run("run", "--once")
    [copy] = (lived_in.folder / "backups").glob("monitor-*.db")
    database = lived_in.folder / "monitor.db"
    content = bytearray(database.read_bytes())
    content[4096 * 3 : 4096 * 3 + 100] = b"\xa5" * 100
    database.write_bytes(content)
    code, _, err = lived_in.run("run", "--once")
    assert code == 1
    assert "破損" in err
    assert f"monitor restore {copy}" in err
    assert database.read_bytes() == content
    assert lived_in.run("restore", str(copy))[0] == 0
    assert lived_in.run("run", "--once")[0] == 0
