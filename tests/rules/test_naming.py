"""What a person types for a rule."""

import pytest

from monitor.errors import UsageError
from monitor.rules.files import RuleFile
from monitor.rules.findings import Report
from monitor.rules.load import read_rules
from monitor.rules.naming import find_rule

TEXT = "- {name: 二次関税, id: tariffs}\n- {name: tariffs and more, any: [x関税]}\n- NATO\n".replace(
    "id: tariffs}", "id: tariffs, any: [関税]}"
)
RULES = read_rules([RuleFile(name="a.yaml", text=TEXT, report=Report("a.yaml"))], folder=".", channels=()).rules


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("tariffs", "tariffs"),
        ("二次関税", "tariffs"),
        ("nato", "nato"),
        ("NATO", "nato"),
        ("ＮＡＴＯ ", "nato"),
        ("Ｔariffs", "tariffs"),
    ],
)
def test_a_rule_is_called_by_id_or_name(typed, found):
    assert find_rule(typed, RULES).id == found


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UsageError) as caught:
        find_rule("二次関係", RULES)
    assert caught.value.facts["suggestion"] == "二次関税"


def test_the_nearest_is_called_by_its_name():
    with pytest.raises(UsageError) as caught:
        find_rule("tarifs", RULES)
    assert caught.value.facts["suggestion"] == "二次関税"


def test_where_none_is_near_those_there_are_are_named():
    with pytest.raises(UsageError) as caught:
        find_rule("まったく別", RULES)
    assert "NATO" in caught.value.facts["known"]
