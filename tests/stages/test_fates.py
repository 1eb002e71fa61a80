"""What became of a match, in words for people and as JSON."""

from datetime import timedelta

import pytest
from builders import NOW

from monitor.messages import LANGUAGES
from monitor.model import DeliveryState, Fate, Telling
from monitor.stages.fates import fate_line, fates_json, untold


def fate(**changes):
    values = {
        "rule_id": "r", "rule_name": "r", "channel": "#news", "destination": "#news", "when": "digest",
        "telling": Telling.WAITING,
    }  # fmt: skip
    return Fate(**values | changes)


def line(one, language="en"):
    return fate_line(one, language, moment="{:%H:%M}".format, next_at=lambda _: NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "#news: waits, to be told: 00:30"),
        ({"when": "now"}, "to be told: as soon as"),
        ({"telling": Telling.PROMISED, "delivery": DeliveryState.SENT, "told_at": NOW}, "told at 23:30"),
        ({"telling": Telling.PROMISED, "delivery": DeliveryState.UNKNOWN}, "being sent"),
        ({"telling": Telling.PROMISED, "delivery": DeliveryState.HELD}, "waits for a person"),
        ({"telling": Telling.PROMISED, "delivery": DeliveryState.DEAD}, "refused"),
        ({"telling": Telling.COVERED, "told_at": NOW}, "told there already (23:30)"),
        ({"telling": Telling.HELD, "revisit_at": NOW}, "asked for again at 23:30"),
        ({"telling": Telling.HELD}, "asked for again at –"),
        ({"telling": Telling.MUTED}, "muted"),
        ({"telling": Telling.GATHERING}, "threshold"),
        ({"telling": Telling.INITIAL}, "initial"),
        ({"telling": Telling.SKIPPED}, "body"),
    ],
)
def test_each_fate_has_its_words(changes, words):
    assert words in line(fate(**changes))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("telling", [*Telling])
@pytest.mark.parametrize("state", [None, *DeliveryState])
def test_every_fate_can_be_said(language, telling, state):
    assert line(fate(telling=telling, delivery=state), language).startswith("#news: ")


def test_a_hostile_channel_stays_on_its_line():
    assert line(fate(channel="a\n\x1b[31m" + "x" * 500)).startswith("a [31mxxx")


def test_json_has_words_and_instants():
    sent = fate(telling=Telling.PROMISED, delivery=DeliveryState.SENT, told_at=NOW)
    assert fates_json([sent, fate()]) == [
        {
            "channel": "#news", "destination": "#news", "telling": "promised", "delivery": "sent",
            "told_at": "2026-11-22T23:30:00+00:00",
        },
        {"channel": "#news", "destination": "#news", "telling": "waiting", "delivery": None, "told_at": None},
    ]  # fmt: skip


def test_no_empty_parentheses_stand_where_there_is_no_time():
    assert line(fate(telling=Telling.MUTED), "ja") == "#news: 通知せず(ルールをミュート中)"
    assert line(fate(telling=Telling.COVERED, told_at=NOW), "ja").endswith("通知済み)(23:30)")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("telling", [*Telling])
@pytest.mark.parametrize("state", [None, *DeliveryState])
def test_why_nothing_was_told_can_always_be_said(language, telling, state):
    found = untold([fate(telling=telling, delivery=state)], language)
    told = telling is Telling.COVERED or (telling is Telling.PROMISED and state is DeliveryState.SENT)
    assert (found is None) is told


def test_rules_count_once_in_why_nothing_was_told():
    fates = [fate(telling=Telling.MUTED), fate(telling=Telling.MUTED, channel="#b"), fate(rule_id="s")]
    found = untold(fates, "ja")
    assert (found.why, found.waits) == ("ミュート中 1、配信待ち 1", True)
    assert untold([fate(telling=Telling.INITIAL)], "en").waits is False
    assert untold([], "ja") is None
