"""Units of work of the store -> its one thread: `InStore` of `monitor.ports`."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


class StoreThread:
    """The one thread on which the store works."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")

    async def __call__(self, unit: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Run one unit of work and wait for it."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, partial(unit, *args, **kwargs))

    def close(self) -> None:
        """Wait for the last unit of work."""
        self._thread.shutdown()
