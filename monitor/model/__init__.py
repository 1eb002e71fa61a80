"""The data that walks: Source -> FeedEntry -> Page -> Article -> Match -> Story -> Digest -> Delivery. Imports nothing of ours.

Everything is frozen; a stage returns a new type and never fills in an old one. Instants are aware UTC and end in `_at`;
durations are `timedelta`; what is absent is `None`.
"""

from monitor.model.polled import FeedEntry, Listing, Page, Source, SourceState, Validators
from monitor.model.read import Article, Match, Notice, Snippet, Telling, TextFrom, Threshold, Throttle, WhenBodyMissing
from monitor.model.reported import Finding, Incident, KnownIncident, Severity, Trouble
from monitor.model.told import (
    NOTE,
    Delivery,
    DeliveryState,
    Digest,
    DigestEntry,
    DigestSection,
    Fate,
    Outlet,
    Receipt,
    Upcoming,
    Waiting,
)
from monitor.model.word import Word

__all__ = [
    "NOTE",
    "Article",
    "Delivery",
    "DeliveryState",
    "Digest",
    "DigestEntry",
    "DigestSection",
    "Fate",
    "FeedEntry",
    "Finding",
    "Incident",
    "KnownIncident",
    "Listing",
    "Match",
    "Notice",
    "Outlet",
    "Page",
    "Receipt",
    "Severity",
    "Snippet",
    "Source",
    "SourceState",
    "Telling",
    "TextFrom",
    "Threshold",
    "Throttle",
    "Trouble",
    "Upcoming",
    "Validators",
    "Waiting",
    "WhenBodyMissing",
    "Word",
]
