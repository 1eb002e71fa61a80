"""Every fault has a test that says so, and the table tells what has run and what has held."""

import re

import faults
import pytest
from faults import Case

#: What belongs to delivery, storage, time and the daemon; the rest has tests in the rooms that it belongs to.
HELD_BY_A_TEST = range(1, 54)


@pytest.mark.parametrize("number", HELD_BY_A_TEST)
def test_every_fault_has_a_test(number):
    assert faults.marked()[number]


def test_every_test_of_a_fault_names_one_that_there_is():
    assert set(faults.marked()) <= set(faults.FAULTS) - set(faults.NOT_BUILT)


def row(number, cases, there=1):
    [line] = [line for line in faults.lines(cases, {number: there}) if line.startswith(f"{number:>3} ")]
    return re.split(r"\s{2,}", line.replace(faults.FAULTS[number], " "))[1:]


@pytest.mark.parametrize(
    ("cases", "there", "told"),
    [
        ([Case(faults=(31,), outcome="passed"), Case(faults=(31, 32), outcome="passed")], 2, ["2", "2", "0"]),
        ([Case(faults=(31,), outcome="passed"), Case(faults=(31,), outcome="failed")], 2, ["2", "1", "0", "1 DID NOT HOLD"]),
        ([Case(faults=(31,), outcome="skipped", reason="no root")], 1, ["0", "0", "1", "skipped: no root"]),
        ([], 1, ["0", "0", "0", "not run this time"]),
        ([], 0, ["0", "0", "0", "NO TEST"]),
    ],
)  # fmt: skip
def test_a_row_says_what_ran_what_held_and_why_not(cases, there, told):
    assert row(31, cases, there) == told


def test_what_cannot_go_wrong_yet_is_said():
    assert row(54, [], 0)[-1] == f"no test: {faults.NOT_BUILT[54]}"


def test_the_worst_of_a_test_counts():
    table = faults.Table()
    for when, outcome in (("setup", "passed"), ("call", "passed"), ("teardown", "failed")):
        table.pytest_runtest_logreport(
            pytest.TestReport(
                nodeid="x", location=("x", 1, "x"), keywords={}, outcome=outcome, longrepr=None, when=when,
                user_properties=[("fault", 31)],
            )
        )  # fmt: skip
    assert [(case.faults, case.outcome) for case in table.cases.values()] == [((31,), "failed")]
