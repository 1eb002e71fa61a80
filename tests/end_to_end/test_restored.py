"""Yesterday's backup after a day of telling: not one story is told twice."""

from collections import Counter
from contextlib import closing

import pytest
from slack_standin import Fault

from monitor.stores import open_store


def due_again(bureau):
    with closing(open_store(str(bureau.folder / "monitor.db"))) as store:
        store._connection.run("update sources set due_at = 0, next_poll_at = 0")


@pytest.mark.fault(38)
def test_nothing_that_was_told_after_the_backup_is_told_again(bureau):
    bureau.settings = '[channels.crisis]\nslack = "#pr-crisis"\nwhen = "now"\nwait = "1s"\n'
    bureau.rule("crisis.yaml", "rules:\n  - name: リコール\n    any: リコール\n    notify: crisis\n")
    bureau.publish(one="米、二次関税を警告", two="トヨタがリコール")
    assert bureau.deliver().code == 0
    assert bureau.run("backup", "yesterday.db").code == 0
    bureau.publish(one="米、二次関税を警告", two="トヨタがリコール", three="二次関税を発動", four="日産もリコール")
    due_again(bureau)
    assert bureau.deliver().code == 0
    told = bureau.told("news") + bureau.told("pr-crisis")
    assert set(told.values()) == {1}
    assert len(told) == 4
    posts = len(bureau.slack.calls("chat.postMessage"))
    assert bureau.run("restore", "yesterday.db").code == 0
    due_again(bureau)
    # As long as a channel does not say what it was told, it is told nothing.
    bureau.slack.fail(Fault(method="conversations.history", answer="status", status=500, times=9))
    assert "not told yet in #news: 1" in bureau.deliver().err
    assert "#news, #pr-crisis: nothing is told there before Slack" in bureau.run("status").out
    bureau.slack._faults.clear()
    assert len(bureau.slack.calls("chat.postMessage")) == posts
    assert bureau.deliver().code == 0
    assert len(bureau.slack.calls("chat.postMessage")) == posts
    # News is told as ever.
    bureau.publish(three="二次関税を発動", four="日産もリコール", five="二次関税を撤回")
    due_again(bureau)
    assert bureau.deliver().code == 0
    assert bureau.told("news") + bureau.told("pr-crisis") == told + Counter({bureau.url("five"): 1})
    bureau.check_no_secrets()
