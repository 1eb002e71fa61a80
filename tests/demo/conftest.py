from collections.abc import AsyncIterator
from datetime import datetime

import aiohttp
import pytest

from monitor.demo import NewsSite


@pytest.fixture
async def site(now: datetime) -> AsyncIterator[NewsSite]:
    async with NewsSite(now) as opened:
        yield opened


@pytest.fixture
async def web() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession() as session:
        yield session
