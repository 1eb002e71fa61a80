"""Process id -> CPU seconds and memory of it and of its children, from /proc (Linux)."""

import compileall
import os
from dataclasses import dataclass
from pathlib import Path

import monitor

TICK = 1 / os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, kw_only=True)
class Usage:
    """Seconds of CPU and bytes of memory since a process began; `children` are those it started, ended ones included."""

    own: float
    children: float
    own_rss: int
    children_rss: int
    children_now: int

    @property
    def cpu(self) -> float:
        return self.own + self.children

    def since(self, before: "Usage") -> "Usage":
        """CPU between two readings; memory as of now."""
        return Usage(
            own=self.own - before.own,
            children=self.children - before.children,
            own_rss=self.own_rss,
            children_rss=self.children_rss,
            children_now=self.children_now,
        )


def compile_house() -> None:
    """Compile monitor, as installing it does: where bytecode is not written, every process would do it anew."""
    compileall.compile_dir(Path(monitor.__file__).parent, quiet=2)


def usage(pid: int) -> Usage:
    """What a process and its children (not theirs) have used."""
    own = _stat(pid)
    children = [stat for child in _children(pid) if (stat := _stat(child))]
    return Usage(
        own=_seconds(own, 11) + _seconds(own, 12),
        # 13 and 14: the children that have ended and were waited for.
        children=sum(_seconds(own, at) for at in (13, 14))
        + sum(_seconds(stat, at) for stat in children for at in (11, 12)),
        own_rss=int(own[21]) * PAGE,
        children_rss=sum(int(stat[21]) * PAGE for stat in children),
        children_now=len(children),
    )


def peak_rss(pid: int) -> int:
    """The most memory a process ever had, in bytes."""
    for line in Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) * 1024
    return 0


def _stat(pid: int) -> list[str]:
    """The fields after the name, so that the third of proc(5) is number 0."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(") ")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return []


def _seconds(stat: list[str], at: int) -> float:
    return int(stat[at]) * TICK


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for tasks in Path(f"/proc/{pid}/task").iterdir():
        found += map(int, (tasks / "children").read_text(encoding="ascii").split())
    return found
