"""What is reported to the people who write rules and configuration, or run the daemon."""

from dataclasses import dataclass
from datetime import datetime

from monitor.model.word import Word


class Severity(Word):
    """How bad a finding is."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Something an editor or operator should mend. The sentence and the hint are `monitor.messages` codes with facts."""

    severity: Severity
    #: Message code ("rules.unknown-key"); the hint is the same code with "-hint" appended, where there is one.
    code: str
    facts: tuple[tuple[str, object], ...] = ()
    file: str | None = None
    #: Both count from 1.
    line: int | None = None
    column: int | None = None
    #: The line itself, for showing.
    source_line: str | None = None
    rule: str | None = None


class Trouble(Word):
    """What an incident is about."""

    #: An edit of the rules was refused; the rules from before stay in force.
    RULES = "rules"
    #: A source cannot be read.
    SOURCE = "source"
    #: A destination refuses messages, or has left the configuration.
    CHANNEL = "channel"
    #: A message waits for a person, or is tried in vain for long.
    MESSAGE = "message"
    #: The daily backup cannot be written.
    BACKUP = "backup"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """Something that goes on until somebody acts or it passes, and that the operator is told once."""

    trouble: Trouble
    #: Which source (its id), destination or delivery (its id); "" for the rules and the backup.
    subject: str
    since_at: datetime
    #: What is said of it, in the operator's language; the first line can stand alone.
    lines: tuple[str, ...]
    #: Another gist is news: the same trouble for another reason.
    gist: str = ""

    @property
    def key(self) -> tuple[Trouble, str]:
        """Names it among all that go on."""
        return self.trouble, self.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownIncident:
    """An incident as the store remembers it."""

    incident: Incident
    #: The gist that the ops channel was told; `None` where it was told nothing.
    told: str | None = None
    #: When it was seen to be over, until that is told, too.
    over_at: datetime | None = None
