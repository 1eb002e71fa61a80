"""Settings -> what is forgotten: old bodies and articles, in small batches so that polling never waits long."""

from datetime import datetime

from monitor.config.settings import Keep
from monitor.ports import InStore, Upkeep

BATCH = 200


async def prune_archive(in_store: InStore, upkeep: Upkeep, keep: Keep, *, now: datetime) -> int:
    """Forget what is older than `[keep]` says and fold the write-ahead log; how many rows were forgotten."""
    forgotten = 0
    while batch := await in_store(
        upkeep.prune, articles_before=now - keep.articles, bodies_before=now - keep.bodies, batch=BATCH
    ):
        forgotten += batch
    await in_store(upkeep.checkpoint)
    return forgotten
