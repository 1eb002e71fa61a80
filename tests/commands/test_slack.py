"""`monitor slack`: what a newcomer is told, step by step, whatever is wrong."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from end_to_end.bureau import slack_in_thread
from slack_standin import WEBHOOK, Fault

from monitor.commands import main
from monitor.ports import LAG
from monitor.sinks.slack.manifest import SCOPES
from monitor.stores import open_store

DOCS = Path(__file__).parents[2] / "docs"


@pytest.fixture
def slack():
    with slack_in_thread() as slack:
        yield slack


@pytest.fixture
def desk(newsroom, slack, monkeypatch):
    """A newsroom with a token, and a rule that is told elsewhere."""
    for name in ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SLACK_BOT_TOKEN", slack.token)
    newsroom.settings = (
        f'[slack]\nchannel = "#news"\napi_url = "{slack.api_url}"\n'
        '[channels.crisis]\nslack = "#pr-crisis"\nmention = "@pr-duty"\n'
    )
    newsroom.rule("first.yaml", "- name: 二次関税\n  any: [二次関税]\n  notify: '#desk'\n  mention: '@sato'\n")
    return newsroom


def lines(out: str, sign: str) -> list[str]:
    return [line[2:] for line in out.splitlines() if line.startswith(sign)]


def kept(newsroom) -> dict[str, str]:
    store = open_store(str(newsroom.folder / "monitor.db"), create=False)
    contacts = {one.name: one.value for one in store.contacts.contacts()}
    store.close()
    return contacts


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_the_manifest_needs_no_configuration(form, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["slack", "manifest", "--format", form])
    assert left.value.code in (0, None)
    assert "chat:write" in capsys.readouterr().out


def test_all_is_well(desk, slack):
    slack.workspace.settings.lag = 0.3
    code, out, _ = desk.run("slack", "test")
    assert code == 0, out
    assert lines(out, "✗") == lines(out, "!") == []
    fine = "\n".join(lines(out, "✓"))
    for words in ("$SLACK_BOT_TOKEN", "@monitor", "C0NEWS0001", "C0CRISIS01", "G0PRIVATE1", "S0PRDUTY01", "U0SATO0001"):
        assert words in fine
    assert slack.token not in out
    # The test message stood in the channel, and is gone.
    [post] = slack.calls("chat.postMessage")
    assert post.args["channel"] == "C0NEWS0001"
    assert "monitor" in post.args["text"]
    assert slack.messages("news") == []
    contacts = kept(desk)
    assert 0.3 <= float(contacts[LAG]) < 10
    assert contacts["#desk"] == "G0PRIVATE1"
    assert contacts["@pr-duty"] == "S0PRDUTY01"


def test_english_too(desk):
    path = desk.write()
    path.write_text(path.read_text(encoding="utf-8").replace('"ja"', '"en"'), encoding="utf-8")
    _, out, _ = desk.run("slack", "test")
    assert "Everything that digests need works." in out
    assert not re.search(r"[ぁ-ん]", out)


def test_no_token(newsroom):
    newsroom.settings = '[slack]\nchannel = "#news"\n'
    code, out, _ = newsroom.run("slack", "test")
    assert code == 1
    assert "SLACK_BOT_TOKEN" in out
    assert "slack manifest" in out


def test_the_place_of_the_token_is_named_and_never_the_token(desk, slack, monkeypatch):
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    (desk.folder / "token").write_text(slack.token + "\n", encoding="utf-8")
    desk.settings = desk.settings.replace("[slack]\n", '[slack]\ntoken_file = "token"\n')
    code, out, _ = desk.run("slack", "test")
    assert code == 0
    assert str(desk.folder / "token") in out
    assert slack.token not in out


def test_systemds_credential_comes_first(desk, slack, monkeypatch, tmp_path_factory):
    folder = tmp_path_factory.mktemp("credentials")
    (folder / "slack_bot_token").write_text(slack.token, encoding="utf-8")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    monkeypatch.setenv("SLACK_BOT_TOKEN", "xoxb-other")
    _, out, _ = desk.run("slack", "test")
    assert str(folder / "slack_bot_token") in out


@pytest.mark.parametrize(
    ("error", "words"),
    [("invalid_auth", "OAuth & Permissions"), ("account_inactive", "再インストール"), ("zzz_new", "zzz_new")],
)
def test_a_refused_token_ends_it(desk, slack, error, words):
    slack.fail(Fault(method="auth.test", answer="error", error=error))
    code, out, _ = desk.run("slack", "test")
    assert code == 1
    [line] = lines(out, "✗")
    assert words in line
    assert not slack.calls("chat.postMessage")


def test_slack_that_cannot_be_reached(desk, slack):
    desk.settings = desk.settings.replace(slack.api_url, "http://127.0.0.1:9/api/")
    code, out, _ = desk.run("slack", "test")
    assert code == 1
    assert "接続できません" in lines(out, "✗")[0]


def test_a_proxy_that_answers_for_slack(desk, slack):
    slack.fail(Fault(method="auth.test", answer="status", status=403))
    _, out, _ = desk.run("slack", "test")
    assert "HTTP 403" in lines(out, "✗")[0]


def test_missing_scopes_are_named_with_their_purpose(desk, slack):
    slack.workspace.settings.missing_scopes = ("channels:history", "users:read")
    code, out, _ = desk.run("slack", "test")
    assert code == 1
    assert "channels:history" in lines(out, "✗")[0]
    # Persons by name are not found, the group is; the message cannot be looked up.
    assert any("users:read" in line for line in lines(out, "!"))
    assert any("@sato" in line for line in lines(out, "!"))
    assert any("S0PRDUTY01" in line for line in lines(out, "✓"))
    assert len(lines(out, "✗")) == 1
    assert any("channels:history" in line for line in lines(out, "·"))
    assert LAG not in kept(desk)


@pytest.mark.parametrize("scope", ["chat:write", "channels:read"])
def test_one_missing_scope_is_one_fault(desk, slack, scope):
    slack.workspace.settings.missing_scopes = (scope,)
    code, out, _ = desk.run("slack", "test")
    assert code == 1
    (line,) = lines(out, "✗")
    assert scope in line
    assert any(scope in line for line in lines(out, "·"))
    assert "1件" in out.splitlines()[-1]


def test_a_round_by_hand_names_mentions_of_nobody(desk):
    desk.rule("second.yaml", "- name: NATO\n  any: [NATO]\n  mention: '@nobody'\n")
    desk.articles("京都で紅葉が見ごろ")
    _, _, err = desk.run("run", "--once")
    (line,) = [line for line in err.splitlines() if "@nobody" in line]
    assert "@sato" not in line


def test_channels_that_cannot_be_told(desk, slack):
    slack.workspace.channel("news").member = False
    slack.workspace.channel("pr-crisis").archived = True
    slack.workspace.channel("desk").member = False
    code, out, _ = desk.run("slack", "test")
    assert code == 1
    news, crisis, private = lines(out, "✗")
    assert "#news" in news
    assert "/invite @monitor" in news
    assert "#pr-crisis" in crisis
    assert "アーカイブ" in crisis
    assert "#desk" in private
    assert not slack.calls("chat.postMessage")


def test_a_renamed_channel_and_one_under_two_names(desk, slack):
    desk.run("slack", "test")
    slack.workspace.channel("news").name = "news-jp"
    desk.settings += '[channels.morning]\nslack = "C0CRISIS01"\n'
    desk.write()
    code, out, _ = desk.run("slack", "test")
    assert code == 0
    doubts = lines(out, "!")
    assert "#news-jp" in doubts[0]
    assert "C0CRISIS01" in doubts[1]
    assert "#pr-crisis" in doubts[1]
    assert "2件" in out


def test_mentions_of_nobody(desk):
    desk.rule("second.yaml", "- name: NATO\n  any: [NATO]\n  mention: '@nobody'\n")
    code, out, _ = desk.run("slack", "test")
    assert code == 0
    [line] = lines(out, "!")
    assert "@nobody" in line


@pytest.mark.parametrize("offset", [7200, -7200])
def test_a_clock_that_is_off(desk, slack, offset):
    slack.workspace.settings.clock_offset = offset
    code, out, _ = desk.run("slack", "test")
    assert code == 0
    [line] = lines(out, "!")
    seconds = int(re.search(r"(\d+)秒(遅れ|進ん)", line)[1])
    assert abs(timedelta(seconds=seconds) - timedelta(hours=2)) < timedelta(seconds=30)
    assert ("遅れ" in line) == (offset > 0)


def test_a_message_that_may_not_be_deleted_stays(desk, slack):
    slack.workspace.settings.may_delete = False
    code, out, _ = desk.run("slack", "test")
    assert code == 0
    assert "cant_delete_message" in lines(out, "·")[0]
    assert len(slack.messages("news")) == 1


def test_another_channel_by_its_name_in_the_configuration_or_in_slack(desk, slack):
    desk.run("slack", "test", "--channel", "crisis")
    desk.run("slack", "test", "--channel", "#desk")
    desk.run("slack", "test", "--channel", "C0NEWS0001")
    assert [call.args["channel"] for call in slack.calls("chat.postMessage")] == [
        "C0CRISIS01",
        "G0PRIVATE1",
        "C0NEWS0001",
    ]
    code, _, err = desk.run("slack", "test", "--channel", "crises")
    assert code == 2
    assert "crisis" in err


def test_a_limit_is_waited_for(desk, slack):
    slack.fail(Fault(method="conversations.info", answer="limit", retry_after="1"))
    slack.fail(Fault(method="chat.postMessage", answer="limit", retry_after="300"))
    code, out, _ = desk.run("slack", "test")
    assert code == 1
    assert "ratelimited" in lines(out, "✗")[0]
    assert any("C0NEWS0001" in line for line in lines(out, "✓"))


class TestWebhooks:
    @pytest.fixture
    def hooked(self, desk, slack, monkeypatch):
        monkeypatch.setenv("PARTNERS", slack.address + WEBHOOK)
        desk.settings += '[channels.partners]\nwebhook_env = "PARTNERS"\n'
        return desk

    def test_nothing_is_posted_unless_it_is_named(self, hooked, slack):
        code, out, _ = hooked.run("slack", "test")
        assert code == 0
        assert "partners" in lines(out, "·")[0]
        assert not slack.calls("webhook")

    def test_a_message_by_name_and_no_other(self, hooked, slack):
        code, out, _ = hooked.run("slack", "test", "--channel", "partners")
        assert code == 0
        assert len(slack.calls("webhook")) == 1
        assert not slack.calls("chat.postMessage")
        assert "partners" in lines(out, "·")[0]
        assert WEBHOOK not in out

    def test_one_that_is_gone(self, hooked, slack):
        slack.fail(Fault(method="webhook", answer="body", status=404, body="no_service", content_type="text/plain"))
        code, out, _ = hooked.run("slack", "test", "--channel", "partners")
        assert code == 1
        assert "no_service" in lines(out, "✗")[0]

    def test_a_token_is_not_needed(self, hooked, monkeypatch):
        monkeypatch.delenv("SLACK_BOT_TOKEN")
        code, out, _ = hooked.run("slack", "test", "--channel", "partners")
        assert code == 0
        assert "トークンはありません" in lines(out, "·")[0]


def test_no_database_is_made_where_the_daemon_could_not_write_it(desk, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: Path(desk.folder).stat().st_uid + 1)
    code, out, _ = desk.run("slack", "test")
    assert code == 0
    assert not (desk.folder / "monitor.db").exists()
    assert any("monitor run" in line for line in lines(out, "·"))


@pytest.mark.parametrize(("page", "language"), [("slack.md", "en"), ("slack.ja.md", "ja")])
def test_whoever_follows_the_page_has_a_digest(page, language, desk, slack, monkeypatch):
    """The commands of its first chapter in their order, with the settings it shows; what it says is printed is printed."""
    chapter = (DOCS / page).read_text(encoding="utf-8").split("\n## ")[1]
    blocks = dict.fromkeys(("sh", "toml", "console"), "")
    for kind, block in re.findall(r"```(\w+)\n(.*?)```", chapter, re.DOTALL):
        blocks[kind] = blocks.get(kind, "") + block
    monkeypatch.delenv("SLACK_BOT_TOKEN")
    (desk.folder / "slack-token").write_text(f"{slack.token}\n", encoding="utf-8")
    (desk.folder / "rules" / "first.yaml").write_text("- 二次関税\n", encoding="utf-8")
    desk.settings = f'{blocks["toml"]}api_url = "{slack.api_url}"\n'
    path = desk.write()
    path.write_text(path.read_text(encoding="utf-8").replace('language = "ja"', f'language = "{language}"'), "utf-8")
    slack.workspace.settings.lag = 0.1
    commands = re.findall(r"^monitor (.*)$", blocks["sh"], re.MULTILINE)
    assert commands == ["slack manifest", "slack test", "run --once --deliver-now"]
    printed = {}
    for command in commands:
        code, printed[command], err = desk.run(*command.split())
        assert code == 0, err
    assert len(slack.messages("news")) == 1
    _, shown = blocks["console"].split("\n", 1)
    assert _without_figures(printed["slack test"].replace(f"{desk.folder}/", "")) == _without_figures(shown)


def _without_figures(text: str) -> str:
    return re.sub(r"\d+\.\d+", "n", text)


@pytest.mark.parametrize("page", ["slack.md", "slack.ja.md"])
def test_the_page_names_every_scope_and_nothing_but(page):
    table = (DOCS / page).read_text(encoding="utf-8").split("\n## ")[3]
    rows = "".join(line.split("|")[1] for line in table.splitlines() if line.startswith("| `"))
    assert set(re.findall(r"`([\w:]+)`", rows)) == set(SCOPES)
