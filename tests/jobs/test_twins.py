"""A name and an id of one channel are one destination; until Slack has said which channel a name means, it is told nothing."""

import pytest
from builders import NOW
from fakes import Clock, RecordingSink

from monitor.errors import UncertainError
from monitor.jobs.twins import AGAIN, RETRY, Twins

NEWS, DESK = "C0NEWS0001", "G0PRIVATE1"


class Side(RecordingSink):
    """Knows channels by name; an error in their place is raised."""

    def __init__(self, **channels):
        super().__init__(Clock())
        self.channels, self.asked = channels, []

    async def places(self, destinations):
        self.asked.append(list(destinations))
        if "error" in self.channels:
            raise self.channels["error"]
        return {one: self.channels.get(one[1:], one) for one in destinations}


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def twins(clock):
    return Twins(clock)


async def ask(twins, side, *destinations):
    return await twins.ask(frozenset(destinations), lambda _: side)


@pytest.mark.parametrize(
    "destinations", [("#news", "#desk"), (NEWS, DESK), ("webhook:partners", "#news"), ("terminal", NEWS), ()]
)
async def test_names_alone_and_ids_alone_are_no_reason_to_ask(twins, destinations):
    side = Side(news=NEWS)
    await ask(twins, side, *destinations)
    assert (side.asked, twins.pairs, twins.closed) == ([], {}, frozenset())


async def test_a_name_whose_id_is_told_as_well_is_closed(twins):
    side = Side(news=NEWS, desk=DESK)
    assert await ask(twins, side, "#news", "#desk", "#nowhere", NEWS, "webhook:partners")
    assert side.asked == [["#desk", "#news", "#nowhere"]]
    assert (twins.pairs, twins.closed) == ({"#news": NEWS}, {"#news"})


async def test_it_is_asked_once_a_day_and_when_destinations_change(twins, clock):
    side = Side(news=NEWS)
    assert await ask(twins, side, "#news", NEWS)
    clock.move(hours=23)
    assert not await ask(twins, side, "#news", NEWS)
    clock.now = NOW + AGAIN
    side.channels = {"news": "C0OTHER001"}
    assert await ask(twins, side, "#news", NEWS)
    assert (twins.pairs, twins.closed) == ({}, frozenset())
    assert await ask(twins, side, "#news", "C0OTHER001")
    assert twins.pairs == {"#news": "C0OTHER001"}
    assert await ask(twins, side, "#news")
    assert (twins.pairs, len(side.asked)) == ({}, 3)


async def test_without_an_answer_only_what_is_known_is_open(twins, clock):
    side = Side(error=UncertainError("sinks.mentions-unsure", reason="503"))
    assert not await ask(twins, side, "#desk", "#news", NEWS)
    assert twins.closed == {"#desk", "#news"}
    assert not await ask(twins, side, "#desk", "#news", NEWS)
    assert len(side.asked) == 1
    clock.now += RETRY
    side.channels = {"news": NEWS, "desk": DESK}
    assert await ask(twins, side, "#desk", "#news", NEWS)
    clock.now += AGAIN
    side.channels = {"error": UncertainError("sinks.mentions-unsure", reason="503")}
    assert not await ask(twins, side, "#desk", "#news", "#new", NEWS)
    assert (twins.pairs, twins.closed) == ({"#news": NEWS}, {"#news", "#new"})
