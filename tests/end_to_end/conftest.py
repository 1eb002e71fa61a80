"""A bureau per test; whatever it started ends with it."""

import pytest
from end_to_end.bureau import Bureau, slack_in_thread
from end_to_end.disk import mounted
from end_to_end.ear import Ear
from website import Website


@pytest.fixture
def site():
    site = Website()
    yield site
    site.close()


@pytest.fixture
def slack():
    with slack_in_thread() as slack:
        yield slack


@pytest.fixture
def bureau(tmp_path, site, slack):
    bureau = Bureau(folder=tmp_path, site=site, slack=slack)
    yield bureau
    bureau.close()


@pytest.fixture
def small_disk(tmp_path_factory, request):
    """A folder on a disk of eight megabytes, or of as many as the test says."""
    folder = tmp_path_factory.mktemp("disk")
    with mounted(folder, getattr(request, "param", "8M")) as allowed:
        if not allowed:
            pytest.skip("only root can mount a small disk")
        yield folder


@pytest.fixture
def ear(tmp_path):
    """What hears the notes to a supervisor."""
    ear = Ear(tmp_path / "notify")
    yield ear
    ear.socket.close()
