"""Tasks of the loop -> tasks in which SystemExit is an error like any other.

asyncio lets a SystemExit that is raised in any task end the loop, whoever waits for that task; so a library that gives up
in one of a job's own tasks would end the daemon. Whoever means to end it returns from the main task, or sends a signal.
"""

import asyncio
from collections.abc import Callable, Coroutine, Generator
from typing import Any

from monitor.errors import MonitorError


def contain_exits() -> None:
    """From now on, in every task that is begun in the running loop."""
    asyncio.get_running_loop().set_task_factory(_contained_task)


def _contained_task(
    loop: asyncio.AbstractEventLoop, coroutine: Coroutine[Any, Any, Any] | Generator[Any, None, Any], **facts: Any
) -> asyncio.Task[Any]:
    return asyncio.Task(_Contained(coroutine), loop=loop, **facts)


class _Contained(Coroutine[Any, Any, Any]):
    """A coroutine, step by step. No coroutine around it: one that is cancelled before it begins would leave it unawaited."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def __getattr__(self, name: str) -> Any:
        """Its name, frame and state, for whoever prints the task."""
        return getattr(self._inner, name)

    def __await__(self) -> Generator[Any, Any, Any]:
        waiting: Generator[Any, Any, Any] = self._inner.__await__()
        return waiting

    def send(self, value: Any) -> Any:
        return _step(self._inner.send, value)

    def throw(self, *error: Any) -> Any:
        return _step(self._inner.throw, *error)

    def close(self) -> None:
        self._inner.close()


def _step(go: Callable[..., Any], *arguments: Any) -> Any:
    try:
        return go(*arguments)
    except SystemExit as error:
        # With the way to where it was raised, which is all that a scheduler's log shows of an error.
        raise MonitorError("app.bug", what=type(error).__name__).with_traceback(error.__traceback__) from error
