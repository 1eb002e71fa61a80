"""Reports of jobs -> log lines: one per finished unit of work, and a failure that goes on only when it is a new one.

What happened is told to a witness, too, who counts it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

import structlog

from monitor.errors import recalled_code
from monitor.jobs.greet import Greeting
from monitor.jobs.notify import Decision
from monitor.jobs.poll import PollReport
from monitor.jobs.revisit import Outcome, RevisitReport
from monitor.jobs.send import DeliverReport
from monitor.messages import say
from monitor.model import DeliveryState, SourceState
from monitor.ports import Call
from monitor.rules.changes import Changes
from monitor.stages.wording import shortened

#: Characters of a list of names in one line.
LONGEST = 500

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled:
    """One turn at a source."""

    report: PollReport
    lasted: timedelta
    #: How long after it was due it began.
    late: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Reloaded:
    """An edit was seen, and taken up or refused."""

    taken_up: bool


Happening: TypeAlias = Polled | RevisitReport | DeliverReport | Greeting | Reloaded | Call


def unwatched(_: Happening) -> None:
    """Where nobody counts what happens."""


def log_poll(before: SourceState, report: PollReport, *, now: datetime) -> None:
    """One line per poll that found something; a failure only when it is a new one."""
    wait = round((report.state.next_poll_at - now).total_seconds())
    if report.error is None:
        found_nothing = not report.new and not report.matched
        tell = log.debug if found_nothing and before.last_error is None else log.info
        tell(
            "polled",
            source=before.source_id,
            listed=report.listed,
            new=report.new,
            matched=report.matched,
            next_poll_in=wait,
            reason=report.reason,
        )
    else:
        tell = log.debug if recalled_code(before.last_error) == report.error.code else log.warning
        tell("poll_failed", source=before.source_id, error=str(report.error), next_poll_in=wait, reason=report.reason)


def log_revisit(report: RevisitReport) -> None:
    """A try that changes nothing is told only to whoever wants to know everything."""
    tell = log.info if report.outcome is Outcome.READ or report.released else log.debug
    tell(
        "revisited",
        article=report.article.id,
        source=report.article.source_id,
        outcome=report.outcome,
        matched=report.matched,
        released=report.released,
        error=str(report.error) if report.error else None,
    )


def log_delivery(report: DeliverReport) -> None:
    """How an attempt ended."""
    delivery = report.delivery
    tell = log.info if delivery.state is DeliveryState.SENT else log.warning
    tell(
        "delivery",
        delivery=delivery.id,
        channel=delivery.channel,
        state=delivery.state,
        attempt=delivery.attempts,
        error=str(report.error) if report.error else None,
    )


def listed(names: Sequence[str]) -> str | None:
    """Names in one line of a log; `None` where there are none."""
    return shortened(", ".join(names), LONGEST) or None


def log_reload(edit: Changes, *, rules: int, language: str) -> None:
    """What an edit of the rules was understood to be, and how to try it on what is stored."""
    log.info("rules_reloaded", rules=rules, **{name: listed(ids) for name, ids in edit.by_kind().items()})
    for before, after in edit.renamed:
        log.warning("rule_renamed", note=say("app.rule-renamed", language, before=before, after=after))
    if new := (*edit.added, *edit.changed):
        log.info("rules_judge_news", note=say("app.rules-judge-news", language, rule=new[0]))


def log_refusal(findings: Sequence[str], language: str) -> None:
    """What is wrong with an edit that is not taken up."""
    for finding in findings:
        log.warning("rules_refused", finding=finding)
    log.warning("rules_kept", note=say("app.rules-kept", language))


def log_incidents(decision: Decision) -> None:
    """What has begun to go wrong, and what is over, whether or not there is an ops channel to tell."""
    for incident in decision.news:
        log.warning("incident", trouble=incident.trouble, subject=incident.subject or None, note=incident.lines[0])
    for ended in decision.ended:
        log.info("incident_over", trouble=ended.incident.trouble, subject=ended.incident.subject or None)
