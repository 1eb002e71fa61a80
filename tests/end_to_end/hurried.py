"""Run as a program: monitor whose waits are shortened and in which nothing else differs. Arguments as monitor's."""

import sys
from datetime import timedelta

from monitor import app
from monitor.commands import main
from monitor.engines import daemon
from monitor.jobs import deliver
from monitor.sinks.slack import bot

#: Seconds after which a call of Slack is given up here.
TIMEOUT = 1

if __name__ == "__main__":
    app.PACE = timedelta(seconds=0.02)
    deliver.SETTLE = timedelta(seconds=1)
    bot.TIMEOUT = TIMEOUT
    daemon.TICK = daemon.TELL = daemon.WATCH = 0.2
    main(sys.argv[1:])
