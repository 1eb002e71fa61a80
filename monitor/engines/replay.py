"""Archive x rules folders -> the articles that rules answer, part by part; in worker processes where there is much to judge.

Each worker reads its own parts of the archive and compiles the rules for itself; what comes back is small. Nothing is
written, and no transaction stays open, so that the daemon beside it is not disturbed.
"""

import os
import signal
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from typing import NamedTuple

from monitor.errors import ConfigError, MonitorError, UsageError
from monitor.jobs.watch import Fingerprint, fingerprint
from monitor.model import Article, Severity, Source
from monitor.ports import Archive, Extent
from monitor.rules.book import RuleBook
from monitor.rules.load import load_rules
from monitor.rules.matcher import Matcher, compile_rules
from monitor.rules.naming import find_rule
from monitor.stages.replay import Judged, Lineup, dated, judge, judge_joined, line_up
from monitor.stores import open_store

#: Numbers of articles in one part: a part takes some tenths of a second.
PART = 500
#: Starting a worker takes as long as judging some thousand articles.
WORTH_WORKERS = 6_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """What is to be judged by which rules; a worker needs no more."""

    database: str
    rules: Path
    #: The folder of the rules before an edit, where two versions are compared.
    before: Path | None = None
    #: Only the rule of this id or name; without `before` also where it is disabled.
    only: str | None = None
    #: What the rules may name.
    channels: frozenset[str]
    sources: tuple[Source, ...]
    since: datetime


class Part(NamedTuple):
    """What came of some articles."""

    read: int
    #: Articles of the time that was asked for.
    articles: int
    #: Those of them whose text is not kept any more, or never was had.
    bare: int
    judged: list[Judged]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Compiled rules, the sources they may listen to, and what the folders looked like when they were read."""

    lineup: Lineup
    matcher: Matcher
    sources: Mapping[str, Source]
    read: tuple[Fingerprint, ...]
    #: Whether it matters which sources carry an article.
    is_choosy: bool

    def source(self, id_: str) -> Source:
        """The source of an article; of one that has left the configuration nothing but its id is known."""
        return self.sources.get(id_) or Source(id=id_, name=id_, kind="feed", url="", every=timedelta(hours=1))


def read_book(errand: Errand, folder: Path) -> RuleBook:
    """The rules in a folder. ConfigError with every finding where one is wrong; their tests are not run."""
    book = load_rules(folder, channels=errand.channels, sources=errand.sources)
    errors = tuple(finding for finding in book.findings if finding.severity is Severity.ERROR)
    if errors:
        raise ConfigError("app.rules-broken", findings=errors, count=len(errors))
    return book


def prepare(errand: Errand) -> Bench:
    """Read and compile the rules of an errand. ConfigError for broken rules, UsageError for one that is not there."""
    read = tuple(fingerprint(folder) for folder in (errand.rules, errand.before) if folder is not None)
    lineup = _line_up(errand)
    matcher = compile_rules(lineup.rules)
    sources = {source.id: source for source in errand.sources}
    return Bench(
        lineup=replace(lineup, rules=matcher.rules),
        matcher=matcher,
        sources=sources,
        read=read,
        is_choosy=any(rule.scope.names_sources for rule in matcher.rules),
    )


def _line_up(errand: Errand) -> Lineup:
    book = read_book(errand, errand.rules)
    if errand.before is not None:
        before = read_book(errand, errand.before)
        only = None if errand.only is None else find_rule(errand.only, (*book.rules, *before.rules)).id
        return line_up(before, book, only=only)
    if errand.only is not None:
        return Lineup(rules=(replace(find_rule(errand.only, book.rules), enabled=True),))
    return Lineup(rules=book.rules)


def replay(errand: Errand, bench: Bench, archive: Archive, extent: Extent) -> Generator[Part]:
    """Every part of the archive, in any order. To be closed by whoever leaves early: the workers then end at once."""
    workers = (os.cpu_count() or 1) if extent.articles >= WORTH_WORKERS else 1
    parts = [extent.numbers[start : start + PART] for start in range(0, len(extent.numbers), PART)]
    if workers < 2 or not bench.lineup.rules:  # noqa: PLR2004 - one worker is no better than none
        return (_judge_part(errand, bench, archive, numbers) for numbers in parts)
    return _by_workers(errand, bench, parts, workers)


def _judge_part(errand: Errand, bench: Bench, archive: Archive, numbers: range) -> Part:
    read = articles = bare = 0
    judged: list[Judged] = []
    for article in archive.articles(since=errand.since, numbers=numbers):
        read += 1
        if dated(article) < errand.since:
            continue
        articles += 1
        bare += not article.text
        judged.extend(_judged(article, bench, archive))
    return Part(read, articles, bare, judged)


def _judged(article: Article, bench: Bench, archive: Archive) -> Iterator[Judged]:
    first = judge(article, bench.source(article.source_id), bench.matcher)
    if first is not None:
        yield first
    if bench.is_choosy:
        others = (one.source_id for one in archive.carriers(article.id) if one.source_id != article.source_id)
        yield from judge_joined(article, map(bench.source, others), bench.matcher, first)


# --- worker processes -------------------------------------------------------------------------------------------------


def _by_workers(errand: Errand, bench: Bench, parts: list[range], count: int) -> Generator[Part]:
    waiting = iter(parts)
    with _workers(errand, count) as pipes:
        busy = set(pipes)
        while busy:
            for pipe in wait(list(busy)):
                assert isinstance(pipe, Connection)
                answer = _receive(pipe)
                numbers = next(waiting, None)
                pipe.send(numbers)
                if numbers is None:
                    busy.discard(pipe)
                if isinstance(answer, Part):
                    yield answer
                elif answer != bench.read:
                    raise UsageError("replay.rules-changed")


def _receive(pipe: Connection) -> object:
    try:
        answer = pipe.recv()
    except (EOFError, OSError):
        raise MonitorError("replay.worker-ended") from None
    if isinstance(answer, MonitorError):
        raise answer
    return answer


@contextmanager
def _workers(errand: Errand, count: int) -> Iterator[list[Connection]]:
    # Forked processes would share locks with the threads that draw the progress.
    context = get_context("spawn")
    processes: list[SpawnProcess] = []
    pipes = []
    # A terminal sends Ctrl-C to the workers too, who would answer with a traceback each; what is ignored when a process
    # is started stays ignored in it, from its first instruction on.
    heeded = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        for _ in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=work, args=(errand, theirs), daemon=True)
            process.start()
            theirs.close()
            processes.append(process)
            pipes.append(ours)
    finally:
        signal.signal(signal.SIGINT, heeded)
    try:
        yield pipes
    finally:
        for process, pipe in zip(processes, pipes, strict=True):
            process.terminate()
            pipe.close()
            process.join()


def work(errand: Errand, pipe: Connection) -> None:
    """Be a worker: say what was read, then judge parts until there are no more, or nobody listens."""
    try:
        bench = prepare(errand)
        with closing(open_store(errand.database, create=False)) as store:
            pipe.send(bench.read)
            while (numbers := pipe.recv()) is not None:
                pipe.send(_judge_part(errand, bench, store.archive, numbers))
    except MonitorError as error:
        pipe.send(error)
    except (EOFError, OSError):
        return
