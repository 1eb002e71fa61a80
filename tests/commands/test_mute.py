"""`monitor mute`, `unmute`: a rule is silent for a while, also beside the daemon."""

import json
import threading
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.commands.mute import until_of
from monitor.config.settings import Config
from monitor.errors import UsageError
from monitor.stores import hold_lock, open_store

NOW = datetime(2026, 11, 23, 0, 0, tzinfo=UTC)
CONFIG = Config.model_validate({"timezone": "Asia/Tokyo"})


@pytest.fixture
def lived_in(newsroom):
    """A newsroom after its first round: both rules have found something that waits."""
    newsroom.articles("米、二次関税を警告", "NATO summit opens in Tokyo")
    newsroom.run("run", "--once")
    return newsroom


def states(newsroom):
    return json.loads(newsroom.run("status", "--json")[1])


def test_a_mute_silences_what_waits_and_what_comes(lived_in):
    code, out, err = lived_in.run("mute", "二次関税", "--for", "3d")
    assert (code, err) == (0, "")
    assert "通知を待っていた 1 件" in out
    assert states(lived_in)["matches"] == {"muted": 1, "waiting": 1}
    lived_in.articles("米、二次関税を延期", "NATO chief in Kyiv")
    store = open_store(str(lived_in.folder / "monitor.db"))
    store._connection.raw.execute("update sources set due_at = 0, next_poll_at = 0")
    store.close()
    lived_in.run("run", "--once")
    assert states(lived_in)["matches"] == {"muted": 2, "waiting": 2}
    _, out, _ = lived_in.run("run", "--once", "--deliver-now")
    assert "NATO chief" in out
    assert "二次関税" not in out


def test_what_was_muted_stays_untold(lived_in):
    lived_in.run("mute", "二次関税")
    code, out, _ = lived_in.run("unmute", "二次関税")
    assert (code, "解除" in out) == (0, True)
    assert states(lived_in)["matches"] == {"muted": 1, "waiting": 1}
    assert states(lived_in)["muted"] == []


def test_the_muted_rules_are_listed_and_shown(lived_in):
    assert "ミュート中のルールはありません" in lived_in.run("mute")[1]
    lived_in.run("mute", "NATO", "--for", "ever")
    lived_in.run("mute", "二次関税", "--for", "2126-01-02")
    listed = lived_in.run("mute")[1].splitlines()
    assert listed == [
        "「二次関税」: 2126-01-02 00:00 までミュート中",
        "「NATO」: 解除するまでミュート中(解除: `monitor unmute nato`)",
    ]
    shown = lived_in.run("status")[1]
    assert all(line in shown for line in listed)
    assert states(lived_in)["muted"] == [
        {"rule": "二次関税", "name": "二次関税", "until": "2126-01-01T15:00:00+00:00"},
        {"rule": "nato", "name": "NATO", "until": None},
    ]


def test_a_rule_goes_by_its_id_and_its_name(lived_in):
    lived_in.run("mute", "nato")
    assert lived_in.run("unmute", "NATO")[0] == 0
    assert lived_in.run("mute")[1].startswith("ミュート中のルールはありません")


def test_a_rule_that_is_gone_can_be_unmuted(lived_in):
    lived_in.run("mute", "NATO")
    lived_in.rule("first.yaml", "- 二次関税\n")
    assert lived_in.run("unmute", "NATO")[0] == 0


def test_a_rule_is_muted_while_another_is_broken(lived_in):
    lived_in.rule("broken.yaml", "- name: x\n  anny: [y]\n")
    assert lived_in.run("mute", "NATO")[0] == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (("mute", "二次関"), "近いのは 二次関税"),
        (("mute", "zzz"), "あるのは"),
        (("unmute", "二次関税"), "ミュートされていません"),
        (("mute", "--for", "3d"), "ルールの指定が必要"),
        (("mute", "NATO", "--for", "-1d"), "「-1d」は長さとして使えません。12h、3d のように書きます"),
        (("mute", "NATO", "--for", "soon"), "「soon」は長さとして使えません"),
        (("mute", "NATO", "--for", "2020-01-01"), "「2020-01-01」は長さとして使えません"),
    ],
)
def test_mistakes_are_answered_with_what_to_write(lived_in, line, said):
    code, out, err = lived_in.run(*line)
    assert (code, out) == (2, "")
    assert said in err


def test_before_the_first_round_there_is_nothing_to_mute(newsroom):
    code, _, err = newsroom.run("mute", "NATO")
    assert code != 0
    assert "monitor.db" in err


@pytest.mark.parametrize(
    ("span", "until"),
    [
        ("3d", NOW + timedelta(days=3)),
        ("12h", NOW + timedelta(hours=12)),
        ("3日", NOW + timedelta(days=3)),
        ("2026-12-01", datetime(2026, 12, 1, tzinfo=ZoneInfo("Asia/Tokyo"))),
        ("2026-12-01T08:30", datetime(2026, 12, 1, 8, 30, tzinfo=ZoneInfo("Asia/Tokyo"))),
        ("2026-12-01T08:30Z", datetime(2026, 12, 1, 8, 30, tzinfo=UTC)),
        ("ever", None),
    ],
)
def test_how_an_end_is_written(span, until):
    assert until_of(span, CONFIG, NOW) == until


@pytest.mark.parametrize("span", ["", "3", "3mo", "-1d", "2026-11-23T09:00", "2026-02-30", "0d"])
def test_what_is_no_end(span):
    with pytest.raises(UsageError):
        until_of(span, CONFIG, NOW)


def test_it_is_written_beside_the_daemon(lived_in):
    """The daemon holds the lock and writes now and then: a mute waits for the end of its transaction."""
    database = str(lived_in.folder / "monitor.db")
    with hold_lock(database):
        daemon = open_store(database)
        raw = daemon._connection.raw
        raw.execute("begin immediate")
        timer = threading.Timer(0.2, lambda: raw.execute("commit"))
        timer.start()
        assert lived_in.run("mute", "NATO")[0] == 0
        timer.join()
        assert [mute.rule_id for mute in daemon.mutes.muted(now=NOW)] == ["nato"]
        daemon.close()
