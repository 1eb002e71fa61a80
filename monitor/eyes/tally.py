"""What happens -> counters that only ever grow, as Prometheus counts. Told on the loop, read by another thread."""

from datetime import timedelta

from prometheus_client import CollectorRegistry, Counter, Histogram

from monitor.errors import BlockedError, MonitorError, NotStoredError, SendError
from monitor.jobs.greet import Greeting
from monitor.jobs.revisit import Outcome, RevisitReport
from monitor.jobs.send import DeliverReport
from monitor.journal import Happening, Polled, Reloaded
from monitor.model import DeliveryState
from monitor.ports import Call
from monitor.schedule import Reason

#: Rules that are counted by name; the matches of all further ones go under `OTHER`.
MOST_RULES = 200
OTHER = "(other)"
_POLL_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)
_LATE_SECONDS = (1, 2, 5, 10, 30, 60, 300, 900, 3600)
_SENT_SECONDS = (0.5, 1, 2, 5, 10, 30, 60, 300, 900, 3600, 21600)
_POLLED = ("changed", "unchanged", "failed")
_RESULTS = ("found", "absent", "not_yet", "error")
#: What becomes of an attempt that is claimed.
_ATTEMPTS = (DeliveryState.SENT, DeliveryState.PENDING, DeliveryState.UNKNOWN, DeliveryState.HELD, DeliveryState.DEAD)


class Tally:
    """Counts from zero when the process starts."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._count_polls(registry)
        self._count_deliveries(registry)
        self._rules: set[str] = set()
        #: Why Slack refused the token when it was last asked; a memo.
        self.refused: str | None = None

    def _count_polls(self, registry: CollectorRegistry) -> None:
        self._fetches = Counter(
            "monitor_fetches",
            "Polls of sources by what came of them and why the next one comes when it does.",
            ("outcome", "reason"),
            registry=registry,
        )
        self._errors = Counter("monitor_fetch_errors", "Polls that failed, by error.", ("error",), registry=registry)
        self._seconds = Histogram(
            "monitor_fetch_duration_seconds",
            "Duration of a poll, with the pages of its new articles.",
            buckets=_POLL_SECONDS,
            registry=registry,
        )
        self._late = Histogram(
            "monitor_fetch_lateness_seconds",
            "How long after it was due a poll began.",
            buckets=_LATE_SECONDS,
            registry=registry,
        )
        self._articles = Counter("monitor_articles", "Articles that were new.", registry=registry)
        self._matches = Counter("monitor_matches", "Matches by rule.", ("rule",), registry=registry)
        self._revisits = Counter(
            "monitor_revisits", "Pages that were asked for again, by outcome.", ("outcome",), registry=registry
        )
        self._reloads = Counter("monitor_config_reloads", "Edits by outcome.", ("outcome",), registry=registry)
        for outcome in ("taken_up", "refused"):
            self._reloads.labels(outcome)
        for outcome in _POLLED:
            self._fetches.labels(outcome, Reason.BACK_OFF if outcome == "failed" else Reason.INTERVAL)
        for again in Outcome:
            self._revisits.labels(again.value)

    def _count_deliveries(self, registry: CollectorRegistry) -> None:
        self._attempts = Counter(
            "monitor_delivery_attempts",
            "Attempts to send a message, by the state that they left it in.",
            ("outcome",),
            registry=registry,
        )
        self._reconciled = Counter(
            "monitor_delivery_reconciled",
            "Look-ups of messages whose fate was unknown, by what they found.",
            ("result",),
            registry=registry,
        )
        self._latency = Histogram(
            "monitor_delivery_latency_seconds",
            "From writing a message down to Slack having it.",
            buckets=_SENT_SECONDS,
            registry=registry,
        )
        self._calls = Counter(
            "monitor_slack_requests", "Requests to Slack by outcome.", ("method", "outcome"), registry=registry
        )
        self._limited = Counter(
            "monitor_slack_rate_limited", "Answers of Slack that ask to come again later.", registry=registry
        )
        self._limited_seconds = Counter(
            "monitor_slack_rate_limited_seconds", "Seconds that Slack asked to wait.", registry=registry
        )
        for state in _ATTEMPTS:
            self._attempts.labels(state.value)
        for result in _RESULTS:
            self._reconciled.labels(result)

    def note(self, happening: Happening) -> None:
        """Count one thing."""
        match happening:
            case Polled():
                self._note_poll(happening)
            case RevisitReport():
                self._revisits.labels(happening.outcome.value).inc()
            case DeliverReport(looked_up=True):
                self._note_look_up(happening)
            case DeliverReport():
                self._note_attempt(happening)
            case Greeting():
                self._note_answer(happening.error)
            case Call(method=method, outcome=outcome):
                self._calls.labels(method, outcome).inc()
            case Reloaded(taken_up=taken_up):
                self._reloads.labels("taken_up" if taken_up else "refused").inc()

    def _note_poll(self, poll: Polled) -> None:
        report = poll.report
        outcome = "failed" if report.error else "unchanged" if report.unchanged else "changed"
        self._fetches.labels(outcome, report.reason.value).inc()
        if report.error is not None:
            self._errors.labels(report.error.code).inc()
        self._seconds.observe(_seconds(poll.lasted))
        self._late.observe(_seconds(poll.late))
        self._articles.inc(report.new)
        for rule, matches in report.matched_by.items():
            self._matches.labels(self._name(rule)).inc(matches)

    def _name(self, rule: str) -> str:
        if rule not in self._rules and len(self._rules) >= MOST_RULES:
            return OTHER
        self._rules.add(rule)
        return rule

    def _note_attempt(self, report: DeliverReport) -> None:
        delivery = report.delivery
        if report.error is None and delivery.state is not DeliveryState.SENT:
            # Nothing was tried: another had claimed it, or its destination is held.
            return
        self._attempts.labels(delivery.state.value).inc()
        if not delivery.destination.startswith("webhook:"):
            self._note_answer(report.error)
        if isinstance(report.error, NotStoredError) and report.error.retry_after is not None:
            self._limited.inc()
            self._limited_seconds.inc(_seconds(report.error.retry_after))
        if delivery.state is DeliveryState.SENT and delivery.sent_at is not None:
            self._latency.observe(_seconds(delivery.sent_at - delivery.created_at))

    def _note_look_up(self, report: DeliverReport) -> None:
        state = report.delivery.state
        if report.error is not None:
            result = "error"
        elif state is DeliveryState.UNKNOWN:
            result = "not_yet"
        else:
            result = "found" if state is DeliveryState.SENT else "absent"
        self._reconciled.labels(result).inc()

    def _note_answer(self, error: SendError | None) -> None:
        """A refused token is known until Slack takes it again; what goes wrong on the way says nothing of it."""
        if error is None:
            self.refused = None
        elif _refuses_token(error):
            self.refused = error.memo()


def _refuses_token(error: MonitorError) -> bool:
    return isinstance(error, BlockedError) and error.whole_workspace


def _seconds(span: timedelta) -> float:
    """A clock that was set back in between makes no negative spans."""
    return max(0.0, span.total_seconds())
