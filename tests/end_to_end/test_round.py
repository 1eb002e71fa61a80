"""`monitor run --once` as a process, told to a Slack on loopback: what an operator with cron gets."""

import re
import signal

import pytest
from digests import HOSTILE
from end_to_end.bureau import HURRIED, texts, until
from slack_limits import refusal
from slack_standin import Fault
from slack_workspace import Channel


def test_tells_one_digest_once(bureau):
    bureau.publish(tariff="米、二次関税を警告", weather="きょうの天気")
    first = bureau.deliver()
    assert (first.code, first.out) == (0, "")
    assert "2 new articles, 1 match, 0 failed" in first.err
    assert "#news: 1 message sent" in first.err
    assert "Nothing is waiting" not in first.err
    [message] = bureau.slack.messages("news")
    [(delivery, *ended)] = bureau.rows("select id, state, receipt, attempts from deliveries")
    assert message["metadata"] == {"event_type": "monitor_delivery", "event_payload": {"delivery": delivery}}
    assert ended == ["sent", message["ts"], 1]
    assert bureau.told("news") == {bureau.url("tariff"): 1}
    assert "米、二次関税を警告" in message["text"]
    second = bureau.deliver()
    assert (second.code, second.out) == (0, "")
    assert "Nothing is waiting to be told." in second.err
    assert "sent" not in second.err
    assert [one.method for one in bureau.slack.requests].count("chat.postMessage") == 1
    bureau.check_no_secrets()


def test_a_long_digest_goes_on_in_its_thread_in_order(bureau):
    bureau.sources.clear()
    bureau.source("s0", f"{bureau.site.url}/feed.xml", more="full_text = false\n")
    bureau.publish(**{f"n{number}": f"二次関税の第{number}報" for number in range(60)})
    assert bureau.deliver().code == 0
    parent, *replies = bureau.slack.messages("news")
    assert replies
    assert "thread_ts" not in parent
    assert {reply["thread_ts"] for reply in replies} == {parent["ts"]}
    total = 1 + len(replies)
    assert [f"part {part} of {total}" in reply["text"] for part, reply in enumerate(replies, 2)] == [True] * len(
        replies
    )
    assert bureau.told("news") == {bureau.url(f"n{number}"): 1 for number in range(60)}
    assert bureau.slack.workspace.impatient == 0


def test_a_channel_for_now_is_told_at_once_and_the_digest_keeps_its_time(bureau):
    bureau.settings = '[channels.crisis]\nslack = "#pr-crisis"\nwhen = "now"\nmention = "@here"\n'
    bureau.rule("first.yaml", "rules:\n  - 二次関税\n  - name: リコール\n    any: リコール\n    notify: crisis\n")
    bureau.publish(tariff="米、二次関税を警告", recall="トヨタがリコール", both="リコールと二次関税")
    once = bureau.run("run", "--once")
    assert once.code == 0
    assert re.search("waiting for the digest in #news at [^;]+: 2;", once.err)
    crisis = {bureau.url("recall"): 1, bureau.url("both"): 1}
    assert (bureau.told("news"), bureau.told("pr-crisis")) == ({}, crisis)
    assert bureau.deliver().code == 0
    assert bureau.told("news") == {bureau.url("tariff"): 1, bureau.url("both"): 1}
    assert bureau.told("pr-crisis") == crisis


@pytest.mark.fault(30)
def test_hostile_headlines_arrive_inert(bureau):
    hostile = [title for title in HOSTILE if title.strip() and "\x00" not in title and "\ud800" not in title]
    bureau.publish(**{f"h{number}": f"二次関税{number} {title}" for number, title in enumerate(hostile)})
    assert bureau.deliver().code == 0
    messages = bureau.slack.messages("news")
    assert bureau.told("news") == {bureau.url(f"h{number}"): 1 for number in range(len(hostile))}
    for message in messages:
        assert refusal(message) is None
        # What Slack reads as markup is the text alone: only our own links and dates may stand there.
        marked = [part.partition(">")[0] for part in message["text"].split("<")[1:]]
        assert all(one.startswith((bureau.site.url, "!date^")) for one in marked), marked
        assert set(kinds(message["blocks"])) <= INERT
    shown = "".join(text for message in messages for text in texts(message["blocks"]))
    assert "<!channel>" in shown
    assert not set(shown) & set("\u202e\u202a\u2066\x1b\x07")


#: Block and element types in which Slack shows characters as they are.
INERT = {
    "header", "plain_text", "context", "divider", "rich_text", "rich_text_section", "rich_text_quote", "text", "link",
    "date", None,
}  # fmt: skip


def kinds(block):
    """Every `type` in blocks."""
    if isinstance(block, dict):
        yield block.get("type")
        block = list(block.values())
    if isinstance(block, list):
        for one in block:
            yield from kinds(one)


def test_what_a_missing_channel_was_to_be_told_is_told_once_it_is_there(bureau):
    bureau.rule("first.yaml", "rules:\n  - name: 二次関税\n    any: 二次関税\n    notify: ['#trade', '#news']\n")
    bureau.publish(tariff="米、二次関税を警告")
    refused = bureau.deliver()
    assert refused.code == 1
    assert "Slack knows no channel #trade" in refused.err
    assert "/invite" in refused.err
    assert bureau.told("news") == {bureau.url("tariff"): 1}
    bureau.slack.workspace.channels.append(Channel(id="C0TRADE001", name="trade"))
    assert bureau.deliver().code == 0
    assert bureau.told("trade") == bureau.told("news") == {bureau.url("tariff"): 1}
    assert bureau.rows("select distinct state from deliveries") == [("sent",)]


def test_what_slack_asked_to_be_sent_later_is_sent_later_once(bureau):
    bureau.publish(tariff="米、二次関税を警告")
    bureau.slack.fail(Fault(answer="limit", retry_after="2"))
    asked = bureau.deliver()
    assert asked.code == 0
    assert "Slack asks to wait 2 seconds; what is left is sent then" in asked.err
    assert bureau.told("news") == {bureau.url("tariff"): 1}
    assert bureau.slack.workspace.impatient == 0


def test_a_message_that_was_stored_although_slack_broke_off_is_not_sent_again(bureau):
    bureau.publish(tariff="米、二次関税を警告")
    bureau.slack.fail(Fault(store=True, answer="reset"))
    broken = bureau.deliver(HURRIED)
    assert broken.code == 1
    assert "It is looked up before it is sent again" in broken.err
    assert bureau.rows("select state from deliveries") == [("unknown",)]
    until(lambda: bureau.deliver(HURRIED).code == 0 and bureau.rows("select 1 from deliveries where state = 'sent'"))
    assert bureau.told("news") == {bureau.url("tariff"): 1}
    assert len(bureau.slack.calls("chat.postMessage")) == 1


def test_a_round_that_is_interrupted_ends_without_a_word_and_the_next_takes_it_up(bureau):
    bureau.publish(**{f"n{number}": f"二次関税の第{number}報" for number in range(5)})
    running = bureau.start("run", "--once", "--deliver-now")
    until(lambda: len(bureau.site.asked) > 1)
    interrupted = running.end(signal.SIGINT)
    assert (interrupted.code, interrupted.out, interrupted.err.strip()) == (130, "", "")
    assert bureau.deliver().code == 0
    assert bureau.told("news") == {bureau.url(f"n{number}"): 1 for number in range(5)}
