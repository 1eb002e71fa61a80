"""Settings -> structlog: one event, one line on standard error; secrets never pass."""

import logging
import os
import re
import sys
from collections.abc import Collection
from enum import StrEnum

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

#: Tokens, addresses of webhooks, tickets, and the name and password in an address.
_SECRET = re.compile(
    r"xox[a-z]+-[\w.-]+|xapp-[\w.-]+|hooks\.slack[\w-]*\.com/\S+|ticket=[^&\s]+|(?<=://)[^/\s@]*:[^/\s@]*(?=@)"
)
_CUT = "[redacted]"
_FIRST = ("timestamp", "level", "event")
#: The priorities of syslog(3), by which `journalctl -p` chooses.
_PRIORITIES = {"debug": 7, "info": 6, "warning": 4, "error": 3, "critical": 2}


class Form(StrEnum):
    """How a line is written."""

    #: For people on a terminal, key=value elsewhere.
    AUTO = "auto"
    CONSOLE = "console"
    LOGFMT = "logfmt"
    JSON = "json"


def without_secrets(text: str) -> str:
    """The text without what looks like a secret."""
    return _SECRET.sub(_CUT, text)


def set_up_logging(
    *, verbose: bool = False, quiet: bool = False, form: Form = Form.AUTO, secrets: Collection[str] = ()
) -> None:
    """From now on events are lines; `quiet`: only what went badly wrong. Whatever `secrets` holds is cut out."""
    level = logging.DEBUG if verbose else logging.ERROR if quiet else logging.INFO
    writing = _writing(form, secrets)
    structlog.configure(
        processors=[structlog.contextvars.merge_contextvars, structlog.processors.add_log_level, *writing],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    _tell_of_libraries(writing)


def _writing(form: Form, secrets: Collection[str]) -> list[Processor]:
    """What makes a line of an event."""
    return [
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        # Before the redaction: a traceback may quote what must not be shown.
        structlog.processors.format_exc_info,
        _plain_values,
        _Redaction(secrets),
        _renderer(form),
    ]


def _renderer(form: Form) -> Processor:
    rendered = _renderer_of(form)
    return _Prioritised(rendered) if _is_journal() else rendered


def _renderer_of(form: Form) -> Processor:
    if form is Form.JSON:
        return structlog.processors.JSONRenderer(ensure_ascii=False)
    if form is Form.CONSOLE or (form is Form.AUTO and sys.stderr.isatty()):
        return structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty() and not os.environ.get("NO_COLOR"))
    return structlog.processors.LogfmtRenderer()


def _tell_of_libraries(writing: list[Processor]) -> None:
    """Libraries speak through the standard module; their debug lines may hold addresses and message bodies."""
    listener = logging.StreamHandler(sys.stderr)
    # Some loggers have levels of their own.
    listener.setLevel(logging.WARNING)
    listener.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_log_level, structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *writing],
        )
    )
    logging.basicConfig(level=logging.WARNING, handlers=[listener], force=True)


def _plain_values(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """What is absent is left out; what is no number or flag becomes text on one line. When and what come first."""
    plain: EventDict = {}
    for key in (*_FIRST, *(key for key in event if key not in _FIRST)):
        value = event.get(key)
        if value is not None:
            plain[key] = value if isinstance(value, bool | int | float) else " ".join(str(value).split())
    return plain


class _Redaction:
    """Cuts tokens and webhook addresses out of every text of an event, and the secrets themselves, however they look."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._secrets = re.compile("|".join(re.escape(secret) for secret in secrets if secret) or r"(?!)")

    def __call__(self, _logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
        return {key: self._cut(value) if isinstance(value, str) else value for key, value in event.items()}

    def _cut(self, text: str) -> str:
        return without_secrets(self._secrets.sub(_CUT, text))


def _is_journal() -> bool:
    """Whether standard error goes to systemd's journal (systemd.exec(5), $JOURNAL_STREAM)."""
    try:
        stat = os.fstat(sys.stderr.fileno())
    except (OSError, ValueError):
        return False
    return os.environ.get("JOURNAL_STREAM") == f"{stat.st_dev}:{stat.st_ino}"


class _Prioritised:
    """Puts the priority before a line, as sd-daemon(3) has it; the journal takes it off."""

    def __init__(self, rendered: Processor) -> None:
        self._rendered = rendered

    def __call__(self, logger: WrappedLogger, method: str, event: EventDict) -> str:
        priority = _PRIORITIES.get(event.get("level", method), 6)
        return f"<{priority}>{self._rendered(logger, method, event)!s}"
