"""Mistakes in one file -> Findings, collected and never raised."""

from collections.abc import Collection
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Protocol
from unicodedata import normalize

from monitor.model import Finding, Severity


class Placed(Protocol):
    """Anything that knows its place; both count from 1."""

    @property
    def line(self) -> int: ...
    @property
    def column(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Spot:
    """A bare place."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Report:
    """What was found in one file, in order of discovery."""

    file: str
    lines: tuple[str, ...] = ()
    findings: list[Finding] = field(default_factory=list)

    def error(self, code: str, at: Placed | None = None, /, **facts: object) -> None:
        """Something that keeps a rule from being used; `code` without its room. `rule=` names the rule."""
        self._add(Severity.ERROR, code, at, facts)

    def warning(self, code: str, at: Placed, /, **facts: object) -> None:
        """Something that works, but perhaps not as meant."""
        self._add(Severity.WARNING, code, at, facts)

    def _add(self, severity: Severity, code: str, at: Placed | None, facts: dict[str, object]) -> None:
        rule = facts.pop("rule", None)
        line = at.line if at else None
        self.findings.append(
            Finding(
                severity=severity,
                code=f"rules.{code}",
                facts=tuple(facts.items()),
                file=self.file,
                line=line,
                column=at.column if at else None,
                source_line=line_of(self.lines, line),
                rule=str(rule) if rule is not None else None,
            )
        )

    @property
    def errors(self) -> int:
        """How many errors stand in it so far."""
        return sum(finding.severity is Severity.ERROR for finding in self.findings)


def line_of(lines: tuple[str, ...], number: int | None) -> str | None:
    """The line with this number, counted from 1, shortened where it is very long."""
    if number is None or not 0 < number <= len(lines):
        return None
    return lines[number - 1][:500]


def suggestion(word: str, known: Collection[str]) -> str | None:
    """The known word that was probably meant."""
    plain = normalize("NFKC", word).strip().lower()
    folded = {name.lower(): name for name in known}
    close = get_close_matches(plain, list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None
