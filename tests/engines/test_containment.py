"""A SystemExit in a task ends that task, and nothing else."""

import asyncio
import gc

import pytest

from monitor.engines.containment import contain_exits
from monitor.errors import MonitorError


async def give_up(*, after=0):
    for _ in range(after):
        await asyncio.sleep(0)
    raise SystemExit(3)


async def work():
    await asyncio.sleep(0)
    return "done"


@pytest.fixture
def run():
    """Runs the function in a loop of its own, which a SystemExit would end."""

    def run_in_loop(function):
        async def main():
            contain_exits()
            return await function()

        return asyncio.run(main())

    return run_in_loop


@pytest.mark.parametrize("after", [0, 2])
def test_whoever_waits_for_it_gets_an_error_and_the_others_go_on(run, after):
    async def main():
        other = asyncio.create_task(work())
        with pytest.raises(MonitorError, match="SystemExit") as caught:
            await asyncio.gather(give_up(after=after), work())
        assert caught.value.__cause__.code == 3
        return await other

    assert run(main) == "done"


def test_so_it_is_in_a_group(run):
    async def main():
        async def together():
            async with asyncio.TaskGroup() as group:
                group.create_task(give_up(after=1))
                group.create_task(asyncio.sleep(60))

        with pytest.raises(ExceptionGroup) as caught:
            await together()
        assert isinstance(caught.value.exceptions[0], MonitorError)

    run(main)


def test_one_that_answers_being_cancelled_by_giving_up(run):
    async def stubborn():
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            raise SystemExit(3) from None

    async def main():
        task = asyncio.create_task(stubborn())
        await asyncio.sleep(0)
        task.cancel()
        [ended] = await asyncio.gather(task, return_exceptions=True)
        assert isinstance(ended, MonitorError)

    run(main)


def test_one_that_is_cancelled_before_it_begins_leaves_no_warning(run):
    async def main():
        task = asyncio.create_task(work(), name="early")
        task.cancel()
        await asyncio.wait([task])
        assert (task.cancelled(), task.get_name()) == (True, "early")

    run(main)
    gc.collect()


def test_a_task_says_what_it_is_at(run):
    async def main():
        task = asyncio.create_task(work())
        await asyncio.sleep(0)
        assert "work()" in repr(task)
        assert task.get_stack()[0].f_code.co_name == "work"
        await task

    run(main)


def test_without_it_the_loop_would_end():
    async def main():
        with pytest.raises(SystemExit):
            await asyncio.create_task(give_up())

    with pytest.raises(SystemExit):
        asyncio.run(main())
