"""Path of a file -> a Store in SQLite. The tables are in `schema.py`, one file beside it per job."""

from pathlib import Path

from monitor.stores.sqlite.acquaintance import Acquaintance
from monitor.stores.sqlite.archive import Reading
from monitor.stores.sqlite.connection import Connection
from monitor.stores.sqlite.delivering import Delivering
from monitor.stores.sqlite.halting import Halting
from monitor.stores.sqlite.living import Living
from monitor.stores.sqlite.muting import Muting
from monitor.stores.sqlite.notices import Noticing
from monitor.stores.sqlite.opening import connect
from monitor.stores.sqlite.polling import Polling
from monitor.stores.sqlite.reconciling import Reconciling
from monitor.stores.sqlite.revisiting import Revisiting
from monitor.stores.sqlite.upkeep import Tidying


class SqliteStore:
    """The jobs over one connection."""

    def __init__(self, connection: Connection) -> None:
        self.path = connection.path
        self.polls = Polling(connection)
        self.revisits = Revisiting(connection)
        self.mutes = Muting(connection)
        self.deliveries = Delivering(connection)
        self.halts = Halting(connection)
        self.archive = Reading(connection)
        self.notices = Noticing(connection)
        self.contacts = Acquaintance(connection)
        self.reconciling = Reconciling(connection)
        self.upkeep = Tidying(connection)
        self.lives = Living(connection)
        self._connection = connection

    def close(self) -> None:
        with self._connection.translating():
            self._connection.raw.close()


def open_sqlite(path: Path, *, create: bool, patience: float) -> SqliteStore:
    """See `monitor.stores.open_store`."""
    return SqliteStore(connect(path, create=create, patience=patience))
