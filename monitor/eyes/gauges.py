"""How things stand x the tally -> families of metrics: everything that goes up and down, and what others have counted."""

import platform
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from monitor import __version__
from monitor.eyes.readiness import CODES, Doubt, Process
from monitor.eyes.standing import Standing
from monitor.model import DeliveryState, Trouble

#: ParseError's codes -> why a parser child was ended.
_KILLS = {"parsing.timeout": "time", "parsing.memory": "memory", "parsing.died": "died"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """Everything that is shown at one moment."""

    at: datetime
    process: Process
    doubts: tuple[Doubt, ...]
    #: `None` until the store has answered once.
    standing: Standing | None
    reload_ok: bool
    reloaded_at: datetime
    in_flight: int
    faults: int
    kills: Mapping[str, int]


def families(sight: Sight) -> Iterator[Metric]:
    """All of them, in the order of the docs."""
    yield from _of_process(sight)
    if sight.standing is not None:
        yield from _of_memory(sight.standing)
        yield from _of_files(sight.standing)


def _of_process(sight: Sight) -> Iterator[Metric]:
    process = sight.process
    build = GaugeMetricFamily("monitor_build_info", "The version that runs.", labels=("version", "python"))
    build.add_metric((__version__, platform.python_version()), 1)
    yield build
    yield _one("monitor_ready", "1 where nothing speaks against news arriving.", not sight.doubts)
    codes = {doubt.code for doubt in sight.doubts}
    reasons = {code: code in codes for code in CODES}
    yield _by("monitor_not_ready", "1 for each reason why news may not arrive.", "reason", reasons)
    tick = sight.at.timestamp() - process.still
    yield _one("monitor_scheduler_last_tick_timestamp_seconds", "When the dispatcher last turned.", tick)
    yield _one("monitor_config_last_reload_successful", "0 after an edit that was refused.", sight.reload_ok)
    since = sight.reloaded_at.timestamp()
    yield _one("monitor_config_last_reload_success_timestamp_seconds", "Since when what is in force is so.", since)
    yield _one("monitor_rules", "Rules in force.", process.rules)
    yield _one("monitor_fetches_in_flight", "Polls at work.", sight.in_flight)
    if process.ahead is not None:
        ahead = process.ahead.total_seconds()
        yield _one("monitor_clock_offset_seconds", "How far our clock is ahead of Slack's.", ahead)
    kills = CounterMetricFamily("monitor_parse_kills", "Parser children ended at work, by reason.", labels=("kind",))
    for code, kind in _KILLS.items():
        kills.add_metric((kind,), sight.kills.get(code, 0))
    yield kills
    yield CounterMetricFamily("monitor_faults", "Faults of monitor's own that ended a piece of work.", sight.faults)


def _of_memory(standing: Standing) -> Iterator[Metric]:
    vitals, at = standing.vitals, standing.at
    yield _by("monitor_sources", "Configured sources by health.", "state", vitals.sources)
    yield _one("monitor_sources_due", "Sources whose turn it is.", vitals.due)
    overdue = _age(vitals.due_since, at)
    yield _one("monitor_source_overdue_seconds", "How long the source that waits longest has been due.", overdue)
    waiting = {when: vitals.waiting.get(when, 0) for when in ("now", "digest")}
    yield _by("monitor_matches_waiting", "Matches that wait for their digest or alert.", "when", waiting)
    yield _by("monitor_deliveries", "Messages by state.", "state", _states(vitals.deliveries))
    yield _by("monitor_notes", "Notes to the operator by state.", "state", _states(vitals.notes))
    pending, unknown = (_age(vitals.oldest.get(state), at) for state in ("pending", "unknown"))
    yield _one("monitor_delivery_oldest_pending_seconds", "Age of the oldest message that is to be sent.", pending)
    yield _one("monitor_delivery_oldest_unknown_seconds", "Age of the oldest whose fate is unknown.", unknown)
    held = {
        "blocked": sum(until is None for until, _ in vitals.paused.values()),
        "limited": sum(until is not None and until > at for until, _ in vitals.paused.values()),
    }
    yield _by("monitor_destinations_held", "Destinations that refuse messages, or ask to wait.", "why", held)
    yield _one("monitor_revisits_waiting", "Articles whose page is asked for again.", vitals.revisits)
    troubles = {trouble.value: vitals.incidents.get(trouble.value, 0) for trouble in Trouble}
    yield _by("monitor_incidents", "What goes wrong now, as the operator is told.", "trouble", troubles)


def _of_files(standing: Standing) -> Iterator[Metric]:
    yield _one("monitor_db_size_bytes", "Size of the database.", standing.database)
    yield _one("monitor_db_wal_bytes", "Size of its write-ahead log.", standing.write_ahead_log)
    yield _one("monitor_disk_free_bytes", "Room that is left on its disk.", standing.disk_free)
    yield _one("monitor_disk_size_bytes", "Size of its disk.", standing.disk_size)
    if standing.backs_up:
        at = standing.backed_up_at.timestamp() if standing.backed_up_at else 0
        yield _one("monitor_backup_last_success_timestamp_seconds", "When the newest backup was made; 0: never.", at)


def _one(name: str, text: str, value: float | None) -> Metric:
    return GaugeMetricFamily(name, text, value=float("nan") if value is None else float(value))


def _by(name: str, text: str, label: str, values: Mapping[str, float]) -> Metric:
    metric = GaugeMetricFamily(name, text, labels=(label,))
    for kind, value in values.items():
        metric.add_metric((kind,), float(value))
    return metric


def _states(numbers: Mapping[str, int]) -> dict[str, int]:
    return {state.value: numbers.get(state.value, 0) for state in DeliveryState}


def _age(since: datetime | None, at: datetime) -> float:
    return max(0.0, (at - since).total_seconds()) if since else 0.0
