"""What can go wrong, as one tree. Each error knows what it says in both languages and whether trying later can help.

MonitorError
├─ ConfigError            the operator must act; carries every finding        → exit 2
├─ UsageError             the command was given something it cannot use       → exit 2
├─ RunningError           another instance holds the database                 → exit 75
├─ ListenError            health cannot be shown where the configuration says → exit 1, to be tried again
├─ FetchError             no page came: address, network, HTTP status         → the source backs off
├─ ParseError             a page came, but it is not what the source promised → the source backs off
├─ SendError              a channel was not told
│  ├─ NotStoredError        certainly not stored: try again later
│  ├─ UncertainError        may be stored: look it up before trying again
│  ├─ UnknowableError       may be stored, and cannot be looked up: the operator has said what then happens
│  ├─ BlockedError          the destination or the token refuses: keep, tell a person
│  └─ PayloadError          this message is refused: send it in a plainer form
└─ StoreError             cannot remember → the engine stops, since a monitor without memory repeats itself

An error is raised with a message code (`monitor.messages`) and its facts; secrets are never among them.
"""

import json
from datetime import timedelta

from monitor.messages import say


class MonitorError(Exception):
    """Base of all errors of ours."""

    temporary = False

    def __init__(self, code: str, **facts: object) -> None:
        super().__init__(code)
        self.code = code
        self.facts = facts

    def message(self, language: str) -> str:
        """The sentence for a person."""
        return say(self.code, language, **self.facts)

    def memo(self) -> str:
        """What the store keeps of it, so that it can be told later in either language; see `recall`."""
        # Numbers stay numbers: a sentence may say how they are to be written.
        facts = {name: fact if isinstance(fact, int | float) else str(fact) for name, fact in self.facts.items()}
        return json.dumps({"code": self.code, "facts": facts}, ensure_ascii=False)

    def __str__(self) -> str:
        return self.message("en")

    def __reduce__(self) -> tuple[object, ...]:
        # Parser children send their errors home by pickle, which would drop keyword arguments.
        return (_rebuild, (type(self), self.code, self.facts))


def _rebuild(kind: type[MonitorError], code: str, facts: dict[str, object]) -> MonitorError:
    return kind(code, **facts)


def recall(memo: str, language: str) -> str:
    """The sentence of an error that was kept by `MonitorError.memo`; what a later version no longer knows is shown as kept."""
    try:
        kept = json.loads(memo)
        return say(kept["code"], language, **kept["facts"])
    except (ValueError, KeyError, TypeError, OSError):
        return memo


def recalled_code(memo: str | None) -> str | None:
    """The message code of an error that was kept by `MonitorError.memo`."""
    return memo.partition('"code": "')[2].partition('"')[0] if memo else None


class ConfigError(MonitorError):
    """The configuration or the rules cannot be used. `findings` holds everything that is wrong, not only the first."""

    def __init__(self, code: str, *, findings: tuple[object, ...] = (), **facts: object) -> None:
        super().__init__(code, **facts)
        self.findings = findings


class UsageError(MonitorError):
    """A command was given something it cannot use."""


class RunningError(MonitorError):
    """Another instance holds the database."""


class ListenError(MonitorError):
    """Another program listens where health and metrics are to be shown, or the address is not this machine's (yet)."""


class FetchError(MonitorError):
    """No page came. `status` is the HTTP status, if there was an answer at all."""

    temporary = True

    def __init__(
        self, code: str, *, status: int | None = None, retry_after: timedelta | None = None, **facts: object
    ) -> None:
        super().__init__(code, **facts)
        self.status = status
        self.retry_after = retry_after


class ParseError(MonitorError):
    """A page came, but it is not what the source promised, or reading it cost more than it may."""

    temporary = True


class SendError(MonitorError):
    """A channel was not told."""


class NotStoredError(SendError):
    """The other side certainly did not store the message; `retry_after` is its own wish, if it named one."""

    temporary = True

    def __init__(self, code: str, *, retry_after: timedelta | None = None, **facts: object) -> None:
        super().__init__(code, **facts)
        self.retry_after = retry_after


class UncertainError(SendError):
    """The message may have been stored: time-out, reset, 5xx. It must be looked up before it is sent again.

    `retry_after` is the other side's own wish, if it named one when it was asked.
    """

    temporary = True

    def __init__(self, code: str, *, retry_after: timedelta | None = None, **facts: object) -> None:
        super().__init__(code, **facts)
        self.retry_after = retry_after


class UnknowableError(SendError):
    """The other side cannot be asked whether it has a message: an incoming webhook."""


class BlockedError(SendError):
    """The destination, or with `whole_workspace` the token, refuses every message until a person acts."""

    def __init__(self, code: str, *, whole_workspace: bool = False, **facts: object) -> None:
        super().__init__(code, **facts)
        self.whole_workspace = whole_workspace


class PayloadError(SendError):
    """The other side refuses the message in the form it has."""


class StoreError(MonitorError):
    """What must be remembered cannot be written or read."""
