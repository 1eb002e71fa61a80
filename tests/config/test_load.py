"""Every mistake an operator can make in config.toml, with its place."""

from datetime import time, timedelta
from pathlib import Path

import pytest
from builders import make_source

from monitor.config import (
    find_config,
    labels,
    list_sources,
    load,
    load_config,
    read_secrets,
    review_config,
    secret_texts,
    stated_language,
)
from monitor.errors import ConfigError
from monitor.messages import LANGUAGES
from monitor.model import Finding
from monitor.terminal import hint, sentence

GOOD = """
timezone = "Asia/Tokyo"
[slack]
channel = "#news"
[channels.crisis]
slack = "#pr-crisis"
when = "now"
mention = "@pr-duty"
quiet = "22:00-07:00"
[[sources]]
name = "朝の通信"
feed = "https://example.jp/feed.xml"
every = "5m"
language = "JA"
initial = "all"
[[sources]]
feed = "https://example.com/rss"
"""


@pytest.fixture
def write(tmp_path):
    (tmp_path / "rules").mkdir()

    def write(text: str | bytes) -> Path:
        path = tmp_path / "config.toml"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


def findings_of(path: Path) -> list[Finding]:
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    for finding in caught.value.findings:
        for language in LANGUAGES:
            assert sentence(finding, language)
            hint(finding, language)
    return list(caught.value.findings)


def test_reads_a_good_file(write):
    config = load_config(write(GOOD))
    first, second = list_sources(config)
    assert (first.id, first.name, first.every) == ("example-jp-feed-xml", "朝の通信", timedelta(minutes=5))
    assert (first.language, first.initial) == ("ja", timedelta.max)
    assert (second.name, second.every, second.initial) == ("example.com", timedelta(minutes=10), timedelta(hours=24))
    assert config.channels["crisis"].quiet.start == time(22)
    assert config.digest.at == (time(8, 30), time(12), time(18))


def test_sources_that_share_a_name_are_told_apart_by_their_ids():
    named = {"a": "朝の通信", "b": "example.com", "c": "example.com"}
    sources = [make_source(id=id_, name=name) for id_, name in named.items()]
    assert labels(sources) == {"a": "朝の通信", "b": "example.com (b)", "c": "example.com (c)"}


def test_settings_of_every_kind(write):
    text = GOOD + '[fetch]\nmax_bytes = "2MB"\n[digest]\ndays = "mon-fri -holidays"\nat = []\n'
    config = load_config(write(text.replace("[slack]", '[slack]\nwebhook_repeats = "hold"')))
    assert config.fetch.max_bytes == 2_000_000
    assert (config.digest.days.weekdays, config.digest.days.holidays) == (frozenset(range(5)), False)
    assert config.digest.at == ()


def test_where_the_configuration_is_looked_for(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert find_config("a.toml", {"MONITOR_CONFIG": "b.toml"}) == Path("a.toml")
    assert find_config(None, {"MONITOR_CONFIG": "b.toml"}) == Path("b.toml")
    assert find_config(None, {}) == Path("config.toml")


def test_paths_are_relative_to_the_file(write):
    path = write(GOOD)
    config = load_config(path)
    assert Path(config.database) == path.parent / "monitor.db"
    assert config.rules == path.parent / "rules"


def test_a_byte_order_mark_is_no_mistake(write):
    assert load_config(write(b"\xef\xbb\xbf" + GOOD.encode())).language == "ja"


@pytest.mark.fault(46)
@pytest.mark.parametrize(
    ("text", "code", "line"),
    [
        ('timezone = "Asia/Tokyo"\nevrey = 1\n', "config.unknown-key", 2),
        ('timezone = "Asia/Tokyo"\n[fetch]\nevry = "10m"\n', "config.unknown-key", 3),
        ('timezone = "Asia/Tokyo"\n[[sources]]\nfeeed = "https://a.example/"\n', "config.unknown-key", 3),
        ('timezone = "Asia/Tokyo"\n[channels.x]\nslack = "#a"\nwhn = "now"\n', "config.unknown-key", 4),
        ("language = 'ja'\n", "config.missing-key", None),
        ('timezone = "Asia/Tokio"\n', "config.zone", 1),
        ('timezone = ""\n', "config.zone", 1),
        ('timezone = "../etc/passwd"\n', "config.zone", 1),
        ("timezone = 9\n", "config.zone", 1),
        ('timezone = "Asia/Tokyo"\n[digest]\nat = ["25:00"]\n', "config.clock", 3),
        ('timezone = "Asia/Tokyo"\n[digest]\nat = ["8時半"]\n', "config.clock", 3),
        ('timezone = "Asia/Tokyo"\n[digest]\nat = "08:30"\n', "config.not-a-list", 3),
        ('timezone = "Asia/Tokyo"\n[digest]\nat = ["24:00"]\n', "config.clock", 3),
        ('timezone = "Asia/Tokyo"\n[digest]\ndays = "mon-fry"\n', "config.days", 3),
        ('timezone = "Asia/Tokyo"\n[digest]\ndays = "0 9 * * 1-5"\n', "config.days", 3),
        ('timezone = "Asia/Tokyo"\n[digest]\ndays = "7"\n', "config.days", 3),
        ('timezone = "Asia/Tokyo"\n[digest]\nquiet = "22:00"\n', "config.quiet", 3),
        ('timezone = "Asia/Tokyo"\n[digest]\nquiet = "22:00-22:00"\n', "config.quiet", 3),
        ('timezone = "Asia/Tokyo"\n[fetch]\nevery = 10\n', "config.duration", 3),
        ('timezone = "Asia/Tokyo"\n[fetch]\nevery = "10 minutes"\n', "config.duration", 3),
        ('timezone = "Asia/Tokyo"\n[fetch]\nevery = "0s"\n', "config.every", 3),
        ('timezone = "Asia/Tokyo"\ndatabase = "no/such/monitor.db"\n', "config.no-database-folder", 2),
        ('timezone = "Asia/Tokyo"\n[fetch]\nmax_bytes = "many"\n', "config.size", 3),
        ('timezone = "Asia/Tokyo"\n[keep]\narticles = "99999999d"\n', "config.duration", 3),
        (f'timezone = "Asia/Tokyo"\n[keep]\narticles = "{"9" * 5000}d"\n', "config.duration", 3),
        (f'timezone = "Asia/Tokyo"\n[fetch]\nmax_bytes = "{"9" * 5000}"\n', "config.size", 3),
        ('timezone = "Asia/Tokyo"\n[fetch]\nconcurrency = 0\n', "config.too-small", 3),
        ('timezone = "Asia/Tokyo"\n[fetch]\nallow_private = ["10.0.0.1/8"]\n', "config.not-a-network", 3),
        ('timezone = "Asia/Tokyo"\nlanguage = "fr"\n', "config.not-one-of", 2),
        ('timezone = "Asia/Tokyo"\n[fetch]\nconcurrency = "many"\n', "config.not-a-number", 3),
        ('timezone = "Asia/Tokyo"\n[fetch]\nconcurrency = inf\n', "config.not-a-number", 3),
        ('timezone = "Asia/Tokyo"\n[fetch]\nconcurrency = 1e300\n', "config.not-a-number", 3),
        ('timezone = "Asia/Tokyo"\n[fetch]\nper_host = 1000\n', "config.too-large", 3),
        ('timezone = "Asia/Tokyo"\n[slack]\nchannel = 5\n', "config.not-a-text", 3),
        ('timezone = "Asia/Tokyo"\nslack = "#news"\n', "config.not-a-table", 2),
        (
            'timezone = "Asia/Tokyo"\n[[sources]]\nfeed = "https://a.example/"\nfull_text = "maybe"\n',
            "config.not-a-flag",
            4,
        ),
        (
            'timezone = "Asia/Tokyo"\n[[sources]]\nfeed = "https://a.example/"\nlanguage = "日本語"\n',
            "config.not-a-language",
            4,
        ),
        ('timezone = "Asia/Tokyo"\n[[sources]]\nfeed = "https://a.example/"\nid = ""\n', "config.empty", 4),
        ('timezone = "Asia/Tokyo"\n[digest]\ndays = 5\n', "config.days", 3),
        ('timezone = "Asia/Tokyo"\n[digest]\nqiet = "22:00-07:00"\n', "config.unknown-key", 3),
        (
            'timezone = "Asia/Tokyo"\n[[sources]]\nfeed = "https://a.example/"\nheaders = {"X-A" = "1\\nX-B: 2"}\n',
            "config.header",
            4,
        ),
        ('timezone = "Asia/Tokyo"\nrules = "no/such/folder"\n', "config.no-rules-folder", 2),
        ('timezone = "Asia/Tokyo"\n[slack]\nchannel = "news"\n', "config.slack-channel", 3),
        ('timezone = "Asia/Tokyo"\n[slack]\nchannel = "＃"\n', "config.slack-channel", 3),
        ('timezone = "Asia/Tokyo"\n[channels.x]\nslack = "#a"\nmention = ["@a", 5]\n', "config.not-a-text", 4),
        (
            'timezone = "Asia/Tokyo"\n[slack]\nchannel = "https://hooks.slack.com/services/T/B/x"\n',
            "config.webhook-in-file",
            3,
        ),
        ('timezone = "Asia/Tokyo"\n[channels.x]\nwhen = "now"\n', "config.channel-kind", 2),
        ('timezone = "Asia/Tokyo"\n[[sources]]\nname = "a"\n', "config.source-kind", 2),
        (
            'timezone = "Asia/Tokyo"\n[[sources]]\nfeed = "https://a.example/"\npage = "https://a.example/"\n',
            "config.source-kind",
            2,
        ),
        ('timezone = "Asia/Tokyo"\n[[sources]]\npage = "https://a.example/"\n', "config.not-yet", 3),
        ('timezone = "Asia/Tokyo"\n[[sources]]\nsitemap = "https://a.example/"\n', "config.not-yet", 3),
        ('timezone = "Asia/Tokyo"\n[[sources]]\nfeed = "example.jp/feed"\n', "config.web-address", 3),
        ('timezone = "Asia/Tokyo"\n[[sources]]\nfeed = "file:///etc/passwd"\n', "config.web-address", 3),
        (
            'timezone = "Asia/Tokyo"\n[[sources]]\nfeed = "https://a.example/"\nbody = "div[["\n',
            "config.selector",
            4,
        ),
        (
            'timezone = "Asia/Tokyo"\n[[sources]]\nfeed = "https://a.example/"\ninitial = "some"\n',
            "config.initial",
            4,
        ),
        (
            'timezone = "Asia/Tokyo"\n'
            + "".join(f'[[sources]]\nid = "a"\nfeed = "https://a.example/{n}"\n' for n in (1, 2)),
            "config.duplicate-id",
            6,
        ),
        (
            'timezone = "Asia/Tokyo"\n' + 2 * '[[sources]]\nfeed = "https://a.example/1"\n',
            "config.duplicate-url",
            4,
        ),
    ],
)
def test_says_what_is_wrong_and_where(write, text, code, line):
    found = [(finding.code, finding.line) for finding in findings_of(write(text))]
    assert (code, line) in found


def test_everything_wrong_is_said_in_one_run(write):
    codes = {f.code for f in findings_of(write('timezone = "X"\nfoo = 1\n[digest]\nat = ["24:00"]\n'))}
    assert codes == {"config.zone", "config.unknown-key", "config.clock"}


def test_what_two_readings_refuse_is_said_once(write):
    assert len(findings_of(write('timezone = "Asia/Tokyo"\n[fetch]\nallow_private = ["10.0.0.1/8"]\n'))) == 1


def test_a_refusal_for_which_there_are_no_words_yet_says_what_pydantic_says(write, monkeypatch):
    monkeypatch.delitem(load._CODES, "int_parsing")
    (finding,) = findings_of(write('timezone = "Asia/Tokyo"\n[fetch]\nconcurrency = "many"\n'))
    assert (finding.code, finding.line) == ("config.wrong-type", 3)
    assert sentence(finding, "en") == "`fetch.concurrency` cannot be 'many'"
    assert hint(finding, "en").startswith("Input should be a valid integer")


def test_an_unknown_key_gets_a_suggestion(write):
    (finding,) = findings_of(write('timezone = "Asia/Tokyo"\n[fetch]\nevry = "10m"\n'))
    assert "every" in hint(finding, "en")
    assert finding.column == 1
    assert finding.source_line == 'evry = "10m"'


@pytest.mark.parametrize(
    ("text", "line"),
    [('timezone = "Asia/Tokyo"\nlanguage ＝ "ja"\n', 2), ("timezone = Asia/Tokyo\n", 1), ('timezone = "Asia\n', 1)],
)
def test_broken_toml_names_its_line(write, text, line):
    (finding,) = findings_of(write(text))
    assert (finding.code, finding.line) == ("config.syntax", line)
    assert finding.column


@pytest.mark.parametrize(
    ("text", "code", "says"),
    [
        ('[slack]\nchannel = "#a"\n[slack]\ntoken_file = "t"\n', "config.table-twice", "below the first `[slack]`"),
        ('[channels.x]\nslack = "#a"\n[channels.x]\n', "config.table-twice", "below the first `[channels.x]`"),
        ('language = "ja"\n\nlanguage = "en"\n', "config.key-twice", "one of the two"),
        ('[digest]\nquiet = "22:00-07:00"\nat = ["08:30" "18:00"]\n', "config.unclosed-array", "Commas"),
    ],
)
def test_common_slips_of_toml_are_named(write, text, code, says):
    (finding,) = findings_of(write(text))
    assert (finding.code, finding.line) == (code, 3)
    assert says in hint(finding, "en")


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('token = "xoxb-1-hushed"', "config.token-in-file"),
        ('bot_token = " xoxb-1-hushed"', "config.token-in-file"),
        ('webhook = "https://hooks.slack.com/services/T/B/hushed"', "config.webhook-in-file"),
        ('webhook_file = "hushed"', "config.webhook-in-slack"),
    ],
)
def test_a_secret_in_the_file_is_not_shown_again(write, line, code):
    (finding,) = findings_of(write(f'timezone = "Asia/Tokyo"\n[slack]\n{line}\n'))
    assert (finding.code, finding.line) == (code, 3)
    assert "hushed" not in f"{finding.facts}{hint(finding, 'en')}"
    assert (finding.source_line is None) == (code != "config.webhook-in-slack")


def test_a_missing_file_says_how_to_make_one(tmp_path):
    (finding,) = findings_of(tmp_path / "config.toml")
    assert finding.code == "config.missing-file"
    assert "monitor init" in hint(finding, "ja")


def test_a_folder_is_not_readable_as_a_file(tmp_path):
    (finding,) = findings_of(tmp_path)
    assert finding.code == "config.is-folder"


def test_a_file_above_is_no_folder(tmp_path):
    (tmp_path / "file").touch()
    (finding,) = findings_of(tmp_path / "file" / "config.toml")
    assert finding.code == "config.unreadable"


def test_another_encoding_is_named(write):
    (finding,) = findings_of(write('timezone = "Asia/Tokyo" # 時間帯'.encode("cp932")))
    assert finding.code == "config.not-utf8"


class TestSecrets:
    def read(self, write, environment, text=GOOD):
        return read_secrets(load_config(write(text)), environment)

    def codes(self, write, environment, text=GOOD):
        with pytest.raises(ConfigError) as caught:
            self.read(write, environment, text)
        assert all(sentence(finding, "ja") for finding in caught.value.findings)
        return [finding.code for finding in caught.value.findings]

    def test_no_token_is_no_mistake(self, write):
        assert self.read(write, {}).slack_token is None

    def test_the_environment_gives_a_token(self, write):
        assert self.read(write, {"SLACK_BOT_TOKEN": " xoxb-1\n"}).slack_token == "xoxb-1"

    def test_systemd_credentials_come_first(self, write, tmp_path):
        (tmp_path / "slack_bot_token").write_text("xoxb-credential\n")
        environment = {"SLACK_BOT_TOKEN": "xoxb-1", "CREDENTIALS_DIRECTORY": str(tmp_path)}
        assert self.read(write, environment).slack_token == "xoxb-credential"

    def test_a_credential_that_cannot_be_looked_at_is_said_and_not_passed_over(self, write, tmp_path):
        (tmp_path / "slack_bot_token").symlink_to("slack_bot_token")
        environment = {"SLACK_BOT_TOKEN": "xoxb-1", "CREDENTIALS_DIRECTORY": str(tmp_path)}
        assert self.codes(write, environment) == ["config.unreadable-token"]
        environment["CREDENTIALS_DIRECTORY"] = str(tmp_path / "empty")
        assert self.read(write, environment).slack_token == "xoxb-1"

    def test_a_token_never_shows_in_a_repr(self, write):
        assert "xoxb" not in repr(self.read(write, {"SLACK_BOT_TOKEN": "xoxb-1"}))

    @pytest.mark.parametrize(
        ("token", "code"),
        [
            ("", "config.empty-token"),
            ("  ", "config.empty-token"),
            ("xapp-1", "config.wrong-token"),
            ("a b", "config.wrong-token"),
        ],
    )
    def test_a_configured_token_must_be_usable(self, write, token, code):
        assert self.codes(write, {"SLACK_BOT_TOKEN": token}) == [code]

    def test_a_token_file_that_is_missing(self, write):
        text = GOOD.replace("[slack]", '[slack]\ntoken_file = "no-such-file"')
        assert self.codes(write, {"SLACK_BOT_TOKEN": "xoxb-1"}, text) == ["config.unreadable-token"]

    def test_a_token_in_the_place_of_its_file_is_not_shown(self, write):
        with pytest.raises(ConfigError) as caught:
            self.read(write, {}, GOOD.replace("[slack]", '[slack]\ntoken_file = "xoxb-1-secret"'))
        [finding] = caught.value.findings
        assert (finding.code, finding.facts, finding.source_line) == ("config.token-for-path", (), None)

    def test_a_token_file(self, write, tmp_path):
        (tmp_path / "token").write_text("xoxb-file\n")
        text = GOOD.replace("[slack]", '[slack]\ntoken_file = "token"')
        assert self.read(write, {}, text).slack_token == "xoxb-file"
        (tmp_path / "token").write_bytes(b"\xff\xfe\x00")
        assert self.codes(write, {}, text) == ["config.wrong-token"]

    def test_a_webhook_file(self, write, tmp_path):
        text = GOOD + '[channels.hook]\nwebhook_file = "hook"\n'
        assert self.codes(write, {}, text) == ["config.webhook"]
        (tmp_path / "hook").write_text("https://hooks.slack.com/services/T/B/x\n")
        assert self.read(write, {}, text).webhooks["hook"].endswith("/x")

    def test_a_token_without_a_channel(self, write):
        assert self.codes(write, {"SLACK_BOT_TOKEN": "xoxb-1"}, 'timezone = "Asia/Tokyo"\n') == ["config.no-channel"]

    def test_a_webhook_that_is_not_there(self, write):
        text = GOOD + '[channels.hook]\nwebhook_env = "HOOK"\n'
        assert self.codes(write, {}, text) == ["config.webhook"]
        secrets = self.read(write, {"HOOK": "https://hooks.slack.com/services/T/B/x"}, text)
        assert secrets.webhooks["hook"].endswith("/x")


@pytest.mark.parametrize(
    ("listen", "address"),
    [
        ("127.0.0.1:9464", ("127.0.0.1", 9464)),
        ("localhost:80", ("127.0.0.1", 80)),
        ("[::1]:9464", ("::1", 9464)),
        (" 0.0.0.0:9464 ", ("0.0.0.0", 9464)),
        ("127.0.0.1:0", ("127.0.0.1", 0)),
        ("", None),
    ],
)
def test_where_health_is_shown(write, listen, address):
    config = load_config(write(f'timezone = "UTC"\n[http]\nlisten = "{listen}"\n'))
    assert config.http.address == address


@pytest.mark.parametrize(
    "listen", ["9464", ":9464", "127.0.0.1", "127.0.0.1:65536", "127.0.0.1:-1", "::1:9464", "[127.0.0.1]:1", "a.b:1"]
)
def test_what_is_no_address_with_a_port(write, listen):
    [finding] = findings_of(write(f'timezone = "UTC"\n[http]\nlisten = "{listen}"\n'))
    assert (finding.code, finding.line) == ("config.listen", 3)


@pytest.mark.parametrize(
    ("table", "line", "code"),
    [
        ("", r'database = "a\u0000b"', "path"),
        ("", 'rules = "' + "字" * 86 + '"', "path"),
        ("", 'database = "~nobody-of-that-name/monitor.db"', "no-home"),
        ("slack", 'token_file = "~nobody-of-that-name/token"', "no-home"),
        ("backup", r'folder = "\u0000"', "path"),
        ("", r'contact = "mailto:desk@example.jp\nCookie: a"', "contact"),
        ("slack", 'api_url = "slack.com/api"', "web-address"),
        ("fetch", 'proxy = "proxy.example:3128"', "web-address"),
        ("fetch", 'proxy = "http://[::1"', "web-address"),
        ("fetch", 'timeout = "0s"', "too-brief"),
        ("channels.a", 'webhook_env = ""', "empty"),
        ("fetch", "max_bytes = 0", "size"),
        ("fetch", "max_bytes = -1", "size"),
    ],
)
def test_what_nothing_could_work_with(write, table, line, code):
    [finding] = findings_of(write(f'timezone = "UTC"\n{table and f"[{table}]"}\n{line}\n'))
    assert (finding.code, finding.line) == (f"config.{code}", 3)
    for language in LANGUAGES:
        assert sentence(finding, language)
        assert hint(finding, language)


def test_a_proxy_within_the_house(write):
    assert (
        load_config(write('timezone = "UTC"\n[fetch]\nproxy = "http://proxy:3128"\n')).fetch.proxy
        == "http://proxy:3128"
    )
    assert load_config(write('timezone = "UTC"\n[fetch]\nproxy = ""\n')).fetch.proxy == ""


@pytest.mark.parametrize(("listen", "codes"), [("0.0.0.0:1", ["config.listens-to-others"]), ("[::1]:1", []), ("", [])])
def test_whoever_lets_others_read_is_warned(write, listen, codes):
    path = write(f'{GOOD}[http]\nlisten = "{listen}"\n')
    _, warnings = review_config(path)
    assert [one.code for one in warnings] == codes
    assert all(sentence(one, "ja") and hint(one, "ja") for one in warnings)


def test_whoever_would_wait_for_a_digest_for_ever_is_warned(write):
    channels = '[channels.a]\nslack = "#a"\nat = []\n[channels.b]\nslack = "#b"\nwhen = "now"\nat = []\n'
    _, warnings = review_config(write(f"{GOOD}[digest]\nat = []\n{channels}"))
    assert [one.code for one in warnings] == ["config.no-times"] * 2
    assert [one.line for one in warnings] == [GOOD.count("\n") + 2, GOOD.count("\n") + 5]
    assert all(sentence(one, "ja") and hint(one, "ja") for one in warnings)


def test_what_must_stand_in_no_line(write):
    more = """
[fetch]
proxy = "http://desk:hunter2@proxy.example:3128"
[channels.partners]
webhook_env = "PARTNERS"
[[sources]]
feed = "https://u:letmein@example.jp/feed.xml"
headers = { "X-API-Key" = "abcdef", "Accept" = "text/html", "Cookie" = "x" }
"""
    config = load_config(write('timezone = "UTC"\n[slack]\nchannel = "#news"\n' + more))
    environment = {"SLACK_BOT_TOKEN": "xoxb-1-2", "PARTNERS": "https://hooks.example/T/B/x"}
    assert secret_texts(config, read_secrets(config, environment)) == {
        "hunter2",
        "letmein",
        "abcdef",
        "xoxb-1-2",
        "https://hooks.example/T/B/x",
    }


def test_an_id_that_is_made_of_an_address_holds_no_password(write):
    config = load_config(write('timezone = "UTC"\n[[sources]]\nfeed = "https://u:letmein@example.jp/feed.xml"\n'))
    assert [source.id for source in list_sources(config)] == ["example-jp-feed-xml"]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ('language = "ja"\nevry = "5m"\n', "ja"),
        ("timezone = [\nlanguage='en'\n", "en"),
        ('language = "fr"\n', None),
        ('[[sources]]\nlanguage = "ja"\n', None),
        ('# language = "ja"\n', None),
        (b"language = 'ja'\n\xff", None),
        ("", None),
    ],
)
def test_the_language_is_known_before_the_mistakes(write, text, language):
    assert stated_language(write(text)) == language


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("＃News", "#news"),
        ("https://team.slack.com/archives/C0123456789", "C0123456789"),
        ("https://team.slack.com/archives/C0123456789/p1700000000000100", "C0123456789"),
        ("https://app.slack.com/client/T0123ABCD/C0123456789", "C0123456789"),
    ],
)
def test_of_a_channel_that_is_written_otherwise_the_right_way_is_named(write, written, meant):
    (finding,) = findings_of(write(f'timezone = "Asia/Tokyo"\n[slack]\nchannel = "{written}"\n'))
    assert (finding.code, finding.line, dict(finding.facts)["meant"]) == ("config.slack-channel-meant", 3, meant)
    assert all(f'"{meant}"' in (hint(finding, language) or "") for language in LANGUAGES)


def test_names_of_channels_are_in_lower_case_as_in_slack(write):
    text = 'timezone = "UTC"\n[slack]\nchannel = "#News"\n[channels.Crisis]\nslack = "#PR-\u304c"\n[ops]\nslack = "C0ABCDEFGH"\n'
    config = load_config(write(text))
    assert (config.slack.channel, config.channels["Crisis"].slack, config.ops.slack) == (
        "#news",
        "#pr-が",
        "C0ABCDEFGH",
    )


@pytest.mark.parametrize(
    ("written", "mention"),
    [('"@a"', "@a"), ('["@a", "@b", "@a"]', "@a\n@b"), ("[]", None)],
)
def test_a_channel_mentions_one_or_several(write, written, mention):
    config = load_config(write(f'timezone = "UTC"\n[channels.x]\nslack = "#a"\nmention = {written}\n'))
    assert config.channels["x"].mention == mention
