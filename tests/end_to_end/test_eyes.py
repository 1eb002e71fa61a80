"""What a machine sees of a daemon in trouble: ready again when it is mended, and no secret anywhere."""

import re
import signal
from pathlib import Path

import pytest
from end_to_end.bureau import HURRIED, until
from end_to_end.disk import fill
from end_to_end.eyes import Eyes
from slack_standin import Fault

pytestmark = pytest.mark.slow

UNRULY = (str(Path(__file__).with_name("unruly.py")),)
CRISIS = '[channels.crisis]\nslack = "#pr-crisis"\nwhen = "now"\nwait = "0s"\n'
HOOK = '[channels.crisis]\nwebhook_env = "HOOK"\nwhen = "now"\nwait = "0s"\n'
TO_CRISIS = "notify: crisis\nrules:\n  - 二次関税\n"


@pytest.fixture
def start(bureau):
    def start(settings=CRISIS, program=HURRIED, more=None):
        bureau.listen = "127.0.0.1:0"
        bureau.settings = settings
        bureau.fetch = bureau.fetch or 'every = "1s"\n'
        bureau.rule("first.yaml", TO_CRISIS)
        running = bureau.start("run", "--verbose", program=program, more=more)
        running.says("event=started")
        return running, Eyes.of(running)

    return start


@pytest.mark.fault(26)
def test_a_refused_token_is_a_reason_until_a_good_one_is_in_place(bureau, start, tmp_path_factory):
    safe = tmp_path_factory.mktemp("credentials")
    (safe / "slack_bot_token").write_text("xoxb-wrong", encoding="utf-8")
    bureau.publish(tariff="米、二次関税を警告")
    running, eyes = start(more={"CREDENTIALS_DIRECTORY": str(safe)})
    until(lambda: "slack-refused" in eyes.reasons())
    until(lambda: eyes.metric('monitor_deliveries{state="pending"}') == 1)
    assert eyes.ask("/livez")[0] == 200
    assert "invalid_auth" in eyes.ask("/readyz")[1]
    assert eyes.metric('monitor_not_ready{reason="slack-refused"}') == 1
    assert not bureau.slack.messages("pr-crisis")
    (safe / "slack_bot_token").write_text(bureau.slack.token, encoding="utf-8")
    running.process.send_signal(signal.SIGHUP)
    until(lambda: bureau.told("pr-crisis") == {bureau.url("tariff"): 1})
    until(lambda: eyes.reasons() == ["ready"])
    until(lambda: eyes.metric('monitor_delivery_attempts_total{outcome="sent"}') == 1)
    assert running.end(signal.SIGTERM).code == 0


@pytest.mark.fault(24)
def test_a_message_that_waits_for_a_person_is_a_reason_until_they_have_acted(bureau, start):
    bureau.slack.fail(Fault(method="webhook", answer="reset"))
    bureau.publish(tariff="米、二次関税を警告")
    hook = {"HOOK": bureau.slack.webhook_url}
    bureau.listen, bureau.settings, bureau.fetch = "127.0.0.1:0", HOOK, 'every = "1s"\n'
    bureau.write()
    config = bureau.folder / "config.toml"
    config.write_text(config.read_text(encoding="utf-8").replace("[slack]\n", '[slack]\nwebhook_repeats = "hold"\n'))
    running, eyes = start(more=hook)
    until(lambda: eyes.reasons() == ["delivery-held"])
    assert eyes.metric('monitor_deliveries{state="held"}') == 1
    assert bureau.start("unblock", "crisis", more=hook).wait().code == 0
    until(lambda: eyes.reasons() == ["ready"])
    assert running.end(signal.SIGTERM).code == 0


@pytest.mark.fault(50)
def test_an_edit_that_is_refused_shows_in_the_metrics(bureau, start):
    running, eyes = start()
    assert eyes.metric("monitor_config_last_reload_successful") == 1
    bureau.rule("first.yaml", "- name: 天気\n  anny: 天気\n")
    until(lambda: eyes.metric("monitor_config_last_reload_successful") == 0)
    assert eyes.reasons() == ["ready"]
    assert eyes.metric("monitor_rules") == 1
    bureau.rule("first.yaml", "- 天気\n- 二次関税\n")
    until(lambda: eyes.metric("monitor_config_last_reload_successful") == 1)
    assert eyes.metric("monitor_rules") == 2
    assert running.end(signal.SIGTERM).code == 0


@pytest.mark.fault(52)
def test_a_daemon_whose_loop_is_blocked_is_told_of_as_dead(bureau, start):
    running, eyes = start(program=UNRULY, more={"UNRULY": "blocked"})
    assert eyes.ask("/livez") == (200, "alive\n")
    (bureau.folder / "now").touch()
    until(lambda: eyes.ask("/livez")[0] == 503, 10)
    assert "standstill" in eyes.reasons()
    assert running.alive


@pytest.mark.fault(31)
def test_a_full_disk_is_a_reason_until_there_is_room(bureau, start, small_disk):
    bureau.database = small_disk / "monitor.db"
    running, eyes = start()
    assert eyes.reasons() == ["ready"]
    fill(small_disk / "filler")
    until(lambda: "disk-full" in eyes.reasons())
    assert eyes.metric("monitor_disk_free_bytes") < 400_000
    assert eyes.ask("/livez")[0] == 200
    (small_disk / "filler").unlink()
    until(lambda: eyes.reasons() == ["ready"])
    bureau.publish(tariff="米、二次関税を警告")
    assert running.end(signal.SIGTERM).code == 0


@pytest.mark.fault(61)
def test_no_secret_stands_in_anything_that_is_written_or_shown(bureau, start):
    """Tokens, webhooks, a proxy's password and a source's key, while everything that knows them fails."""
    secrets = [bureau.slack.token, "xox", "secretsecretsecret", "hunter2", "letmein", "abcdefkey"]
    hook = '[channels.partners]\nwebhook_env = "HOOK"\nwhen = "now"\nwait = "0s"\n'
    bureau.source("keyed", f"{bureau.site.url}/feed.xml?x", more='headers = { "X-API-Key" = "abcdefkey" }\n')
    bureau.source("walled", f"{bureau.site.url.replace('//', '//desk:letmein@')}/no.xml")
    bureau.publish(tariff="米、二次関税を警告")
    for fault in (
        Fault(method="webhook", answer="reset"),
        Fault(method="webhook", answer="body", status=404, body="no_service", content_type="text/plain"),
        Fault(method="auth.test", answer="error", error="fatal_error"),
        Fault(method="chat.postMessage", answer="reset", store=True),
        Fault(method="chat.postMessage", answer="body", status=500, body="xoxb-stand-in is what you sent"),
    ):
        bureau.slack.fail(fault)
    shown = []

    def look(eyes):
        shown.extend(eyes.ask(path)[1] for path in ("/livez", "/readyz", "/readyz?format=json", "/metrics"))

    environment = {"HOOK": bureau.slack.webhook_url, "MONITOR_LOG": "json"}
    bureau.rule("second.yaml", "notify: partners\nrules:\n  - 警告\n")
    bureau.listen, bureau.settings, bureau.fetch = "127.0.0.1:0", CRISIS + hook, 'every = "1s"\n'
    bureau.rule("first.yaml", TO_CRISIS)
    running = bureau.start("run", "--verbose", program=HURRIED, more=environment)
    [port] = re.findall(r'"port": (\d+)', running.says('"event": "listening"'))
    eyes = Eyes(port)
    until(lambda: bureau.told("pr-crisis") and "destination-held" in eyes.reasons())
    look(eyes)
    config = bureau.folder / "config.toml"
    proxied = config.read_text(encoding="utf-8").replace(
        "[fetch]\n", '[fetch]\nproxy = "http://desk:hunter2@127.0.0.1:9"\n'
    )
    config.write_text(proxied, encoding="utf-8")
    running.process.send_signal(signal.SIGHUP)
    until(lambda: bureau.rows("select 1 from sources where last_error like '%proxy%'"))
    look(eyes)
    for command in ("status", "sources", "unblock"):
        bureau.start(command, more=environment).wait()
    assert running.end(signal.SIGTERM).code == 0
    written = {str(path): path.read_bytes() for path in bureau.folder.rglob("*") if path.is_file() and path != config}
    assert any(name.endswith("monitor.db") for name in written)
    for secret in secrets:
        for place, content in (*written.items(), *((text[:60], text.encode()) for text in shown)):
            assert secret.encode() not in content, (secret, place)
