"""Settings -> what is forgotten: old bodies and articles, in small batches so that polling never waits long; and tidying."""

import asyncio
from collections.abc import Callable
from datetime import datetime

from monitor.config.settings import Keep
from monitor.ports import InStore, Reading, Upkeep
from monitor.schedule import reckon

BATCH = 200
#: Articles that come into the search index in one unit of work: some hundredths of a second.
REINDEX_BATCH = 100
#: Between two of them, so that all other work has its turn, too.
_PAUSE = 0.03
#: Bytes of a write-ahead log that only a reader who reads on and on lets grow.
LONG_LOG = 32 * 1024 * 1024


async def certain_now(in_store: InStore, upkeep: Upkeep, reading: Reading) -> datetime:
    """What ages are counted from: now, or earlier as long as the clock on the wall may stand ahead."""
    reckoning = reckon(await in_store(upkeep.reckoning), reading)
    await in_store(upkeep.note_reckoning, reckoning)
    return min(reading.wall_at, reckoning.certain_at)


async def prune_archive(in_store: InStore, upkeep: Upkeep, keep: Keep, *, now: datetime) -> int:
    """Forget what is older than `[keep]` says and fold the write-ahead log; how many rows were forgotten."""
    forgotten = 0
    while batch := await in_store(
        upkeep.prune, articles_before=now - keep.articles, bodies_before=now - keep.bodies, batch=BATCH, now=now
    ):
        forgotten += batch
    await in_store(upkeep.checkpoint)
    return forgotten


async def reindex(
    in_store: InStore,
    upkeep: Upkeep,
    progress: Callable[[int], None],
    *,
    most: int | None = None,
    pause: float = _PAUSE,
) -> None:
    """Make the search index anew where another folding made it; `progress` is told how many articles are left.

    It goes on where it was cut off, and is done when there is nothing to do. `most`: articles of this turn.
    """
    done = 0
    while left := await in_store(upkeep.reindex, batch=REINDEX_BATCH):
        progress(left)
        done += REINDEX_BATCH
        if most is not None and done >= most:
            return
        await asyncio.sleep(pause)
    if done:
        progress(0)


class LogWatch:
    """Sizes of the write-ahead log, one after the other -> what is to be said, once."""

    def __init__(self) -> None:
        self.is_long = False

    def changed(self, size: int) -> bool:
        """Whether it has become too long, or is no longer so."""
        before, self.is_long = self.is_long, size > LONG_LOG
        return before != self.is_long


async def tidy(in_store: InStore, upkeep: Upkeep) -> int:
    """See to the ballast, and to a write-ahead log that has grown; bytes of it that are left."""
    await in_store(upkeep.lay_ballast)
    size = await in_store(upkeep.log_size)
    return await in_store(upkeep.checkpoint) if size > LONG_LOG else size
