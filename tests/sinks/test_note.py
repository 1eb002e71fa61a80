"""Notes to the operator in Slack: whatever editors typed and sites answered, text and nothing else."""

import json

import pytest
from digests import HOSTILE, TOKYO, make_delivery
from slack_limits import refusal

from monitor.sinks import SinkSettings, open_sink
from monitor.sinks.slack.note import render_note


def test_the_heading_is_bold_and_each_line_stands_alone():
    [payload] = render_note(["2 sources cannot be read", "• 朝の通信: HTTP 503", "• NHK: timed out"])
    message = json.loads(payload)
    assert message["text"] == "2 sources cannot be read\n• 朝の通信: HTTP 503\n• NHK: timed out"
    [block] = message["blocks"]
    assert [part["elements"][0]["text"] for part in block["elements"]] == message["text"].split("\n")
    assert [part["elements"][0].get("style") for part in block["elements"]] == [{"bold": True}, None, None]


def test_hostile_lines_cannot_mention_link_or_format():
    for payload in render_note(["heading", *HOSTILE]):
        message = json.loads(payload)
        assert refusal(message) is None
        assert "<" not in message["text"]
        assert {part["type"] for part in message["blocks"][0]["elements"]} == {"rich_text_section"}


@pytest.mark.parametrize("line", ["x" * 399, "&" * 5_000, "あ" * 5_000, '"\\' * 2_000])
def test_a_long_note_goes_on_in_further_messages(line):
    payloads = render_note(["heading", *[line] * 100])
    assert len(payloads) > 1
    assert all(refusal(json.loads(payload)) is None for payload in payloads)
    assert sum(len(json.loads(payload)["blocks"][0]["elements"]) for payload in payloads) == 101


async def test_the_terminal_prints_a_note_as_it_prints_digests(capsys):
    sink = open_sink("console", SinkSettings(language="ja", zone=TOKYO))
    [payload] = sink.render_note(["ルールの変更を取り込めませんでした", "rules/a.yaml:3:5 \x1b[31m<!here>"])
    await sink.send(make_delivery(payload))
    assert capsys.readouterr().out == "ルールの変更を取り込めませんでした\nrules/a.yaml:3:5 [31m<!here>\n\n"
