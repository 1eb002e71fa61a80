"""The demo and the starter as monitor itself reads them: no finding, no failing test."""

import pytest

from monitor.config import list_sources, load_config
from monitor.demo import demo_config_text, demo_rules
from monitor.rules.lint import lint
from monitor.rules.load import load_rules
from monitor.rules.trials import run_tests
from monitor.starter import starter_files


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def read(folder):
    config = load_config(folder / "config.toml")
    sources = list_sources(config)
    book = load_rules(config.rules, channels=tuple(config.channels), sources=sources)
    assert not book.findings
    assert not lint(book)
    report = run_tests(book, sources=sources)
    assert not report.findings
    return config, sources, book, report


def test_the_demo(tmp_path):
    rules = {f"rules/{name}": text for name, text in demo_rules().items()}
    write(tmp_path, {"config.toml": demo_config_text("http://127.0.0.1:8080"), **rules})
    config, sources, book, report = read(tmp_path)
    assert sources[0].id == "toto-top"
    assert {source.kind for source in sources} == {"feed"}
    assert len(book.rules) == 10
    assert report.run > 30
    assert config.rules == tmp_path / "rules"
    told = {rule.notify for rule in book.rules}
    assert told == {("crisis",), ("#news",)}


@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_starter(tmp_path, language):
    write(tmp_path, starter_files(language))
    config, sources, book, report = read(tmp_path)
    assert config.language == language
    assert sources[0].id == {"ja": "nhk", "en": "bbc-world"}[language]
    assert book.rules[0].name == "NATO"
    assert report.run == 4
