"""One contract suite for every kind of store: tests that ask for `store` run once per kind."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from monitor.ports import Store
from monitor.stores import open_store


@pytest.fixture(params=["sqlite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a store that nobody has opened yet."""
    return {"sqlite": str(tmp_path / "monitor.db")}[request.param]


@pytest.fixture
def opened(database: str) -> Iterator[Callable[[], Store]]:
    """Opens the same store again and again; everything is closed at the end."""
    stores: list[Store] = []

    def open_one() -> Store:
        stores.append(open_store(database))
        return stores[-1]

    yield open_one
    for store in stores:
        store.close()


@pytest.fixture
def store(opened: Callable[[], Store]) -> Store:
    return opened()
