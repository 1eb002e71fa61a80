"""Settings -> structlog: one event, one line on standard error; secrets never pass."""

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

_SECRET = re.compile(r"xox[a-z]-[\w-]+|xapp-[\w-]+|hooks\.slack\.com/\S+|ticket=[^&\s]+")


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Cut tokens and webhook addresses out of every text of an event."""
    return {key: _SECRET.sub("[redacted]", value) if isinstance(value, str) else value for key, value in event.items()}


def set_up_logging(*, verbose: bool = False, quiet: bool = False) -> None:
    """Log lines for people on a terminal and key=value lines elsewhere; `quiet`: only what went badly wrong."""
    level = logging.DEBUG if verbose else logging.ERROR if quiet else logging.INFO
    line = (
        structlog.dev.ConsoleRenderer()
        if sys.stderr.isatty()
        else structlog.processors.LogfmtRenderer(key_order=["timestamp", "level", "event"], sort_keys=False)
    )
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            # Before the redaction: a traceback may quote what must not be shown.
            structlog.processors.format_exc_info,
            _plain_values,
            redact,
            line,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    # Libraries speak through the standard module; their debug lines may hold addresses and message bodies.
    logging.basicConfig(
        level=logging.WARNING, stream=sys.stderr, format="level=%(levelname)s logger=%(name)s %(message)s"
    )


def _plain_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """What is absent is left out; what is no number or flag becomes text on one line."""
    plain: EventDict = {}
    for key, value in event.items():
        if value is None:
            continue
        plain[key] = value if isinstance(value, bool | int | float) else " ".join(str(value).split())
    return plain
