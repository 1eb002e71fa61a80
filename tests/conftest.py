"""Fixtures that every room may use."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import structlog
from hypothesis import settings

pytest_plugins = ["faults"]

# The same cases in every run; new ones are drawn by tests that say so.
settings.register_profile("same", derandomize=True)
settings.load_profile("same")

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"


@pytest.fixture
def now() -> datetime:
    """The moment at which tests happen: a Monday, 08:30 in Tokyo."""
    return datetime(2026, 11, 22, 23, 30, tzinfo=UTC)


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The shared corpus of real inputs; the test is skipped where it is missing."""
    if not CORPUS.is_dir():
        pytest.skip("the shared corpus is not here")
    return CORPUS


@pytest.fixture(autouse=True)
def _no_logging_of_another_test() -> None:
    """Commands set logging up for the whole process; the next test begins without that."""
    structlog.reset_defaults()
