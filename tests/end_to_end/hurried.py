"""Run as a program: monitor whose waits are shortened and in which nothing else differs. Arguments as monitor's."""

import sys
from datetime import timedelta

from monitor import app, schedule
from monitor.commands import main
from monitor.engines import daemon
from monitor.eyes import readiness, watch
from monitor.jobs import send, verdict
from monitor.sinks.slack import bot
from monitor.stores.sqlite import articles

#: Seconds after which a call of Slack is given up here.
TIMEOUT = 1


def hurry(settle: float = 1) -> None:
    """Shorten the waits of this process."""
    app.PACE = timedelta(seconds=0.02)
    app.CROWD_PACE = timedelta(seconds=0.005)
    verdict.FIRST_BACK_OFF = timedelta(seconds=0.2)
    send.settle_time = lambda _lag: timedelta(seconds=settle)
    bot.TIMEOUT = TIMEOUT
    daemon.TICK = daemon.TELL = daemon.WATCH = daemon.REVISIT = 0.2
    watch.FRESH, readiness.STILL = 0.2, 3.0
    schedule.REVISITS = tuple(timedelta(seconds=seconds) for seconds in (1, 2, 3, 4))
    articles.FIRST_REVISIT = schedule.REVISITS[0]


if __name__ == "__main__":
    hurry()
    main(sys.argv[1:])
