"""Mistakes in one file -> Findings, collected and never raised."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from heapq import nlargest
from typing import Protocol, overload
from unicodedata import normalize

from monitor.model import Finding, Severity

#: Of each severity and in one file.
MAX_FINDINGS = 1_000
#: Names that are compared letter by letter with one that is not known, and how much of it.
_MOST_NAMES = 50
_LONGEST_NAME = 100
_LONGEST_FACT = 300


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


class Lines(Sequence[str]):
    """The lines of a text, parted when somebody asks: nobody does of a file that is well."""

    __slots__ = ("_lines", "_text")

    def __init__(self, text: str = "") -> None:
        self._text = text
        self._lines: list[str] | None = None

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        return self._parted()[place]

    def __len__(self) -> int:
        return len(self._parted())

    def _parted(self) -> list[str]:
        if self._lines is None:
            self._lines = self._text.splitlines()
            self._text = ""
        return self._lines


@dataclass(slots=True)
class Report:
    """What was found in one file, in order of discovery; of each severity so much as anybody would read."""

    file: str
    lines: Sequence[str] = ()
    findings: list[Finding] = field(default_factory=list)
    #: How many there are, those that were left out included.
    errors: int = field(default=0, init=False)
    warnings: int = field(default=0, init=False)

    def error(self, code: str, at: Placed | None = None, /, **facts: object) -> None:
        """Something that keeps a rule from being used; `code` without its room. `rule=` names the rule."""
        self.errors += 1
        self._add(Severity.ERROR, code, at, facts, self.errors)

    def warning(self, code: str, at: Placed, /, **facts: object) -> None:
        """Something that works, but perhaps not as meant."""
        self.warnings += 1
        self._add(Severity.WARNING, code, at, facts, self.warnings)

    @property
    def full(self) -> bool:
        """Whether no further error is kept, so that nothing need be looked up for one."""
        return self.errors > MAX_FINDINGS

    def _add(self, severity: Severity, code: str, at: Placed | None, facts: dict[str, object], count: int) -> None:
        if count > MAX_FINDINGS + 1:
            return
        if count == MAX_FINDINGS + 1:
            code, facts = f"more-{severity}s", {"limit": MAX_FINDINGS}
        rule = facts.pop("rule", None)
        shown = {name: _shortened(fact) if isinstance(fact, str) else fact for name, fact in facts.items()}
        line = at.line if at else None
        self.findings.append(
            Finding(
                severity=severity,
                code=f"rules.{code}",
                facts=tuple(shown.items()),
                file=self.file,
                line=line,
                column=at.column if at else None,
                source_line=line_of(self.lines, line),
                rule=str(rule) if rule is not None else None,
            )
        )


def _shortened(text: str) -> str:
    """What a sentence can hold; a lost quote makes one word of half a file."""
    return text if len(text) <= _LONGEST_FACT else f"{text[:_LONGEST_FACT]}…"


def line_of(lines: Sequence[str], number: int | None) -> str | None:
    """The line with this number, counted from 1, shortened where it is very long."""
    if number is None or not 0 < number <= len(lines):
        return None
    return lines[number - 1][:500]


def suggestion(word: str, known: Collection[str]) -> str | None:
    """The known word that was probably meant."""
    plain = normalize("NFKC", word[:_LONGEST_NAME]).strip().lower()
    # Of more different lengths no two words are alike enough.
    near = (name for name in known if 3 * len(plain) <= 7 * len(name) and 3 * len(name) <= 7 * len(plain))
    letters = set(plain)
    likeliest = nlargest(_MOST_NAMES, near, key=lambda name: len(letters.intersection(name.lower())))
    folded = {name.lower(): name for name in likeliest}
    close = get_close_matches(plain, list(folded), n=1, cutoff=0.6)
    return folded[close[0]] if close else None
