"""URL -> Page: the only HTTP for reading. Guards addresses, waits its turn per host, bounds time and bytes."""

from monitor.fetch.client import HttpFetcher

__all__ = ["HttpFetcher"]
