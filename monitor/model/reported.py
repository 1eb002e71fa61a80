"""What is reported to the people who write rules and configuration."""

from dataclasses import dataclass

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
