"""What commands print where the environment (LANG, PYTHONIOENCODING, cron) asks for an encoding that has not every character."""

import csv
import io
import json
import sys

import pytest

from monitor.commands import main

#: Japanese, a sign that no Japanese encoding has, and one outside of the first plane.
TITLE = "米、二次関税を警告 – é 😀 髙"
#: And how each of them ends.
COMMANDS = [
    (["check"], 0),
    (["why", "--rule", "NATO", "a.txt"], 0),
    (["why", "a.txt"], 0),
    (["why", "日本"], 2),
    (["replay"], 0),
    (["covered", "日本"], 2),
    (["search", "関税"], 0),
    (["sources"], 0),
    (["preview"], 0),
    (["status"], 0),
    (["mute"], 0),
    (["mute", "二次関税"], 0),
    (["unmute", "二次関税"], 0),
    (["unblock"], 0),
    (["schema"], 0),
    (["slack", "manifest"], 0),
    (["export", "articles"], 0),
    (["backup", "写し.db"], 0),
    (["run", "--once", "--deliver-now"], 0),
    (["serach"], 2),
]
JSON = [
    ["check", "--json"],
    ["why", "a.txt", "--json"],
    ["replay", "--json"],
    ["search", "関税", "--json"],
    ["sources", "--json"],
]


@pytest.fixture
def lived_in(newsroom, monkeypatch):
    newsroom.articles(TITLE)
    newsroom.run("run", "--once")
    (newsroom.folder / "a.txt").write_text(TITLE, encoding="utf-8")
    monkeypatch.chdir(newsroom.folder)
    return newsroom


@pytest.fixture
def typed(lived_in, monkeypatch):
    """Type a command in a terminal of this encoding: exit code, and what was written, as bytes."""

    def run(arguments, encoding, errors="strict"):
        out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors)
        err = io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors="backslashreplace")
        with monkeypatch.context() as terminal:
            terminal.setattr(sys, "stdout", out)
            terminal.setattr(sys, "stderr", err)
            with pytest.raises(SystemExit) as left:
                main(["--config", str(lived_in.folder / "config.toml"), *arguments])
        return left.value.code or 0, *(stream.detach().getvalue() for stream in (out, err))

    return run


@pytest.mark.parametrize("encoding", ["ascii", "shift_jis"])
def test_no_command_fails_for_a_character(typed, encoding):
    for arguments, code in COMMANDS:
        left, out, err = typed(arguments, encoding)
        assert (left, bool(out + err)) == (code, True), (arguments, err)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "euc_jp"])
def test_json_stays_json_and_says_the_same(typed, encoding):
    for arguments in JSON:
        # Where an environment knows ASCII only, click takes it for a mistake and writes UTF-8.
        out = typed(arguments, encoding)[1].decode("utf-8" if encoding == "ascii" else encoding)
        wanted = typed(arguments, "utf-8")[1].decode()
        assert without_times(out) == without_times(wanted), arguments


def without_times(out):
    """Documents one after the other, as `jq` takes them."""
    decoder, documents = json.JSONDecoder(), []
    while out := out.lstrip():
        document, end = decoder.raw_decode(out)
        out = out[end:]
        documents.append(document)
    told = [part for one in documents for part in (one if isinstance(one, list) else [one])]
    return [{key: value for key, value in one.items() if key not in {"since", "until"}} for one in told]


def test_what_was_found_stands_there_as_far_as_it_can(typed):
    _, out, _ = typed(["search", "関税"], "shift_jis")
    assert "米、二次関税を警告 " in out.decode("shift_jis")
    assert r"\ud83d\ude00" in out.decode("shift_jis")


@pytest.mark.parametrize("encoding", ["ascii", "shift_jis"])
def test_an_export_is_utf_8_wherever_it_is_made(typed, encoding):
    _, out, _ = typed(["export", "articles"], encoding)
    assert json.loads(out.decode())["title"] == TITLE
    _, out, _ = typed(["export", "articles", "--format", "csv"], encoding)
    assert out.startswith("\ufeff".encode())
    [row] = csv.DictReader(io.StringIO(out.decode("utf-8-sig")))
    assert row["title"] == TITLE


def test_bytes_of_no_encoding_that_were_typed_end_nothing(typed):
    """As Python hands them on: b"\\xff" in an argument."""
    assert typed(["why", "\udcff"], "utf-8")[0] == 2
    assert typed(["search", "\udcff"], "ascii", "surrogateescape")[0] == 0
