"""`monitor run` as a process that lives: it tells, it ends when asked, it takes up rules, nothing holds it up."""

import signal
import socket

import pytest
from end_to_end.bureau import HURRIED, MONITOR, until
from slack_standin import Fault

pytestmark = pytest.mark.slow

#: An operator's patience: Docker kills after 10 s.
SOON = 10.0
CRISIS = '[channels.crisis]\nslack = "#pr-crisis"\nwhen = "now"\nwait = "1s"\n'
TO_CRISIS = "notify: crisis\nrules:\n"


@pytest.fixture
def daemon(bureau):
    """Starts it with a channel that is told at once, and a feed that is polled every second."""

    def start(program=HURRIED):
        bureau.settings = CRISIS
        bureau.fetch = 'every = "1s"\n'
        bureau.rule("first.yaml", f"{TO_CRISIS}  - 二次関税\n")
        running = bureau.start("run", program=program)
        running.says("event=started")
        return running

    return start


@pytest.mark.fault(47)
def test_tells_after_the_wait_refuses_a_second_instance_and_ends_when_asked(bureau, daemon):
    bureau.publish(tariff="米、二次関税を警告", again="二次関税、再び", weather="きょうの天気")
    running = daemon(MONITOR)
    second = bureau.run("run", "--once")
    assert second.code == 75
    assert f"process {running.pid}" in second.err
    until(lambda: bureau.told("pr-crisis"))
    assert bureau.told("pr-crisis") == {bureau.url("tariff"): 1, bureau.url("again"): 1}
    [(matched_at,)] = bureau.rows("select min(matched_at) from matches")
    [post] = bureau.slack.calls("chat.postMessage")
    assert post.at - matched_at >= 1
    ended = running.end(signal.SIGTERM, SOON)
    assert (ended.code, ended.out) == (0, "")
    assert ended.err.splitlines()[-1].endswith("event=stopped")
    assert bureau.rows("select distinct state from deliveries") == [("sent",)]
    bureau.check_no_secrets()


@pytest.mark.fault(48)
def test_a_post_in_flight_is_waited_for(bureau, daemon):
    bureau.slack.fail(Fault(answer="slow", seconds=0.8))
    bureau.publish(tariff="米、二次関税を警告")
    running = daemon()
    until(lambda: bureau.slack.calls("chat.postMessage"))
    assert running.end(signal.SIGTERM, SOON).code == 0
    [message] = bureau.slack.messages("pr-crisis")
    assert bureau.rows("select state, receipt from deliveries") == [("sent", message["ts"])]


def test_edited_rules_take_effect_and_broken_ones_do_not(bureau, daemon):
    running = daemon()
    bureau.rule("first.yaml", f"{TO_CRISIS}  - 二次関税\n  - NATO\n")
    running.says("event=rules_reloaded rules=2")
    bureau.publish(nato="NATOが会合")
    until(lambda: bureau.told("pr-crisis"))
    bureau.rule("first.yaml", f"{TO_CRISIS}  - name: 天気\n    anny: 天気\n")
    assert "first.yaml:4:5" in running.says("event=rules_refused")
    bureau.publish(weather="きょうの天気", tariff="米、二次関税を警告")
    until(lambda: len(bureau.told("pr-crisis")) > 1)
    assert bureau.told("pr-crisis") == {bureau.url("nato"): 1, bureau.url("tariff"): 1}
    assert running.alive
    bureau.rule("first.yaml", f"{TO_CRISIS}  - 天気\n")
    running.says("event=rules_reloaded rules=1")
    assert running.end(signal.SIGTERM, SOON).code == 0


def test_a_site_that_hangs_holds_up_nothing(bureau, daemon):
    with socket.create_server(("127.0.0.2", 0)) as hanging:
        bureau.source("hanging", f"http://127.0.0.2:{hanging.getsockname()[1]}/feed.xml")
        bureau.sources.insert(0, bureau.sources.pop())
        bureau.publish(tariff="米、二次関税を警告")
        running = daemon()
        until(lambda: bureau.told("pr-crisis"))
        assert bureau.rows("select id from sources where last_poll_at is null") == [("hanging",)]
        assert running.end(signal.SIGTERM, SOON).code == 0
