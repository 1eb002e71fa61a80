"""The process that we are -> its Life, by which others on the same database know it."""

import os
import socket
from datetime import datetime
from pathlib import Path

from monitor.ports import Life

#: Changes with every start of the kernel (proc(5)); hidden from services that see only processes.
BOOT = Path("/proc/sys/kernel/random/boot_id")


def this_process(now: datetime) -> Life:
    """As it begins now."""
    return Life(pid=os.getpid(), host=socket.gethostname(), boot=_boot(), started_at=now, beat_at=now)


def _boot() -> str | None:
    try:
        return BOOT.read_text(encoding="ascii").strip() or None
    except OSError:
        return None
