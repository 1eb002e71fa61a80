"""Everything that is remembered: Store, and the thread it works on."""

from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, Protocol, TypeVar

from monitor.ports.archive import Archive
from monitor.ports.delivering import DeliverStore, MuteStore
from monitor.ports.halting import HaltStore
from monitor.ports.keeping import ReconcileStore
from monitor.ports.living import LifeStore
from monitor.ports.operating import ContactStore, NoticeStore, Upkeep
from monitor.ports.polling import PollStore, RevisitStore

P = ParamSpec("P")
T = TypeVar("T")


class InStore(Protocol):
    """Runs one unit of work on the store's own thread: `await in_store(store.polls.claim_due, now=now, limit=20)`."""

    async def __call__(self, unit: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...


class Store(Protocol):
    """Everything that is remembered, by the job that needs it."""

    @property
    def path(self) -> Path | None:
        """The file of the database, where it is one."""
        ...

    @property
    def polls(self) -> PollStore: ...
    @property
    def revisits(self) -> RevisitStore: ...
    @property
    def mutes(self) -> MuteStore: ...
    @property
    def deliveries(self) -> DeliverStore: ...
    @property
    def halts(self) -> HaltStore: ...
    @property
    def archive(self) -> Archive: ...
    @property
    def notices(self) -> NoticeStore: ...
    @property
    def contacts(self) -> ContactStore: ...
    @property
    def reconciling(self) -> ReconcileStore: ...
    @property
    def upkeep(self) -> Upkeep: ...
    @property
    def lives(self) -> LifeStore: ...
    def close(self) -> None: ...
