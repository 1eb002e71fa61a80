"""A door that is replaced while somebody stands in it."""

from monitor.relay import Relay


class Door:
    def __init__(self) -> None:
        self.closed = 0

    async def close(self) -> None:
        self.closed += 1


async def test_who_uses_the_old_one_goes_on_and_the_last_closes_it():
    first, second = Door(), Door()
    relay = Relay(first)
    async with relay.use() as one, relay.use() as other:
        await relay.replace(second)
        assert (one, other, relay.now) == (first, first, second)
        async with relay.use() as third:
            assert third is second
        assert first.closed == 0
    assert (first.closed, second.closed) == (1, 0)


async def test_one_that_nobody_uses_is_closed_at_once():
    first, second = Door(), Door()
    relay = Relay(first)
    await relay.replace(second)
    assert (first.closed, second.closed) == (1, 0)


async def test_in_the_end_all_are_closed():
    first, second = Door(), Door()
    relay = Relay(first)
    using = relay.use()
    await using.__aenter__()
    await relay.replace(second)
    await relay.close()
    assert (first.closed, second.closed) == (1, 1)
