"""`monitor schema`, and what `monitor init` writes of it."""

import json

import pytest
from jsonschema import Draft202012Validator

from monitor.commands import main
from monitor.rules.schema import rule_schema


def printed(capsys, *arguments):
    with pytest.raises(SystemExit) as left:
        main(["schema", *arguments])
    return left.value.code or 0, capsys.readouterr().out


@pytest.mark.parametrize(("arguments", "key"), [((), "anyOf"), (("rules",), "anyOf"), (("config",), "properties")])
def test_it_is_printed_without_any_configuration(capsys, tmp_path, monkeypatch, arguments, key):
    monkeypatch.chdir(tmp_path)
    code, out = printed(capsys, *arguments)
    assert code == 0
    assert key in json.loads(out)
    Draft202012Validator.check_schema(json.loads(out))


def test_nothing_else_has_a_schema(capsys):
    assert printed(capsys, "cats")[0] == 2


@pytest.mark.parametrize("language", ["ja", "en"])
def test_init_writes_it_beside_the_first_rules_which_name_it(tmp_path, language):
    with pytest.raises(SystemExit):
        main(["init", str(tmp_path), "--language", language])
    assert json.loads((tmp_path / "rules" / ".schema.json").read_text(encoding="utf-8")) == rule_schema()
    first = (tmp_path / "rules" / "first.yaml").read_text(encoding="utf-8").splitlines()[0]
    assert first == "# yaml-language-server: $schema=.schema.json"
