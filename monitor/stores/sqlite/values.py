"""Our values <-> what stands in a column: instants as epoch seconds, lists and snippets as JSON, text without surrogates."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime

from monitor.model import Snippet

# Feeds claim years 1 and 9999; what a zone or rounding pushes beyond them comes back as the nearest instant there is.
_EARLIEST = datetime.min.replace(tzinfo=UTC).timestamp()
_LATEST = datetime.max.replace(tzinfo=UTC, microsecond=0).timestamp()


def seconds(at: datetime) -> float:
    """Epoch seconds; exact to the microsecond until the year 2242."""
    return min(max(at.timestamp(), _EARLIEST), _LATEST)


def instant(value: float) -> datetime:
    """Epoch seconds -> aware UTC."""
    return datetime.fromtimestamp(value, UTC)


def maybe_seconds(at: datetime | None) -> float | None:
    return None if at is None else seconds(at)


def maybe_instant(value: float | None) -> datetime | None:
    return None if value is None else instant(value)


def iso(value: float | None) -> str | None:
    """Epoch seconds -> ISO 8601 in UTC, as exports print it."""
    return None if value is None else instant(value).isoformat().replace("+00:00", "Z")


def clean(text: str) -> str:
    """Text that UTF-8 can hold: lone surrogates, which JSON feeds can bring, become U+FFFD."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return text


def maybe_clean(text: str | None) -> str | None:
    return None if text is None else clean(text)


def to_json(value: object) -> str:
    return clean(json.dumps(value, ensure_ascii=False, separators=(",", ":")))


def keys_json(keys: Iterable[str | int]) -> str:
    """Keys and ids for `json_each`, which ends a text at NUL: they are hashes and numbers, never foreign text."""
    return json.dumps(list(keys))


def texts(value: str) -> tuple[str, ...]:
    return tuple(json.loads(value))


def snippet_json(snippet: Snippet | None) -> str | None:
    return None if snippet is None else to_json([snippet.text, snippet.highlights])


def snippet(value: str) -> Snippet:
    text, highlights = json.loads(value)
    return Snippet(text=text, highlights=tuple((start, end) for start, end in highlights))


def maybe_snippet(value: str | None) -> Snippet | None:
    return None if value is None else snippet(value)
