"""Sources as they were x as they are -> those that are polled more often now are due sooner, and not from their next poll on."""

from collections.abc import Mapping

from monitor.model import Source
from monitor.ports import InStore, Store
from monitor.schedule import hastened


async def hasten(in_store: InStore, store: Store, before: Mapping[str, Source], after: Mapping[str, Source]) -> int:
    """How many. One whose address changed as well starts afresh anyway."""
    quicker = {id_ for id_, source in after.items() if id_ in before and source.every < before[id_].every}
    if not quicker:
        return 0
    states = await in_store(store.archive.source_states)
    due = {
        id_: hastened(states[id_], before=before[id_].every, every=after[id_].every) for id_ in quicker & states.keys()
    }
    return await in_store(store.polls.hasten, due)
