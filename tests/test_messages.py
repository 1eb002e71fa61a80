"""What is filled into sentences."""

import pytest

from monitor.messages import say


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (0, "0 sources cannot be read"),
        (1, "1 source cannot be read"),
        ("1", "1 source cannot be read"),
        (1_000, "1000 sources cannot be read"),
    ],
)
def test_one_and_many(count, said):
    assert say("notify.source-begun", "en", count=count) == said
