"""What the operator hears in the ops channel of a daemon that lives, and what the log says of an edit."""

import signal

import pytest
from end_to_end.bureau import HURRIED, texts, until
from slack_workspace import Channel

pytestmark = pytest.mark.slow

SOON = 10.0
RULES = "rules:\n  - 二次関税\n  - name: 停戦\n    any: 停戦\n"
BROKEN = "rules:\n  - 二次関税\n  - name: 停戦\n    anny: 停戦\n"
FAILING = "rules:\n  - name: 停戦\n    any: 停戦\n    tests:\n      match: [晴れ]\n"


@pytest.fixture
def daemon(bureau):
    def start():
        bureau.settings = '[ops]\nslack = "#monitor-ops"\n'
        bureau.fetch = 'every = "1s"\n'
        bureau.rule("first.yaml", RULES)
        running = bureau.start("run", program=HURRIED)
        running.says("event=started")
        return running

    bureau.slack.workspace.channels.append(Channel(id="C0OPS00001", name="monitor-ops"))
    return start


def heard(bureau):
    return ["".join(texts(message["blocks"])) for message in bureau.slack.messages("monitor-ops")]


def test_a_refused_edit_is_told_once_over_a_restart_and_its_mending_too(bureau, daemon):
    running = daemon()
    bureau.rule("first.yaml", BROKEN)
    running.says("event=rules_kept")
    until(lambda: heard(bureau))
    [note] = heard(bureau)
    assert "rules/first.yaml:4:5" in note
    assert "anny" in note
    bureau.rule("first.yaml", FAILING)
    until(lambda: len(heard(bureau)) > 1)
    assert "first.yaml:5" in heard(bureau)[1]
    bureau.rule("first.yaml", RULES)
    running.says("event=rules_reloaded rules=2")
    until(lambda: len(heard(bureau)) > 2)
    assert heard(bureau)[2] == "The rules are in force again: 2 rules."
    assert running.end(signal.SIGTERM, SOON).code == 0
    again = daemon()
    until(lambda: bureau.rows("select 1 from sources where last_poll_at is not null"))
    assert again.end(signal.SIGTERM, SOON).code == 0
    assert len(heard(bureau)) == 3
    assert bureau.rows("select distinct state from deliveries") == [("sent",)]


def test_the_log_says_what_an_edit_did(bureau, daemon):
    running = daemon()
    bureau.rule("first.yaml", "rules:\n  - NATO\n  - 二次関税\n  - name: 停戦協議\n    any: 停戦\n")
    line = running.says("event=rules_reloaded")
    assert "rules=3 added=nato" in line
    assert "changed" not in line
    assert "`id: 停戦`" in running.says("event=rule_renamed")
    assert "monitor replay --rule nato" in running.says("event=rules_judge_news")
    running.end(signal.SIGTERM, SOON)
