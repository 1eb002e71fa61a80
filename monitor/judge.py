"""Config -> Judge: the rules in force, which make Matches of an Article and its Source."""

from dataclasses import dataclass

from monitor.clock import utc_now
from monitor.config import Channels, Config, list_sources
from monitor.errors import ConfigError
from monitor.model import Article, Finding, Match, Notice, Severity, Source
from monitor.rules.book import Rule, RuleBook
from monitor.rules.lint import faults
from monitor.rules.load import load_rules
from monitor.rules.matcher import Matcher, compile_rules
from monitor.rules.trials import run_tests
from monitor.stages.match import find_matches


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """The rules in force: Article x Source -> Matches."""

    book: RuleBook
    matcher: Matcher
    channels: Channels
    #: Ids of the rules that listen to some sources only.
    choosy_rules: frozenset[str]

    def __call__(self, article: Article, source: Source) -> tuple[Match, ...]:
        """Judge one article by all rules."""
        return find_matches(article, source, self.matcher, route=self._route, now=utc_now())

    def _route(self, rule: Rule) -> tuple[Notice, ...]:
        return self.channels.route(rule.notify, rule.when, rule.mention)


def load_judge(config: Config) -> Judge:
    """Read, check and compile the rules. ConfigError when one is wrong or its own test fails."""
    channels = Channels(config)
    sources = list_sources(config)
    book = load_rules(config.rules, channels=channels.names, sources=sources)
    _refuse(book.findings)
    matcher = compile_rules(book.rules)
    tried = run_tests(book, sources=sources, now=utc_now(), matcher=matcher)
    _refuse((*faults(book, matcher), *tried.findings))
    choosy = frozenset(rule.id for rule in book.rules if rule.scope.names_sources)
    return Judge(book=book, matcher=matcher, channels=channels, choosy_rules=choosy)


def _refuse(findings: tuple[Finding, ...]) -> None:
    errors = tuple(finding for finding in findings if finding.severity is Severity.ERROR)
    if errors:
        raise ConfigError("app.rules-broken", findings=errors, count=len(errors))
