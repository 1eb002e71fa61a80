"""Errors and findings -> lines on standard error in the operator's language, and the exit code.

Exit codes: 0 fine, 1 findings or failures, 2 wrong usage or configuration, 75 another instance is running.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from rich.cells import cell_len
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from monitor.errors import ConfigError, MonitorError, RunningError, UsageError
from monitor.messages import LANGUAGES, is_known, say
from monitor.model import Finding, Severity, Snippet

FINE, FAILED, MISUSED, RUNNING = 0, 1, 2, 75
#: Columns of a pipe: so wide that no address in a table is broken, which nobody could search for or copy.
_PIPE = 1_000
#: Cells of a line that is shown in a pipe; minified files have lines of megabytes.
LONGEST_LINE = 200
#: Characters of a line that are read in search of the place.
_LONGEST_READ = 5_000
_HANG = "  "
#: Before the line that a finding speaks of.
_MARGIN = "    "


_chosen: ContextVar[str | None] = ContextVar("language", default=None)


def speak(language: str) -> None:
    """From now on errors are told in the language of the configuration."""
    _chosen.set(language)


def spoken_language() -> str:
    """The configuration's language; before one is read, that of the environment."""
    if chosen := _chosen.get():
        return chosen
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := os.environ.get(name):
            language = value[:2].lower()
            return language if language in LANGUAGES else "en"
    return "en"


def errors() -> Console:
    """Standard error, for everything that is not data. No markup: names and foreign texts may hold brackets."""
    return Console(
        stderr=True, highlight=False, soft_wrap=True, markup=False, width=_width(is_seen=sys.stderr.isatty())
    )


def output() -> Console:
    """Standard output, for data: plain and unwrapped in a pipe."""
    is_seen = sys.stdout.isatty()
    return Console(highlight=False, soft_wrap=not is_seen, markup=False, width=_width(is_seen=is_seen))


def _width(*, is_seen: bool) -> int | None:
    """Columns, where the environment does not say or, as in some containers, says that there are none."""
    stated = os.environ.get("COLUMNS", "")
    if stated.isdecimal() and int(stated):
        return None
    return (80 if stated else None) if is_seen else _PIPE


@dataclass(frozen=True, slots=True)
class TreeScreen:
    """Lines that are indented like a tree: one too long for the terminal goes on below its own words; a pipe gets it whole."""

    console: Console

    def print(self, text: str, /, *, style: str | None, markup: bool) -> None:
        words = text.lstrip(" ")
        indent = " " * (len(text) - len(words))
        room = self.console.width - len(indent) - len(_HANG)
        if self.console.is_terminal and cell_len(text) > self.console.width and room > 0:
            text = f"\n{indent}{_HANG}".join(line.plain.rstrip() for line in Text(words).wrap(self.console, room))
            text = indent + text
        self.console.print(text, style=style, markup=markup)


class Sheet:
    """Lines with matched words in them; on a terminal a long one goes on below its own beginning, a pipe gets it whole."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self.width = console.width
        self.plain = not console.encoding.lower().startswith("utf")

    def line(self, text: str, style: str = "") -> None:
        """One line; `text` may be foreign."""
        self._print(Text(printable(text), style=style))

    def snippet(self, before: str, shown: Snippet, *, behind: str = "", link: str | None = None) -> None:
        """A headline or snippet with its matched words marked, and what stands before and behind it."""
        text = Text(printable(before), style="dim")
        start = len(text)
        text.append(shown.text, style=f"not dim link {link}" if link else "not dim")
        text.append(printable(behind), style="cyan not dim")
        for first, last in shown.highlights:
            text.stylize("bold yellow not dim", start + first, start + last)
        self._print(text)

    def _print(self, text: Text) -> None:
        _print_hanging(text, self._console)


def _print_hanging(text: Text, console: Console) -> None:
    """One line; on a terminal one that is too long goes on below its own beginning."""
    indent = len(text.plain) - len(text.plain.lstrip(" "))
    if not console.is_terminal or cell_len(text.plain) <= console.width:
        console.print(text)
        return
    body, hang = text[indent:], " " * (indent + len(_HANG))
    for place, line in enumerate(body.wrap(console, max(1, console.width - len(hang)))):
        line.rstrip()
        console.print(Text(" " * indent if place == 0 else hang) + line)


def printable(text: str) -> str:
    """Foreign text without signs that a terminal would obey."""
    return "".join(character if character.isprintable() else " " for character in text)


@contextmanager
def progress(label: str, total: int) -> Iterator[Callable[[int], None]]:
    """Shows on standard error how far something has come; the function is told of each step. Nothing in a pipe."""
    console = errors()
    columns = (TextColumn("{task.description}", markup=False), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task(label, total=total)
        yield lambda steps: shown.advance(task, steps)


def sentence(finding: Finding, language: str) -> str:
    """What is wrong, without its place."""
    return say(finding.code, language, **dict(finding.facts))


def hint(finding: Finding, language: str) -> str | None:
    """What to do about it, where there is something to say."""
    code, facts = f"{finding.code}-hint", dict(finding.facts)
    if not is_known(code) or any(value is None for value in facts.values()):
        return None
    return say(code, language, **facts) or None


def show_findings(findings: Iterable[Finding], language: str, console: Console) -> None:
    """Each finding with file, line and column, the line itself, and what to do."""
    room = (console.width if console.is_terminal else LONGEST_LINE) - len(_MARGIN)
    for finding in findings:
        for line in _finding_lines(finding, language, room):
            _print_hanging(line, console)


def sentence_at(finding: Finding, language: str) -> str:
    """What is wrong, where, and what to do, on one line: for logs."""
    advice = hint(finding, language)
    rule = _in_rule(finding, language).lstrip()
    told = f"{_place(finding)}{rule and f' {rule}'}: {sentence(finding, language)}"
    return told + (f" → {advice}" if advice else "")


def _in_rule(finding: Finding, language: str) -> str:
    """As in " (rule nato)", for a finding about one rule."""
    return "" if finding.rule is None else say("terminal.in-rule", language, rule=finding.rule)


def _place(finding: Finding) -> str:
    """As in "rules/first.yaml:3:5"; the file from here, where it stands below."""
    file = finding.file
    # Somebody else may have removed the folder that one stands in.
    with suppress(OSError):
        if file is not None and Path(file).is_relative_to(Path.cwd()):
            file = str(Path(file).relative_to(Path.cwd()))
    return ":".join(str(part) for part in (file, finding.line, finding.column) if part is not None)


def _pointed_at(line: str, column: int | None, room: int) -> Iterator[Text]:
    """The line with a mark below the place; tabs and full-width spaces, which nobody sees, are shown by a sign.

    Of a line that is longer than `room` cells the piece around the place is shown.
    """
    # □ is one cell wide where the full-width space is two; both lines are measured as they are shown.
    shown = line.rstrip()[:_LONGEST_READ].replace("\t", "⇥").replace("\u3000", "□")
    place = None if column is None or column > len(shown) + 1 else column - 1
    first = 0
    while place is not None and cell_len(shown) > room and cell_len(shown[first:place]) > room // 2:
        first += 1
    before = "…" if first else ""
    piece = Text(before + shown[first:])
    piece.truncate(room, overflow="ellipsis")
    yield Text(_MARGIN, style="dim") + piece
    if place is not None:
        yield Text(f"{_MARGIN}{' ' * cell_len(before + shown[first:place])}^", style="dim")


def _finding_lines(finding: Finding, language: str, room: int) -> Iterator[Text]:
    style = "bold red" if finding.severity is Severity.ERROR else "bold yellow"
    text = Text()
    if place := _place(finding):
        text.append(f"{place}: ", style="bold")
    text.append(say(f"terminal.{finding.severity.value}", language), style=style)
    text.append(f"{_in_rule(finding, language)}: {sentence(finding, language)}")
    yield text
    if finding.source_line is not None and finding.source_line.strip():
        yield from _pointed_at(finding.source_line, finding.column, room)
    if advice := hint(finding, language):
        yield Text(f"{_MARGIN}→ {advice}", style="cyan")


def show_error(error: MonitorError) -> int:
    """Say what went wrong on standard error; the exit code it means."""
    console, language = errors(), spoken_language()
    findings = error.findings if isinstance(error, ConfigError) else ()
    show_findings((one for one in findings if isinstance(one, Finding)), language, console)
    if not findings:
        console.print(Text(f"monitor: {error.message(language)}", style="bold red"))
    if isinstance(error, RunningError):
        return RUNNING
    return MISUSED if isinstance(error, ConfigError | UsageError) else FAILED
