"""The JSON Schema of config.toml, held against the loader."""

import json
import tomllib
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from monitor.config import load_config
from monitor.config.schema import config_schema
from monitor.config.settings import ChannelConfig, Config, SourceConfig
from monitor.errors import ConfigError
from monitor.starter import starter_files

ROOT = Path(__file__).parents[2]
SCHEMA = config_schema()
VALIDATOR = Draft202012Validator(SCHEMA)
HEAD = 'timezone = "Asia/Tokyo"\n'

GOOD = [
    HEAD,
    HEAD + 'contact = "mailto:a@b"\n[digest]\nat = []\ndays = "Mon-fri, -holidays"\nquiet = "22:00 - 7:00"\n',
    HEAD + '[slack]\nchannel = "C0123456789"\nwebhook_repeats = "hold"\n[fetch]\nmax_bytes = 1000\nevery = "1 h"\n',
    HEAD + '[fetch]\nmax_bytes = "5 MB"\nallow_private = ["127.0.0.0/8", "::1/128"]\nallow_ports = [8080]\n',
    HEAD + '[channels.a]\nslack = "#a"\nwhen = "now"\nwait = "30s"\n[channels.b]\nwebhook_env = "HOOK"\n',
    HEAD + '[[sources]]\nfeed = "https://example.jp/f"\ninitial = "all"\nheaders = {Accept = "text/xml"}\n',
]
BAD = [
    "",
    'timezone = ""\n',
    HEAD + 'langauge = "ja"\n',
    HEAD + 'language = "fr"\n',
    HEAD + "rules = 3\n",
    HEAD + '[slack]\nchannel = "news"\n',
    HEAD + '[slack]\nchanel = "#news"\n',
    HEAD + '[digest]\nat = "08:30"\n',
    HEAD + '[digest]\nat = ["25:30"]\n',
    HEAD + '[digest]\nquiet = "22:00"\n',
    HEAD + '[digest]\ndays = ""\n',
    HEAD + '[fetch]\nevery = "10"\n',
    HEAD + "[fetch]\nevery = 10\n",
    HEAD + '[fetch]\nmax_bytes = "much"\n',
    HEAD + "[fetch]\nper_host = 0\n",
    HEAD + "[fetch]\nallow_ports = [99999]\n",
    HEAD + '[backup]\nkeep = "7"\nat = "x"\n',
    HEAD + '[channels.a]\nwhen = "now"\n',
    HEAD + '[channels.a]\nslack = "#a"\nwebhook_env = "HOOK"\n',
    HEAD + '[channels.a]\nslack = "#a"\nwhen = "soon"\n',
    HEAD + '[[sources]]\nname = "x"\n',
    HEAD + '[[sources]]\nfeed = "example.jp"\n',
    HEAD + '[[sources]]\nfeed = "https://example.jp/f"\nsitemap = "https://example.jp/s"\n',
    HEAD + '[[sources]]\nfeed = "https://example.jp/f"\ninitial = "some"\n',
    HEAD + '[[sources]]\nfeed = "https://example.jp/f"\nlanguage = "japanese"\n',
    HEAD + '[[sources]]\nfeed = "https://example.jp/f"\nfull_text = "maybe"\n',
    HEAD + "[sources]\n",
]


def test_it_is_a_schema():
    Draft202012Validator.check_schema(SCHEMA)
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA


def loads(text, folder):
    (folder / "rules").mkdir(exist_ok=True)
    (folder / "config.toml").write_text(text, encoding="utf-8")
    try:
        load_config(folder / "config.toml")
    except ConfigError:
        return False
    return True


@pytest.mark.parametrize("text", GOOD)
def test_both_take_it(text, tmp_path):
    assert loads(text, tmp_path)
    assert [error.message for error in VALIDATOR.iter_errors(tomllib.loads(text))] == []


@pytest.mark.parametrize("text", BAD)
def test_both_refuse_it(text, tmp_path):
    assert not loads(text, tmp_path)
    assert not VALIDATOR.is_valid(tomllib.loads(text))


@pytest.mark.parametrize(
    "text",
    [
        (ROOT / "config.example.toml").read_text(encoding="utf-8"),
        *(starter_files(one)["config.toml"] for one in ("ja", "en")),
    ],
    ids=["example", "ja", "en"],
)
def test_what_we_hand_out_is_taken(text):
    assert [error.message for error in VALIDATOR.iter_errors(tomllib.loads(text))] == []


@pytest.mark.parametrize(
    ("properties", "model"),
    [
        (SCHEMA["properties"], Config),
        (SCHEMA["$defs"]["SourceConfig"]["properties"], SourceConfig),
        (SCHEMA["$defs"]["ChannelConfig"]["properties"], ChannelConfig),
    ],
)
def test_every_key_is_explained_in_both_languages(properties, model):
    assert set(properties) == set(model.model_fields)
    assert all(one["description"].count("\n") == 1 for one in properties.values())


def test_defaults_are_written_as_in_the_file():
    fetch = SCHEMA["$defs"]["Fetch"]["properties"]
    assert (fetch["every"]["default"], fetch["allow_ports"]["default"]) == ("10m", [80, 443])
    assert SCHEMA["$defs"]["DigestTimes"]["properties"]["at"]["default"] == ["08:30", "12:00", "18:00"]
    assert SCHEMA["properties"]["rules"]["default"] == "rules"
    assert "default" not in SCHEMA["properties"]["contact"]
