"""The doors to the world: Fetcher, Parser, Store, Sink, as Protocols with their obligations.

A job reaches the world only through these. Errors are those of `monitor.errors`, and no others.
"""

from monitor.ports.archive import PATIENCE, Archive, Carrier, Extent, Found, Hits, PastRule
from monitor.ports.delivering import Backlog, DeliverStore, Mute, MuteStore, Promise
from monitor.ports.halting import HaltStore
from monitor.ports.keeping import Copies, Copy, ReconcileStore
from monitor.ports.living import FRESH, Life, LifeStore, Load
from monitor.ports.operating import (
    LAG,
    OURSELVES,
    TEAM,
    Contact,
    ContactStore,
    Note,
    NoticeStore,
    Reading,
    Reckoning,
    Upkeep,
)
from monitor.ports.polling import PollStore, Revisit, RevisitStore, Taken
from monitor.ports.reading import Fetcher, Parser
from monitor.ports.store import InStore, Store
from monitor.ports.telling import Call, Sink
from monitor.ports.vitals import Vitals

__all__ = [
    "FRESH",
    "LAG",
    "OURSELVES",
    "PATIENCE",
    "TEAM",
    "Archive",
    "Backlog",
    "Call",
    "Carrier",
    "Contact",
    "ContactStore",
    "Copies",
    "Copy",
    "DeliverStore",
    "Extent",
    "Fetcher",
    "Found",
    "HaltStore",
    "Hits",
    "InStore",
    "Life",
    "LifeStore",
    "Load",
    "Mute",
    "MuteStore",
    "Note",
    "NoticeStore",
    "Parser",
    "PastRule",
    "PollStore",
    "Promise",
    "Reading",
    "Reckoning",
    "ReconcileStore",
    "Revisit",
    "RevisitStore",
    "Sink",
    "Store",
    "Taken",
    "Upkeep",
    "Vitals",
]
