"""`python -m monitor`, and the `monitor` script."""

import os
import signal
import sys

from monitor.streams import settle_streams


def main() -> None:
    """Run a command and leave with its exit code. A daemon heeds its signals before the long half of its start."""
    settle_streams()
    if "run" in sys.argv[1:]:
        # Nothing has been begun that would need an end, and the configuration is read after this anyway.
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        signal.signal(signal.SIGHUP, signal.SIG_IGN)
    from monitor.commands import main as run_command  # noqa: PLC0415 - takes long

    run_command()


if __name__ == "__main__":
    main()
