"""How the daemon is -> lines for whoever supervises it: sd_notify(3), datagrams to `$NOTIFY_SOCKET`; without one, nobody is told.

WATCHDOG=1 is sent by whoever calls `alive`, which is the turning dispatcher and nobody else: a timer of its own would go on
saying so of a process whose work stands still.
"""

import faulthandler
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, MutableMapping
from datetime import timedelta
from typing import Self

import structlog

#: Seconds without a sign of life after which the process ends itself, where nobody else does; between two looks.
STUCK, LOOK = 300.0, 15.0
#: Seconds between two requests for more time while it starts, each for three times as long; a start that takes longer hangs.
PLEA, LONGEST_START = 20.0, 7200.0
_STDERR = 2
#: Characters of a status line.
_LONGEST = 400

log = structlog.get_logger()


class Supervisor:
    """systemd's side of the service."""

    def __init__(
        self,
        address: str | None = None,
        watchdog: timedelta | None = None,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        self._address, self._steady = address, steady
        #: Half of the time after which a silent process is ended.
        self._gap = watchdog / timedelta(seconds=2) if watchdog else None
        self._said_alive = -float("inf")
        self._status = ""
        self._is_lost = False
        self._has_started = threading.Event()

    @classmethod
    def of(cls, environment: MutableMapping[str, str]) -> Self:
        """What the environment says; it is taken out of it, so that no child speaks in our name."""
        address = environment.pop("NOTIFY_SOCKET", None)
        span, pid = environment.pop("WATCHDOG_USEC", ""), environment.pop("WATCHDOG_PID", "")
        is_meant = span.isdecimal() and int(span) > 0 and pid in {"", str(os.getpid())}
        return cls(address or None, timedelta(microseconds=int(span)) if is_meant else None)

    def starting(self) -> None:
        """A large memory may take minutes to be looked over and brought up to date: until it is ready, ask for more time."""
        if self._address is not None:
            # Whatever takes so long holds up the loop, too.
            threading.Thread(target=self._ask_for_time, name="starting", daemon=True).start()

    def _ask_for_time(self) -> None:
        ends_at = self._steady() + LONGEST_START
        while not self._has_started.is_set() and self._steady() < ends_at:
            self._tell(f"EXTEND_TIMEOUT_USEC={round(3 * PLEA * 1e6)}")
            self._has_started.wait(PLEA)

    def ready(self) -> None:
        """The lock is held, the memory open, what was cut off is taken up; or an edit has been taken up or refused."""
        self._has_started.set()
        self._tell("READY=1")

    def reloading(self) -> None:
        """An edit is read; systemd from 253 on waits for READY when this carries the time."""
        self._tell("RELOADING=1", f"MONOTONIC_USEC={time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000}")

    def stopping(self, within: timedelta) -> None:
        """What is in flight comes to its end, within about so long."""
        self._tell("STOPPING=1", f"EXTEND_TIMEOUT_USEC={within // timedelta(microseconds=1)}")

    def alive(self) -> None:
        """The work goes on: said at most twice per time of the watchdog."""
        now = self._steady()
        if self._gap is not None and now - self._said_alive >= self._gap:
            self._said_alive = now
            self._tell("WATCHDOG=1")

    def status(self, text: str) -> None:
        """What `systemctl status` shows; sent when it differs from before."""
        line = " ".join(text.split())[:_LONGEST]
        if line != self._status:
            self._status = line
            self._tell(f"STATUS={line}")

    def _tell(self, *lines: str) -> None:
        if self._address is None:
            return
        # A name in the abstract space is written with @ for its first byte, which is zero.
        address = f"\0{self._address[1:]}" if self._address.startswith("@") else self._address
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as speaker:
                speaker.setblocking(False)
                speaker.sendto("\n".join(lines).encode(), address)
            self._is_lost = False
        except OSError as error:
            if not self._is_lost:
                log.warning("supervisor_lost", what=lines[0], error=error.strerror)
            self._is_lost = True


class DeadMan:
    """Ends the process with a traceback of every thread when nobody has called for `STUCK` seconds: a loop that stands still
    cannot end itself, and not everybody has a supervisor that watches.

    Time in which the whole process was stopped counts for nothing: the loop has not had it, either.
    """

    def __init__(
        self, sleep: Callable[[float], object] | None = None, steady: Callable[[], float] = time.monotonic
    ) -> None:
        # Not `time.sleep`, which is refused where a clock is set back under libfaketime.
        self._sleep, self._steady = sleep or threading.Event().wait, steady
        self._calls = 0
        # Also tells where it stood when a supervisor ends it (SIGABRT), or whoever asks (SIGUSR1).
        faulthandler.enable(_STDERR)
        faulthandler.register(signal.SIGUSR1, _STDERR)
        faulthandler.register(signal.SIGPROF, _STDERR, chain=True)

    def __call__(self) -> None:
        """Go on living."""
        self._calls += 1

    def start(self) -> None:
        """From now on somebody has to call."""
        threading.Thread(target=self._watch, name="dead man", daemon=True).start()

    def _watch(self) -> None:
        self.wait()
        faulthandler.dump_traceback(_STDERR)
        os._exit(1)

    def wait(self) -> None:
        """Until nobody has called for too long."""
        silent = 0.0
        while silent < STUCK:
            # Code in C that computes without end does not let this thread run: then the kernel ends the process, by the
            # time that it computes.
            signal.setitimer(signal.ITIMER_PROF, STUCK)
            calls, began = self._calls, self._steady()
            self._sleep(LOOK)
            was_stopped = self._steady() - began >= 2 * LOOK
            silent = 0.0 if was_stopped or self._calls != calls else silent + LOOK
