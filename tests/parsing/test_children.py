import asyncio
import os
import pickle
import signal
import subprocess
import sys
import time

import pytest

from monitor.errors import ParseError
from monitor.parsing.children import Children, Limits

NAMES = (
    "echo",
    "pid",
    "hang",
    "hang_where_python_is_not_asked",
    "eat_memory",
    "leave",
    "die",
    "die_in_the_middle_of_an_answer",
    "refuse",
    "stumble",
    "recurse",
    "chatter",
    "answer_with_code",
    "environment",
    "oom_score",
    "modules",
    "interrupt_group",
)
URL = "http://127.0.0.1/a/1"


def name(function):
    return f"parsing.misbehaviour:{function}"


@pytest.fixture
async def children():
    made = []

    def make(*, count=2, **limits):
        limits = {"seconds": 0.5, "memory": 400 * 1024**2} | limits
        pool = Children([name(function) for function in NAMES], count=count, limits=Limits(**limits))
        made.append(pool)
        return pool

    yield make
    for pool in made:
        pids = [process.pid for process in pool._processes]
        await pool.close()
        assert not [pid for pid in pids if is_alive(pid)]


def is_alive(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def call(pool, function, *arguments):
    return await pool.call(name(function), *arguments, url=URL)


async def failure(pool, function, *arguments):
    with pytest.raises(ParseError) as caught:
        await call(pool, function, *arguments)
    return caught.value.code


async def test_answers(children):
    assert await call(children(), "echo", {"a": [1, "あ"]}) == {"a": [1, "あ"]}


async def test_takes_and_gives_ten_megabytes_at_once(children):
    pool = children(seconds=5.0)
    await call(pool, "echo", 0)
    began = time.perf_counter()
    assert await call(pool, "echo", body := os.urandom(10_000_000)) == body
    assert time.perf_counter() - began < 2


async def test_no_child_is_started_before_there_is_work(children):
    pool = children()
    assert pool._processes == []
    await call(pool, "echo", 1)
    await call(pool, "echo", 2)
    assert len(pool._processes) == 1, "the child used last is used again"


@pytest.mark.fault(55)
@pytest.mark.parametrize(
    ("function", "code"),
    [
        ("hang", "parsing.timeout"),
        ("eat_memory", "parsing.memory"),
        ("leave", "parsing.died"),
        ("die", "parsing.died"),
        ("die_in_the_middle_of_an_answer", "parsing.died"),
        ("stumble", "parsing.failed"),
        ("recurse", "parsing.failed"),
        ("answer_with_code", "parsing.died"),
    ],
)
async def test_one_bad_task_leaves_the_others_of_its_round_unharmed(children, function, code):
    pool = children()
    good = [asyncio.create_task(call(pool, "echo", number)) for number in range(4)]
    bad = asyncio.create_task(failure(pool, function))
    good += [asyncio.create_task(call(pool, "echo", number)) for number in range(4, 8)]
    assert await asyncio.gather(*good) == list(range(8))
    assert await bad == code
    assert await call(pool, "echo", "after") == "after"


async def test_a_child_hung_in_c_is_killed_in_time(children):
    pool = children(count=1)
    await call(pool, "echo", 0)
    began = time.perf_counter()
    assert await failure(pool, "hang_where_python_is_not_asked") == "parsing.timeout"
    assert time.perf_counter() - began < 1.5
    assert await call(pool, "echo", 1) == 1


async def test_time_spent_in_the_queue_does_not_count(children):
    pool = children(count=1)
    hanging = [asyncio.create_task(failure(pool, "hang")) for _ in range(2)]
    waiting = asyncio.create_task(call(pool, "echo", "patient"))
    assert await asyncio.gather(*hanging) == ["parsing.timeout"] * 2
    assert await waiting == "patient"


async def test_a_cancelled_task_ends_its_child_and_frees_its_place(children):
    pool = children(count=1, seconds=60)
    await call(pool, "echo", 0)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await call(pool, "hang")
    assert await call(pool, "echo", 1) == 1


async def test_a_child_that_died_while_idle_is_replaced(children):
    pool = children(count=1)
    first = await call(pool, "pid")
    os.kill(first, signal.SIGKILL)
    while pool._processes[0].returncode is None:  # noqa: ASYNC110 the kernel tells nobody else
        await asyncio.sleep(0.005)
    assert await call(pool, "pid") != first


async def test_children_are_renewed(children):
    pool = children(count=1, renew_after=2)
    pids = [await call(pool, "pid") for _ in range(4)]
    assert pids[0] == pids[1] != pids[2] == pids[3]


async def test_an_error_of_ours_arrives_as_itself(children):
    pool = children()
    with pytest.raises(ParseError, match="Refusal") as caught:
        await call(pool, "refuse", URL)
    assert caught.value.facts == {"url": URL, "error": "Refusal"}
    assert await call(pool, "echo", 1) == 1
    assert len(pool._processes) == 1, "an honest error costs no child"


async def test_what_a_library_prints_is_no_answer(children):
    pool = children()
    assert await call(pool, "chatter") == "done"
    assert await call(pool, "chatter") == "done"


async def test_only_named_functions_are_called(children):
    pool = Children([name("echo")], count=1)
    with pytest.raises(ParseError):
        await call(pool, "pid")
    await pool.close()


async def test_secrets_do_not_reach_a_child(children, monkeypatch):
    monkeypatch.setenv("SLACK_BOT_TOKEN", "a-token")
    assert "a-token" not in (await call(children(), "environment")).values()


async def test_signals_for_the_daemon_do_not_end_its_children(children):
    assert await call(children(), "interrupt_group") == "alive"


@pytest.mark.skipif(sys.platform != "linux", reason="Linux ranks processes for the out-of-memory killer")
async def test_the_kernel_takes_a_child_first(children):
    assert int(await call(children(), "oom_score")) == 800


async def test_a_child_that_cannot_start_says_so():
    pool = Children(["parsing.misbehaviour:nothing"], count=1)
    assert await failure(pool, "nothing") == "parsing.start"
    assert await failure(pool, "nothing") == "parsing.start"
    await pool.close()


async def test_nothing_is_started_after_close(children):
    pool = children(count=1, seconds=60)
    await call(pool, "echo", 0)
    at_work = asyncio.create_task(failure(pool, "hang"))
    waiting = asyncio.create_task(failure(pool, "echo", 1))
    await asyncio.sleep(0)
    await pool.close()
    assert await at_work == "parsing.closed"
    assert await waiting == "parsing.closed"
    assert await failure(pool, "echo", 1) == "parsing.closed"


@pytest.mark.slow
@pytest.mark.parametrize("function", ["echo", "hang"])
def test_children_do_not_outlive_a_killed_parent(function):
    script = f"""
import asyncio
from monitor.parsing.children import Children, Limits
async def main():
    pool = Children(["parsing.misbehaviour:pid", "parsing.misbehaviour:hang"], count=1, limits=Limits(seconds=0.5))
    print(await pool.call("parsing.misbehaviour:pid", url="x"), flush=True)
    if {function!r} == "hang":
        asyncio.create_task(pool.call("parsing.misbehaviour:hang", url="x"))
    await asyncio.sleep(0.1)
    print("ready", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    path = os.pathsep.join(sys.path)
    with subprocess.Popen(
        [sys.executable, "-c", script], stdout=subprocess.PIPE, text=True, env=os.environ | {"PYTHONPATH": path}
    ) as parent:
        child = int(parent.stdout.readline())
        assert parent.stdout.readline() == "ready\n"
        parent.kill()
    deadline = time.monotonic() + 5
    while is_alive(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_alive(child)


def test_an_answer_that_names_code_is_not_built():
    from monitor.parsing.frames import loads_answer

    for dangerous in (os.system, eval, getattr):
        with pytest.raises(pickle.UnpicklingError):
            loads_answer(pickle.dumps(dangerous))
