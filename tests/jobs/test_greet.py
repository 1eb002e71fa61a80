"""When the other side is asked who we are, and how long a message is given to show."""

from datetime import timedelta

import pytest
from fakes import Clock

from monitor.errors import BlockedError, UncertainError
from monitor.jobs.greet import AFTER_FAILURE, AGAIN, Greeter


class Door:
    """A sink that can be asked, and nothing else."""

    def __init__(self) -> None:
        self.asked: list[frozenset[str]] = []
        self.error: Exception | None = None

    async def check(self, mentions):
        self.asked.append(mentions)
        if self.error:
            raise self.error
        return tuple(sorted(one for one in mentions if one != "@sato"))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def door():
    return Door()


async def test_asked_at_the_start_when_mentions_change_and_once_a_day(clock, door):
    greeter = Greeter(clock)
    first = await greeter.greet(door, frozenset({"@sato", "@nobody"}))
    assert first.strangers == ("@nobody",)
    assert await greeter.greet(door, frozenset({"@sato", "@nobody"})) is None
    assert (await greeter.greet(door, frozenset({"@sato"}))).strangers == ()
    clock.move(hours=23)
    assert await greeter.greet(door, frozenset({"@sato"})) is None
    clock.move(hours=2)
    assert await greeter.greet(door, frozenset({"@sato"})) is not None
    assert len(door.asked) == 3


async def test_a_failure_that_may_pass_is_asked_again_soon_a_refusal_only_after_a_day(clock, door):
    greeter = Greeter(clock)
    door.error = UncertainError("sinks.mentions-unsure", reason="HTTP 503")
    assert (await greeter.greet(door, frozenset())).error is door.error
    clock.move(seconds=AFTER_FAILURE.total_seconds() + 1)
    door.error = BlockedError("sinks.token-refused", whole_workspace=True, error="token_revoked", needed="?")
    assert (await greeter.greet(door, frozenset())).error is door.error
    clock.move(hours=1)
    assert await greeter.greet(door, frozenset()) is None


async def test_a_clock_that_was_set_back_does_not_keep_it_from_asking(clock, door):
    greeter = Greeter(clock)
    clock.move(days=90)
    await greeter.greet(door, frozenset())
    clock.move(days=-90)
    assert await greeter.greet(door, frozenset()) is not None
    assert timedelta(days=1) == AGAIN
