"""A daemon whose lock or database is taken away notices it."""

import pytest

from monitor.errors import StoreError
from monitor.stores import hold_lock, open_store


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "monitor.db"
    open_store(str(path)).close()
    return path


def test_while_both_stand_all_is_well(database):
    with hold_lock(str(database)) as check:
        check()
        check()


@pytest.mark.parametrize("name", ["monitor.db", "monitor.db.lock"])
@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_is_removed_or_replaced_is_noticed(database, name, replaced):
    with hold_lock(str(database)) as check:
        check()
        path = database.with_name(name)
        kept = path.read_bytes()
        path.rename(path.with_suffix(".old"))
        if replaced:
            path.write_bytes(kept)
        with pytest.raises(StoreError) as caught:
            check()
        assert caught.value.code == "stores.removed"
        assert name in caught.value.message("ja")


def test_a_database_that_is_made_after_the_lock_is_no_other(tmp_path):
    path = tmp_path / "monitor.db"
    with hold_lock(str(path)) as check:
        open_store(str(path)).close()
        check()
        check()
