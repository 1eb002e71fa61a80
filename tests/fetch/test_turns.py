import asyncio
from datetime import timedelta

import pytest
from fetch.conftest import answer, make_fetcher, origin_at

from monitor.fetch.turns import Turns


async def slow(_, writer):
    await asyncio.sleep(0.005)
    writer.write(answer())


@pytest.mark.parametrize("per_host", [1, 3])
async def test_a_host_sees_no_more_requests_at_once_than_allowed(origin, per_host):
    origin.answers["/"] = slow
    async with make_fetcher(per_host=per_host) as fetcher:
        await asyncio.gather(*(fetcher.get(origin.url()) for _ in range(12)))
    assert (origin.most, len(origin.asked)) == (per_host, 12)


async def test_all_hosts_together_see_no_more_than_the_concurrency():
    hosts = ["127.0.0.1", "127.0.0.2", "127.0.0.3", "127.0.0.4"]
    async with origin_at(host="0.0.0.0", port=0) as origin, make_fetcher(per_host=5, concurrency=6) as fetcher:
        origin.answers["/"] = slow
        await asyncio.gather(*(fetcher.get(origin.url(host=host)) for host in hosts for _ in range(5)))
    assert (origin.most, len(origin.asked)) == (6, 20)


async def test_redirects_between_two_hosts_do_not_wait_in_a_ring(origin, other, fetcher):
    origin.answers |= {"/": answer(302, location=other.url("/end")), "/end": answer()}
    other.answers |= {"/": answer(302, location=origin.url("/end")), "/end": answer()}
    pages = await asyncio.wait_for(
        asyncio.gather(*(fetcher.get(each.url()) for each in (origin, other) for _ in range(4))), 10
    )
    assert {page.status for page in pages} == {200}
    assert (origin.most, other.most) == (1, 1)


async def test_waiting_for_a_turn_does_not_count_into_the_time_out(origin):
    async def steady(_, writer):
        await asyncio.sleep(0.15)
        writer.write(answer())

    origin.answers["/"] = steady
    async with make_fetcher(timeout=timedelta(milliseconds=450)) as fetcher:
        pages = await asyncio.gather(*(fetcher.get(origin.url()) for _ in range(4)))
    assert len(pages) == 4


async def test_nothing_is_kept_of_idle_hosts():
    turns = Turns(per_host=1, overall=2)
    async with turns.turn("a"), turns.turn("b"):
        waiting = asyncio.create_task(turns.turn("a").__aenter__())
        await asyncio.sleep(0)
        assert len(turns) == 2
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
    assert len(turns) == 0


async def test_a_waiter_for_a_busy_host_holds_no_place_of_others():
    turns = Turns(per_host=1, overall=2)
    async with turns.turn("a"):
        waiting = asyncio.create_task(turns.turn("a").__aenter__())
        await asyncio.sleep(0)
        async with asyncio.timeout(5), turns.turn("b"):
            assert len(turns) == 2
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
