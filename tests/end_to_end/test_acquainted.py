"""What one process learns of Slack serves the next: ids for looking up, whom mentions mean, the time messages take."""

import json

import pytest
from end_to_end.bureau import HURRIED, until
from slack_standin import Fault


def test_the_next_process_looks_up_at_once_by_the_id_that_was_kept(bureau):
    bureau.publish(tariff="米、二次関税を警告")
    bureau.slack.fail(Fault(store=True, answer="reset"))
    bureau.deliver(HURRIED)
    assert ("#news", "C0NEWS0001") in bureau.rows("select name, value from contacts")
    bureau.slack.fail(Fault(method="conversations.list", answer="error", error="fatal_error", times=9))
    until(lambda: bureau.deliver(HURRIED).code == 0 and bureau.rows("select 1 from deliveries where state = 'sent'"))
    assert bureau.told("news") == {bureau.url("tariff"): 1}
    assert len(bureau.slack.calls("conversations.list")) == 1
    assert {call.args["channel"] for call in bureau.slack.calls("conversations.history")} == {"C0NEWS0001"}


def test_a_handle_mentions_its_group_and_an_unknown_one_is_named(bureau):
    bureau.rule("first.yaml", "- name: 二次関税\n  any: [二次関税]\n  mention: '@pr-duty'\n")
    bureau.publish(tariff="米、二次関税を警告")
    assert bureau.deliver().code == 0
    [message] = bureau.slack.messages("news")
    assert '"usergroup_id": "S0PRDUTY01"' in json.dumps(message["blocks"])
    assert "&lt;" not in message["text"]
    assert "<!subteam^S0PRDUTY01>" in message["text"]
    # Whom it means is kept: the second round asks for nobody.
    assert bureau.deliver().code == 0
    assert len(bureau.slack.calls("usergroups.list")) == 1


def test_who_cannot_be_found_keeps_no_message_back(bureau):
    bureau.rule("first.yaml", "- name: 二次関税\n  any: [二次関税]\n  mention: '@nobody'\n")
    bureau.slack.workspace.settings.missing_scopes = ("users:read", "usergroups:read")
    bureau.publish(tariff="米、二次関税を警告")
    assert bureau.deliver().code == 0
    [message] = bureau.slack.messages("news")
    assert "@nobody" in message["text"]


def test_a_token_that_is_refused_at_the_door_is_told_by_the_first_message(bureau):
    bureau.publish(tariff="米、二次関税を警告")
    for method in ("auth.test", "conversations.list", "chat.postMessage"):
        bureau.slack.fail(Fault(method=method, answer="error", error="token_revoked", times=2))
    ended = bureau.deliver()
    assert ended.code == 1
    assert "token_revoked" in ended.err
    assert not bureau.slack.messages("news")
    bureau.slack.reset()
    until(lambda: bureau.deliver().code == 0 and bureau.slack.messages("news"))
    assert bureau.told("news") == {bureau.url("tariff"): 1}


def test_the_lag_that_was_measured_is_waited_for(bureau):
    bureau.slack.workspace.settings.lag = 0.3
    tried = bureau.run("slack", "test")
    assert tried.code == 0, tried.out
    [(lag,)] = bureau.rows("select value from contacts where name = 'lag'")
    assert 0.3 <= float(lag) < 20
    assert "everything" in tried.out.lower()
    bureau.check_no_secrets()


@pytest.mark.parametrize("notify", ["['#news', C0NEWS0001]", "[C0NEWS0001, '#news']"])
def test_a_channel_by_name_and_by_id_is_told_once(bureau, notify):
    bureau.rule("first.yaml", f"- name: 二次関税\n  any: [二次関税]\n  notify: {notify}\n- 発動\n")
    bureau.publish(tariff="米、二次関税を警告", both="二次関税を発動", port="新しい措置を発動")
    # While Slack cannot be asked which channel the name means, the name is told nothing.
    bureau.slack.fail(Fault(method="conversations.list", answer="error", error="fatal_error"))
    bureau.deliver()
    first = {bureau.url("tariff"): 1, bureau.url("both"): 1}
    assert bureau.told("news") == first
    assert bureau.deliver().code == 0
    assert bureau.told("news") == {**first, bureau.url("port"): 1}
    assert bureau.rows("select distinct destination from deliveries") == [("C0NEWS0001",)]
    assert bureau.rows("select 1 from tellings where telling = 'waiting'") == []
