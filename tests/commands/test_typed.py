"""What nobody means to type and somebody does: the answer is a line, and a true one."""

import json
import os
import threading
from types import SimpleNamespace

import pytest

from monitor.commands import main
from monitor.terminal import output
from monitor.urls import slug

#: Longer than any name of a file may be; what may not be entered is refused by the same calls.
LONG = "あ" * 300


@pytest.fixture
def lived_in(newsroom):
    newsroom.run("run", "--once", "--deliver-now")
    return newsroom


@pytest.mark.parametrize(
    "arguments",
    [("why", LONG), ("why", f"https://www.example.com/{LONG}"), ("replay", "--compare", LONG)],
    ids=["why", "why-address", "compare"],
)
def test_a_name_too_long_for_a_file_is_none(newsroom, arguments):
    code, out, err = newsroom.run(*arguments)
    assert (code != 0, out) == (True, "")
    assert err.startswith("monitor: ")


@pytest.mark.parametrize("arguments", [("init", f"{LONG}/news"), ("demo", "--folder", f"{LONG}/news")])
def test_a_folder_that_cannot_be_made(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main([*arguments, "--language", "en"])
    assert left.value.code == 2
    assert capsys.readouterr().err.startswith("monitor: cannot write ")


def test_a_stored_article_goes_by_its_address_however_long(newsroom):
    name = "a" * 300
    newsroom.articles(name)
    newsroom.run("run", "--once", "--deliver-now")
    _, out, _ = newsroom.run("search", name, "--json")
    code, out, _ = newsroom.run("why", json.loads(out)["url"])
    assert (code, out.startswith(name)) == (0, True)


@pytest.mark.parametrize("arguments", [("init", "."), ("demo", "--folder", ".")])
def test_a_link_that_leads_nowhere_is_not_written_through(tmp_path, monkeypatch, capsys, arguments):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").symlink_to(tmp_path / "elsewhere.toml")
    with pytest.raises(SystemExit) as left:
        main([*arguments, "--language", "en"])
    assert left.value.code == 2
    assert "config.toml exists already; nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["config.toml"]


def test_why_reads_a_pipe(newsroom, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    threading.Thread(target=pipe.write_text, args=("NATOが会合",), kwargs={"encoding": "utf-8"}, daemon=True).start()
    code, out, _ = newsroom.run("why", str(pipe), "--rule", "NATO")
    assert (code, out.startswith("NATOが会合")) == (0, True)


@pytest.mark.parametrize("arguments", [("sources",), ("sources", "--json"), ("why", "0123456789abcdef")])
def test_a_memory_that_cannot_be_read_is_not_taken_for_none(lived_in, arguments):
    (lived_in.folder / "monitor.db").write_bytes(b"no database" * 1_000)
    code, out, err = lived_in.run(*arguments)
    assert (code, out) == (1, "")
    assert "monitor.db" in err


def test_sources_json_counts_before_list_too(newsroom):
    _, out, _ = newsroom.run("sources", "--json", "list")
    assert [json.loads(line)["id"] for line in out.splitlines()] == ["s0"]


@pytest.mark.parametrize("end", ["9999-12-31T23:59-12:00", "9999-12-31", ""])
def test_no_mute_ends_outside_the_calendar(lived_in, end):
    code, _, err = lived_in.run("mute", "NATO", "--for", end)
    assert (code, "ever" in err) == (2, True)
    _, out, _ = lived_in.run("mute")
    assert "NATO" not in out


@pytest.mark.parametrize("since", ["0001-01-01T00:00+14:00", "0001-01-01", "30日", "２週間", "2 weeks"])
def test_replay_goes_as_far_back_as_is_asked(lived_in, since):
    code, out, _ = lived_in.run("replay", "--since", since)
    assert (code, "2 件" in out.splitlines()[0]) == (0, True)


def test_replay_of_what_is_to_come_is_empty(lived_in):
    code, _, err = lived_in.run("replay", "--since", "9999-12-31T23:59-12:00")
    assert (code, "--since" in err) == (0, True)


def test_preview_knows_the_channels_that_rules_name(lived_in):
    lived_in.rule("more.yaml", "notify: '#trade'\nrules: [{name: EU, any: [EU]}]\n")
    assert lived_in.run("preview", "--channel", "＃trade")[0] == 0
    assert lived_in.run("preview", "--channel", "#Trade")[0] == 0
    code, _, err = lived_in.run("preview", "--channel", "#tarde")
    assert (code, "#trade" in err) == (2, True)


@pytest.mark.parametrize(
    "head",
    [
        "sources = []\n",
        'sources = [{feed = "https://a.example/"}]\n',
        '[[sources]]\nid = "ID"\nfeed = "https://a.example/"\n',
    ],
    ids=["none", "inline", "id"],
)
def test_no_source_is_added_that_would_break_the_configuration(newsroom, head):
    path = newsroom.write()
    rest = path.read_text(encoding="utf-8").partition("[[sources]]")[0]
    listed = head.replace("ID", slug(newsroom.sources[0]))
    path.write_text(listed + rest if listed.startswith("sources") else rest + listed, encoding="utf-8")
    before = path.read_bytes()
    code, _, err = newsroom.run("sources", "add", newsroom.sources[0])
    assert (code, "sources = [...]" in err) == (2, True), err
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["a\x7fb", "\udcff", 'a "b" \\ c', "a\nb"])
def test_a_source_of_any_name_leaves_the_configuration_right(newsroom, name):
    newsroom.site.pages["/other.xml"] = newsroom.site.pages["/feed.xml"]
    assert newsroom.run("sources", "add", f"{newsroom.site.url}/other.xml", "--name", name)[0] == 0
    _, out, _ = newsroom.run("sources", "--json")
    assert json.loads(out.splitlines()[1])["name"] == name.replace("\udcff", "?")


def test_a_folder_in_the_place_of_the_configuration(newsroom, capsys):
    with pytest.raises(SystemExit) as left:
        main(["--config", str(newsroom.folder), "search", "NATO"])
    assert left.value.code == 2
    assert f"{newsroom.folder}/config.toml" in capsys.readouterr().err


def test_the_folder_of_the_next_step_can_be_typed(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit):
        main(["init", "my news", "--language", "en"])
    assert "cd 'my news'" in capsys.readouterr().err


@pytest.mark.parametrize("columns", [None, "0"])
def test_a_pipe_gets_the_lines_of_a_table_whole(newsroom, monkeypatch, columns):
    monkeypatch.delenv("COLUMNS", raising=False)
    if columns is not None:
        monkeypatch.setenv("COLUMNS", columns)
    newsroom.sources = [f"{newsroom.site.url}/{'very-' * 40}long.xml"]
    code, out, _ = newsroom.run("sources")
    assert (code, newsroom.sources[0] in out) == (0, True)


def test_a_terminal_that_says_it_has_no_columns_is_written_to(monkeypatch):
    monkeypatch.setenv("COLUMNS", "0")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    assert output().width == 80


@pytest.mark.parametrize("name", ["config.toml", "rules/first.yaml", "monitor.db"])
def test_the_page_of_a_preview_takes_the_place_of_nothing_that_monitor_lives_on(lived_in, name):
    before = (lived_in.folder / name).read_bytes()
    code, _, err = lived_in.run("preview", "--html", str(lived_in.folder / name))
    assert (code, name in err) == (2, True)
    assert (lived_in.folder / name).read_bytes() == before


@pytest.mark.parametrize("name", ["rules/mine.yaml", "monitor.db"])
def test_a_demo_is_not_mixed_with_what_somebody_has(tmp_path, monkeypatch, capsys, name):
    monkeypatch.chdir(tmp_path)
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"")
    with pytest.raises(SystemExit) as left:
        main(["demo", "--language", "en", "--folder", "."])
    assert left.value.code == 2
    assert f"{name.partition('/')[0]} exists already; nothing was written" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == [name.partition("/")[0]]


def test_the_page_of_a_demo_takes_the_place_of_no_rule(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as left:
        main(["demo", "--language", "en", "--folder", "d", "--html", "d/rules/1-crisis.yaml"])
    assert left.value.code == 2
    assert "1-crisis.yaml is a file that monitor works with" in capsys.readouterr().err


def test_a_search_that_ends_at_its_limit_says_so(lived_in):
    assert "--limit" in lived_in.run("search", "二次関税 OR 天気", "--limit", "1")[2]
    assert "--limit" not in lived_in.run("search", "二次関税", "--limit", "2")[2]


def test_the_name_of_a_rule_may_be_typed_in_full_width(lived_in):
    assert lived_in.run("mute", "ＮＡＴＯ")[0] == 0
    assert "NATO" in lived_in.run("mute")[1]
    assert lived_in.run("unmute", "Ｎato")[0] == 0
    assert "NATO" in lived_in.run("replay", "--rule", "ｎａｔｏ")[1]


def test_a_quoted_line_with_signs_is_not_called_a_phrase(lived_in):
    for typed, phrases in (("NATO OR 停戦", 0), ("NATO 停戦", 1), ("title:NATO 停戦", 1)):
        assert lived_in.run("search", typed)[2].count("一続きの語句") == phrases, typed


@pytest.mark.parametrize("behind", ["?utm_source=x", "#top", " "])
def test_why_knows_an_address_as_it_was_copied(lived_in, behind):
    url = json.loads(lived_in.run("search", "二次関税", "--json")[1])["url"]
    lived_in.site.pages.clear()
    code, out, _ = lived_in.run("why", url + behind)
    assert (code, out.startswith("米、二次関税を警告")) == (0, True)


def test_the_folder_one_stands_in_was_removed(tmp_path, monkeypatch, capsys):
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    with pytest.raises(SystemExit) as left:
        main(["search", "NATO"])
    assert left.value.code == 2
    assert capsys.readouterr().err.startswith("config.toml: ")
    monkeypatch.chdir(tmp_path)


def test_why_of_an_input_that_is_none(newsroom, monkeypatch):
    monkeypatch.setattr("sys.stdin", None)
    assert newsroom.run("why", "-")[0] == 2
    with (newsroom.folder / "text").open("wb") as unreadable:
        monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=unreadable))
        assert newsroom.run("why", "-")[0] == 2
