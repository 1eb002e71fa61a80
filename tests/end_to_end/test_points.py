"""One death or one fault, and exactly what is found in the database and in Slack behind it."""

import signal
import time

import pytest
from end_to_end.bureau import until
from end_to_end.test_matrix import DOOMED, check, watch
from end_to_end.test_matrix import start as start_doomed
from slack_standin import Fault

NEWS = {"n1": "第1報 二次関税", "n2": "第2報 二次関税でリコール", "n3": "第3報 天気"}
NOW = '[channels.news]\nslack = "#news"\nwhen = "now"\nwait = "0s"\n'
BOTH = NOW + '[channels.crisis]\nslack = "#pr-crisis"\nwhen = "now"\nwait = "0s"\n'
RULES = """\
rules:
  - name: 二次関税
    any: 二次関税
    notify: [news, crisis]
  - name: リコール
    any: リコール
    notify: crisis
"""
#: What stands in the database after a death at each point: (state, attempts) of every delivery, and posts until then.
BEHIND = {
    "match-inserted": ([], 0),
    "digest-inserted": ([], 0),
    "digest-committed": ([("pending", 0)], 0),
    "claim-written": ([("pending", 0), ("pending", 0)], 0),
    "claimed": ([("pending", 0), ("sending", 1)], 0),
    "responded": ([("sending", 1)], 1),
    "sent-written": ([("sending", 1)], 1),
}


@pytest.fixture
def doomed(bureau):
    bureau.settings, bureau.fetch = BOTH, 'every = "1s"\n'
    bureau.rule("first.yaml", RULES)
    bureau.publish(**NEWS)
    return bureau


@pytest.mark.fault(1, 2, 3, 4, 7)
@pytest.mark.long
@pytest.mark.parametrize("point", BEHIND)
def test_a_death_leaves_what_can_be_taken_up(doomed, point):
    assert watch(doomed, start_doomed(doomed, point))
    rows, posts = BEHIND[point]
    found = doomed.rows("select state, attempts from deliveries order by state, attempts")
    # Two channels are told side by side: what the other one had come to by then is a matter of milliseconds.
    assert set(rows) <= set(found) if rows else found == []
    assert posts <= len(doomed.slack.calls("chat.postMessage")) <= 2 * posts
    if point == "match-inserted":
        assert doomed.rows("select count(*) from matches") == [(0,)]
    assert not watch(doomed, start_doomed(doomed, None))
    check(doomed)


@pytest.mark.fault(4)
@pytest.mark.long
def test_what_was_claimed_is_posted_only_after_two_readings(doomed):
    assert watch(doomed, start_doomed(doomed, "claimed"))
    assert doomed.slack.calls("chat.postMessage") == []
    [(claimed,)] = doomed.rows("select id from deliveries where state = 'sending'")
    assert not watch(doomed, start_doomed(doomed, None))
    methods = [
        one.method
        for one in doomed.slack.requests
        if one.method == "conversations.history"
        or one.args.get("metadata", {}).get("event_payload") == {"delivery": claimed}
    ]
    assert methods[:2] == ["conversations.history"] * 2
    assert methods.count("chat.postMessage") == 1
    check(doomed)


@pytest.mark.fault(6, 7)
@pytest.mark.long
@pytest.mark.parametrize("point", ["killed by Slack", "responded", "sent-written"])
def test_what_was_stored_when_the_process_died_is_never_posted_again(doomed, point):
    doomed.rule("first.yaml", "rules:\n  - name: 二次関税\n    any: 二次関税\n    notify: news\n")
    fault = Fault(answer="kill", store=True) if point == "killed by Slack" else None
    assert watch(doomed, start_doomed(doomed, None if fault else point, fault))
    assert not watch(doomed, start_doomed(doomed, None))
    assert len(doomed.slack.calls("chat.postMessage")) == 1
    assert doomed.told("news") == {doomed.url("n1"): 1, doomed.url("n2"): 1}
    assert doomed.rows("select state from deliveries") == [("sent",)]


@pytest.mark.fault(5)
@pytest.mark.long
def test_what_slack_had_not_stored_when_the_process_died_is_posted_once(doomed):
    assert watch(doomed, start_doomed(doomed, None, Fault(answer="kill")))
    assert doomed.rows("select 1 from deliveries where state = 'sending'")
    assert not watch(doomed, start_doomed(doomed, None))
    check(doomed)


@pytest.mark.fault(8)
@pytest.mark.long
@pytest.mark.parametrize("point", ["looked-up", "look-up-written", "look-up-noted"])
def test_a_death_while_looking_up_costs_another_look(doomed, point):
    doomed.rule("first.yaml", "rules:\n  - name: 二次関税\n    any: 二次関税\n    notify: news\n")
    assert watch(doomed, start_doomed(doomed, point, Fault(answer="reset", store=True)))
    watch(doomed, start_doomed(doomed, point))
    assert not watch(doomed, start_doomed(doomed, None))
    assert len(doomed.slack.calls("chat.postMessage")) == 1
    assert doomed.told("news") == {doomed.url("n1"): 1, doomed.url("n2"): 1}


@pytest.mark.fault(16)
@pytest.mark.long
def test_a_limit_is_kept_over_a_death(doomed):
    """429 with three seconds, death after one, and a new process at once."""
    doomed.slack.fail(Fault(answer="limit", retry_after="3"))
    running = start_doomed(doomed, None)
    until(lambda: doomed.slack.calls("chat.postMessage"))
    limited_at = doomed.slack.calls("chat.postMessage")[0].at
    until(lambda: doomed.rows("select 1 from pauses where destination = 'slack'"))
    time.sleep(1)
    running.process.send_signal(signal.SIGKILL)
    running.process.wait()
    before = len(doomed.slack.calls("chat.postMessage"))
    # Side by side: the other channel's may have been on the wire.
    assert before <= 2
    assert not watch(doomed, start_doomed(doomed, None))
    later = doomed.slack.calls("chat.postMessage")[before:]
    assert later
    assert min(one.at for one in later) >= limited_at + 3
    check(doomed)


@pytest.mark.fault(48)
@pytest.mark.long
def test_a_message_on_the_wire_at_the_end_comes_to_its_end(doomed):
    """SIGTERM while Slack takes its time: the answer is waited for, and nothing more is begun."""
    doomed.slack.fail(Fault(answer="slow", store=True, seconds=0.8, times=2))
    running = start_doomed(doomed, None)
    until(lambda: doomed.slack.calls("chat.postMessage"))
    ended = running.end(signal.SIGTERM, 20)
    assert ended.code == 0
    assert "sending" not in {state for (state,) in doomed.rows("select state from deliveries")}
    assert doomed.rows("select 1 from deliveries where state = 'sent'")
    assert not watch(doomed, start_doomed(doomed, None))
    check(doomed)


HOOK = '[channels.pr]\nwebhook_env = "HOOK"\nwhen = "now"\nwait = "0s"\n'


def once(bureau, **more):
    environment = {"HOOK": bureau.slack.webhook_url, "DOOM_SETTLE": "0.2", **more}
    return bureau.start("run", "--once", program=DOOMED, more=environment).wait()


@pytest.mark.fault(24)
@pytest.mark.long
class TestWebhook:
    @pytest.fixture
    def hooked(self, bureau):
        bureau.rule("first.yaml", "rules:\n  - name: 二次関税\n    any: 二次関税\n    notify: pr\n")
        bureau.publish(n1="第1報 二次関税")
        bureau.slack.fail(Fault(method="webhook", answer="reset", store=True))
        return bureau

    def test_what_may_have_arrived_is_sent_once_more_and_says_so(self, hooked):
        hooked.settings = HOOK
        assert once(hooked).code == 1
        until(lambda: once(hooked).code == 0 and len(hooked.slack.messages("news")) > 1)
        first, second = hooked.slack.messages("news")
        assert first["metadata"] == second["metadata"]
        assert [one["text"].startswith("Possibly a repeat") for one in (first, second)] == [False, True]
        assert len(hooked.slack.calls("webhook")) == 2

    def test_or_it_is_held_until_a_person_says_so(self, hooked):
        # The key belongs to the table before.
        hooked.settings = HOOK
        hooked.write()
        config = hooked.folder / "config.toml"
        text = config.read_text(encoding="utf-8").replace("[slack]\n", '[slack]\nwebhook_repeats = "hold"\n')
        config.write_text(text, encoding="utf-8")
        assert once(hooked).code == 1
        until(lambda: once(hooked) and hooked.rows("select 1 from deliveries where state = 'held'"))
        assert once(hooked).code == 0
        assert len(hooked.slack.messages("news")) == 1
        environment = {"HOOK": hooked.slack.webhook_url}
        status = hooked.start("status", more=environment).wait()
        assert "pr: a message of" in status.out
        assert "is held" in status.out
        assert "1 message that was held is sent now" in hooked.start("unblock", "pr", more=environment).wait().out
        assert once(hooked).code == 0
        assert [one["text"].startswith("Possibly a repeat") for one in hooked.slack.messages("news")] == [False, True]


@pytest.mark.fault(26)
def test_a_new_token_goes_on_where_the_old_one_was_refused(bureau):
    bureau.settings = NOW
    bureau.rule("first.yaml", "rules:\n  - name: 二次関税\n    any: 二次関税\n    notify: news\n")
    bureau.publish(n1="第1報 二次関税")
    token = {"SLACK_BOT_TOKEN": "xoxb-revoked"}
    refused = bureau.start("run", "--once", more=token).wait()
    assert refused.code == 1
    assert "Slack refuses the bot token (invalid_auth)" in refused.err
    asked = len(bureau.slack.calls("chat.postMessage"))
    bureau.publish(n2="第2報 二次関税")
    bureau.start("run", "--once", more=token).wait()
    assert len(bureau.slack.calls("chat.postMessage")) == asked
    assert bureau.run("run", "--once").code == 0
    assert bureau.told("news")[bureau.url("n1")] == 1


@pytest.mark.long
def test_a_channel_that_left_the_configuration_gets_its_message_when_it_is_back(bureau):
    crisis = '[channels.crisis]\nslack = "#pr-crisis"\nwhen = "now"\nwait = "0s"\n'
    bureau.settings = crisis + '[ops]\nslack = "#desk"\n'
    bureau.rule("first.yaml", "rules:\n  - name: 二次関税\n    any: 二次関税\n    notify: crisis\n")
    bureau.publish(n1="第1報 二次関税")
    bureau.slack.fail(Fault(answer="status", status=502))
    assert bureau.run("run", "--once", program=DOOMED).code == 1
    assert bureau.rows("select state from deliveries") == [("unknown",)]
    bureau.settings = '[ops]\nslack = "#desk"\n'
    bureau.rule("first.yaml", "- 首脳会談\n")
    bureau.write()
    until(lambda: once(bureau) and bureau.rows("select 1 from deliveries where state = 'held'"))
    once(bureau)
    [note] = [message["text"] for message in bureau.slack.messages("desk")]
    assert "crisis is no longer in config.toml; 1 message for it" in note
    assert "crisis" in bureau.run("status").out
    assert bureau.slack.messages("pr-crisis") == []
    bureau.settings = crisis + '[ops]\nslack = "#desk"\n'
    bureau.write()
    assert once(bureau).code == 0
    assert bureau.told("pr-crisis") == {bureau.url("n1"): 1}
