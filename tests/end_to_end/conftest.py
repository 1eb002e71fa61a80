"""A bureau per test; whatever it started ends with it."""

import pytest
from end_to_end.bureau import Bureau, slack_in_thread
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
