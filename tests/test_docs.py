"""The docs are under test: the example loads and shows every setting, the READMEs' commands exist."""

import ast
import io
import re
import shlex
import shutil
import tomllib
from pathlib import Path

import click
import pytest
from pydantic import BaseModel

from monitor.commands import SUMMARIES, cli, main
from monitor.config import list_sources, load_config
from monitor.config.settings import ChannelConfig, Config, SourceConfig
from monitor.model import Severity
from monitor.rules.load import load_rules
from monitor.rules.trials import run_tests

ROOT = Path(__file__).parents[1]
EXAMPLE = (ROOT / "config.example.toml").read_text(encoding="utf-8")
PAGES = sorted([ROOT / "README.md", ROOT / "README.ja.md", *(ROOT / "docs").glob("*.md")])


@pytest.fixture
def example(tmp_path):
    (tmp_path / "rules").mkdir()
    shutil.copy(ROOT / "config.example.toml", tmp_path / "config.toml")
    return tmp_path / "config.toml"


def test_the_example_loads(example):
    config = load_config(example)
    assert len(list_sources(config)) == 2


def sections() -> dict[str, type[BaseModel]]:
    found: dict[str, type[BaseModel]] = {"": Config, "channels": ChannelConfig, "sources": SourceConfig}
    for name, field in Config.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            found[name] = field.annotation
    return found


@pytest.mark.parametrize(
    ("name", "model"), sections().items(), ids=lambda value: value if isinstance(value, str) else ""
)
def test_every_setting_stands_in_the_example(name, model):
    nested = set(sections())
    for key in set(model.model_fields) - nested:
        assert re.search(rf"^(# ?)?{key} *= ", EXAMPLE, re.MULTILINE), f"[{name}] {key}"


@pytest.mark.parametrize("section", ["", "slack", "digest", "fetch", "keep"])
def test_what_the_example_shows_is_the_default(section):
    """Outside the parts that are an operator's own, a value shown is the value one gets without it."""
    own = {"timezone", "contact", "channel", "channels", "sources"}
    shown = tomllib.loads(EXAMPLE)
    table = shown if not section else shown[section]
    default = Config.model_validate({"timezone": "UTC"})
    given = Config.model_validate({"timezone": "UTC"} | ({section: table} if section else table | {"timezone": "UTC"}))
    ours, theirs = (given, default) if not section else (getattr(given, section), getattr(default, section))
    for key, value in table.items():
        if key not in own and not isinstance(value, dict | list):
            assert getattr(ours, key) == getattr(theirs, key), key


def test_the_starter_rules_of_the_repository_pass_their_own_tests():
    book = load_rules(ROOT / "rules", channels=["crisis"])
    report = run_tests(book)
    assert [finding for finding in book.findings if finding.severity is Severity.ERROR] == []
    assert report.failed == 0
    assert report.run >= 2 * len(book.rules)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_in_the_docs_exists(page):
    text = page.read_text(encoding="utf-8")
    for command in re.findall(r"`monitor ([a-z]+)", text) + re.findall(
        r"^(?:\$ )?(?:\.venv/bin/)?monitor ([a-z]+)", text, re.MULTILINE
    ):
        assert command in SUMMARIES, command


def command_lines(text: str) -> list[list[str]]:
    """What the code blocks of a page have a person type after `monitor`, as far as it is no placeholder of a synopsis."""
    lines = []
    known = "|".join(SUMMARIES)
    for block in re.findall(r"```(?:sh|console)\n(.*?)```", text, re.DOTALL):
        for line in block.splitlines():
            typed = re.search(rf"(?:^|[\s/|])monitor ((?:{known})\b[^|>]*)", line.removeprefix("$ ").split(" # ")[0])
            if typed:
                lines.append(shlex.split(typed[1], comments=True))
    return lines


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_line_in_the_docs_can_be_typed(page):
    for words in command_lines(page.read_text(encoding="utf-8")):
        command: click.Command | None = cli.get_command(click.Context(cli), words[0])
        rest = words[1:]
        while isinstance(command, click.Group) and rest and rest[0] in command.commands:
            command, rest = command.commands[rest[0]], rest[1:]
        assert command is not None
        # Raises what a person would be told.
        command.make_context(command.name, list(rest))


def test_command_lines_are_found():
    page = (ROOT / "docs" / "slack.md").read_text(encoding="utf-8")
    assert ["slack", "test"] in command_lines(page)
    assert ["slack", "test", "--config", "/etc/monitor/config.toml"] in command_lines(page)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_the_docs_lead_somewhere(page):
    for link in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
        assert (page.parent / link).exists(), link


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_configuration_shown_in_the_docs_is_valid(page, tmp_path):
    (tmp_path / "rules").mkdir()
    for number, block in enumerate(re.findall(r"```toml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)):
        text = block if "timezone" in block else f'timezone = "Asia/Tokyo"\n{block}'
        path = tmp_path / f"{number}.toml"
        path.write_text(text.replace("/var/lib/monitor", str(tmp_path)), encoding="utf-8")
        load_config(path)


@pytest.mark.parametrize(
    ("page", "rule", "language"), [("README.md", "Secondary tariffs", "en"), ("README.ja.md", "二次関税", "ja")]
)
def test_the_explanation_that_is_shown_is_the_one_that_is_given(page, rule, language, tmp_path, capsys, monkeypatch):
    text = (ROOT / page).read_text(encoding="utf-8")
    (tmp_path / "rules").mkdir()
    shown = next(block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "unless_part_of" in block)
    (tmp_path / "rules" / "first.yaml").write_text(shown, encoding="utf-8")
    (tmp_path / "config.toml").write_text(f'timezone = "Asia/Tokyo"\nlanguage = "{language}"\n', encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("第二次関税協議が閉幕".encode())))
    with pytest.raises(SystemExit):
        main(["--config", str(tmp_path / "config.toml"), "why", "-", "--rule", rule])
    session = re.search(r"```console\n\$ [^\n]*\n(.*?)```", text, re.DOTALL)
    assert capsys.readouterr().out.strip() == session[1].strip()


def named_tests() -> list[str]:
    """The tests that the table of faults names."""
    text = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    return sorted(set(re.findall(r"`([\w/]+\.py::[\w:]+)`", text)))


@pytest.mark.parametrize("name", named_tests())
def test_every_test_that_the_docs_name_exists(name):
    path, *names = name.split("::")
    inside = ast.parse((ROOT / "tests" / path).read_text(encoding="utf-8")).body
    for one in names:
        [found] = [node for node in inside if getattr(node, "name", None) == one]
        inside = getattr(found, "body", [])


def test_faults_have_tests():
    assert len(named_tests()) >= 30
