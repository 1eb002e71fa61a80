"""Claimed sources -> the next one whose host may be asked. At most so many of a host at once; who waits is in nobody's way."""

from collections import Counter, deque

from monitor.model import SourceState


class Lanes:
    """First come, first served among hosts that are free. Whoever is taken from here must `leave` in the end."""

    def __init__(self, per_host: int) -> None:
        self._per_host = per_host
        #: Places of each host that are given away: to sources that are ready and to those that were taken.
        self._given: Counter[str] = Counter()
        self._ready: deque[tuple[str, SourceState]] = deque()
        self._parked: dict[str, deque[SourceState]] = {}

    @property
    def ready(self) -> int:
        """How many could be taken now."""
        return len(self._ready)

    def widen(self, per_host: int) -> None:
        """So many of a host at once from now on. Where that is fewer, nobody is sent home who has a place."""
        self._per_host = per_host
        for host in list(self._parked):
            while self._given[host] < per_host and host in self._parked:
                self._given[host] += 1
                self._call_next(host)

    def enter(self, host: str, state: SourceState) -> None:
        """Queue up."""
        if self._given[host] < self._per_host:
            self._given[host] += 1
            self._ready.append((host, state))
        else:
            self._parked.setdefault(host, deque()).append(state)

    def take(self) -> tuple[str, SourceState]:
        """The next source and its host. IndexError when none is ready."""
        return self._ready.popleft()

    def leave(self, host: str) -> None:
        """Give the place to the next source of the host."""
        if self._given[host] <= self._per_host and host in self._parked:
            self._call_next(host)
            return
        self._given[host] -= 1
        if not self._given[host]:
            del self._given[host]

    def _call_next(self, host: str) -> None:
        parked = self._parked[host]
        self._ready.append((host, parked.popleft()))
        if not parked:
            del self._parked[host]

    def clear(self) -> list[SourceState]:
        """Send everybody home who was not taken."""
        sent = [state for _, state in self._ready]
        for host, _ in self._ready:
            self._given[host] -= 1
        self._ready.clear()
        sent += [state for lane in self._parked.values() for state in lane]
        self._parked.clear()
        return sent
