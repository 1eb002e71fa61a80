"""kill -9 again and again, with a Slack that breaks off: every article once, every match once, every story told once."""

import os
import random
import signal
import time
from collections import Counter
from itertools import islice

import pytest
from end_to_end.bureau import HURRIED, until
from slack_standin import Fault

KILLS = 20
FEWEST_KILLS = 6
ARTICLES = 60
SETTINGS = '[channels.crisis]\nslack = "#pr-crisis"\nwhen = "now"\nwait = "0s"\n'
RULES = """\
rules:
  - 二次関税
  - name: リコール
    any: リコール
    notify: crisis
  - name: 首脳会談
    any: 首脳会談
    notify: [crisis, "#news"]
"""
#: Words of the headlines in turn, and the channels in which they are told.
KINDS = (
    ("二次関税", {"news"}),
    ("リコール", {"pr-crisis"}),
    ("二次関税でリコール", {"news", "pr-crisis"}),
    ("首脳会談で二次関税", {"news", "pr-crisis"}),
    ("天気", set()),
)
FAULTS = ("reset", "close", "hang", "truncate", "garbage", "status", "error", "limit")


def name_of(number):
    return f"n{number}"


def headline(number):
    return f"第{number}報 {KINDS[number % len(KINDS)][0]}"


def expected(bureau, channel):
    return {bureau.url(name_of(number)): 1 for number in range(ARTICLES) if channel in KINDS[number % len(KINDS)][1]}


class Storm:
    """Starts monitor and kills it at a moment drawn by lot, while news comes in and Slack fails."""

    def __init__(self, bureau, arguments, seed):
        self.bureau, self.arguments, self.chance = bureau, arguments, random.Random(seed)
        self.numbers = iter(range(ARTICLES))
        self.kills = Counter()

    def rage(self):
        for _ in range(3 * KILLS):
            if self.kills.total() >= KILLS:
                break
            self.news()
            self.break_slack()
            self.strike()
        # On a fast machine many rounds end before they are struck; a storm without kills would prove nothing.
        assert self.kills.total() >= FEWEST_KILLS, self.kills

    def news(self, many=None):
        chosen = islice(self.numbers, many or self.chance.randint(1, 5))
        self.bureau.publish(**{name_of(number): headline(number) for number in chosen})

    def break_slack(self):
        if self.chance.random() < 0.4:
            answer, store = self.chance.choice(FAULTS), self.chance.random() < 0.5
            # What Slack limits or refuses for certain is not stored; an error that nobody knows may be.
            store = store and answer != "limit"
            method = self.chance.choice(("chat.postMessage", "chat.postMessage", "conversations.history"))
            self.bureau.slack.fail(Fault(method=method, answer=answer, store=store, error="fatal_error"))

    def strike(self):
        """Start it, wait for a moment, kill it."""
        running = self.bureau.start(*self.arguments, program=HURRIED)
        way = self.chance.choice((self.at_a_time, self.at_a_request, self.at_a_call, self.by_slack))
        way(running)
        if running.alive:
            # Now and then it is asked politely.
            running.process.send_signal(self.chance.choice((signal.SIGKILL,) * 4 + (signal.SIGTERM,)))
        if running.process.wait() == -signal.SIGKILL:
            self.kills[way.__name__] += 1
        assert "Traceback" not in running.err, running.err

    def at_a_time(self, running):
        self.wait(running, lambda: False, self.chance.uniform(0.2, 3))

    def at_a_request(self, running):
        """While it reads the news site."""
        after = len(self.bureau.site.asked) + self.chance.randint(1, 3)
        self.wait(running, lambda: len(self.bureau.site.asked) >= after, 3)
        time.sleep(self.chance.uniform(0, 0.3))

    def at_a_call(self, running):
        """While it talks to Slack."""
        after = len(self.bureau.slack.requests) + self.chance.randint(1, 2)
        self.wait(running, lambda: len(self.bureau.slack.requests) >= after, 4)
        time.sleep(self.chance.choice((0, 0.002, 0.01, 0.03)))

    def by_slack(self, running):
        """By Slack itself, before or after it stores a message."""
        fault = Fault(answer="kill", pid=running.pid, store=self.chance.random() < 0.5)
        self.bureau.slack.fail(fault)
        self.wait(running, lambda: False, 4)
        if fault in self.bureau.slack._faults:
            # It would strike whoever has this number next.
            self.bureau.slack._faults.remove(fault)

    def wait(self, running, happened, seconds):
        ends = time.monotonic() + seconds
        while running.alive and not happened() and time.monotonic() < ends:
            time.sleep(0.001)

    def calm(self):
        """Let it come to rest."""
        self.bureau.slack._faults.clear()
        self.news(ARTICLES)
        until(self.at_rest, 90, "rest")

    def at_rest(self):
        ended = self.bureau.deliver(HURRIED)
        waiting = self.bureau.rows("select 1 from tellings where telling = 'waiting'")
        unsent = self.bureau.rows("select 1 from deliveries where state <> 'sent'")
        articles = self.bureau.rows("select count(*) from articles")
        return ended.code == 0 and not waiting and not unsent and articles == [(ARTICLES,)]


@pytest.mark.fault(10)
@pytest.mark.slow
@pytest.mark.parametrize(
    "arguments", [("run", "--once", "--deliver-now"), ("run", "--deliver-now")], ids=["once", "daemon"]
)
def test_nothing_is_lost_and_nothing_is_told_twice(bureau, arguments):
    seed = int(os.environ.get("STORM_SEED", "1"))
    print(f"STORM_SEED={seed}")  # noqa: T201 - pytest shows it when the test fails
    bureau.settings = SETTINGS
    bureau.fetch = 'every = "1s"\n'
    bureau.rule("first.yaml", RULES)
    storm = Storm(bureau, arguments, seed)
    storm.rage()
    storm.calm()
    check_archive(bureau)
    check_told(bureau)
    bureau.check_no_secrets()
    for running in bureau.started:
        running.leaves_nothing()


def check_archive(bureau):
    urls = Counter(url for (url,) in bureau.rows("select url from articles"))
    assert urls == {bureau.url(name_of(number)): 1 for number in range(ARTICLES)}
    matches = Counter(
        bureau.rows("select articles.title, rule_id from matches join articles on articles.id = article_id")
    )
    assert matches == {
        (headline(number), rule): 1
        for number in range(ARTICLES)
        for rule in ("二次関税", "リコール", "首脳会談")
        if rule in headline(number)
    }
    told = Counter(bureau.rows("select match_id, destination from tellings where telling = 'promised'"))
    # Of five kinds, two have one match for one channel, one has one for each, and one two for #news and one for #pr-crisis.
    assert (len(told), told.total()) == (ARTICLES * 7 // 5, ARTICLES * 7 // 5)


def check_told(bureau):
    assert bureau.told("news") == expected(bureau, "news")
    assert bureau.told("pr-crisis") == expected(bureau, "pr-crisis")
    deliveries = dict(bureau.rows("select id, receipt from deliveries"))
    messages = [message for channel in bureau.slack.workspace.channels for message in channel.messages]
    posted = {message["metadata"]["event_payload"]["delivery"]: message["ts"] for message in messages}
    assert posted == deliveries
    assert len(messages) == len(deliveries)
