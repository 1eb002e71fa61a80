"""The process and the machine that we are -> its Life, by which others on the same database know it; what its clocks show."""

import os
import socket
from datetime import datetime
from pathlib import Path

from monitor.clock import since_boot
from monitor.ports import Life, Reading

#: Changes with every start of the kernel (proc(5)); hidden from services that see only processes.
BOOT = Path("/proc/sys/kernel/random/boot_id")


def this_process(now: datetime) -> Life:
    """As it begins now."""
    return Life(pid=os.getpid(), host=socket.gethostname(), boot=_boot(), started_at=now, beat_at=now)


def read_clocks(now: datetime) -> Reading:
    """The steady clock beside the one on the wall."""
    return Reading(wall_at=now, steady=since_boot(), boot=_boot())


def _boot() -> str | None:
    try:
        return BOOT.read_text(encoding="ascii").strip() or None
    except OSError:
        return None
