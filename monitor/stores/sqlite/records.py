"""Rows <-> the types of `monitor.model`. Pure."""

from datetime import timedelta
from sqlite3 import Row

from monitor.model import (
    Article,
    Delivery,
    DeliveryState,
    Match,
    Notice,
    Source,
    SourceState,
    TextFrom,
    Threshold,
    Throttle,
    Validators,
    Waiting,
)
from monitor.stores.sqlite.values import (
    clean,
    instant,
    maybe_clean,
    maybe_instant,
    maybe_seconds,
    maybe_snippet,
    seconds,
    snippet,
    snippet_json,
    texts,
    to_json,
)
from monitor.urls import without_user


def source_row(source: Source, now: float) -> dict[str, object]:
    return {"id": source.id, "name": clean(source.name), "url": without_user(source.url), "now": now}


def state_row(state: SourceState) -> dict[str, object]:
    return {
        "id": state.source_id,
        "next_poll_at": seconds(state.next_poll_at),
        "moved_to": maybe_clean(state.moved_to),
        "etag": maybe_clean(state.validators.etag),
        "last_modified": maybe_clean(state.validators.last_modified),
        "body_hash": state.body_hash,
        "failures": state.failures,
        "last_poll_at": maybe_seconds(state.last_poll_at),
        "last_ok_at": maybe_seconds(state.last_ok_at),
        "first_ok_at": maybe_seconds(state.first_ok_at),
        "last_error": maybe_clean(state.last_error),
        "gone": int(state.gone),
    }


def state(row: Row) -> SourceState:
    return SourceState(
        source_id=row["id"],
        next_poll_at=instant(row["next_poll_at"]),
        moved_to=row["moved_to"],
        validators=Validators(etag=row["etag"], last_modified=row["last_modified"]),
        body_hash=row["body_hash"],
        failures=row["failures"],
        last_poll_at=maybe_instant(row["last_poll_at"]),
        last_ok_at=maybe_instant(row["last_ok_at"]),
        first_ok_at=maybe_instant(row["first_ok_at"]),
        last_error=row["last_error"],
        gone=bool(row["gone"]),
    )


def article_row(article: Article) -> dict[str, object]:
    return {
        "id": article.id,
        "url": clean(article.url),
        "source_id": article.source_id,
        "title": clean(article.title),
        "authors": to_json(article.authors),
        "published_at": maybe_seconds(article.published_at),
        "updated_at": maybe_seconds(article.updated_at),
        "fetched_at": seconds(article.fetched_at),
        "language": maybe_clean(article.language),
        "text": clean(article.text),
        "text_from": article.text_from.value,
        "missing": article.missing,
    }


def article(row: Row) -> Article:
    return Article(
        id=row["id"],
        url=row["url"],
        source_id=row["source_id"],
        title=row["title"],
        authors=texts(row["authors"]),
        published_at=maybe_instant(row["published_at"]),
        updated_at=maybe_instant(row["updated_at"]),
        fetched_at=instant(row["fetched_at"]),
        language=row["language"],
        text=row["text"],
        text_from=TextFrom(row["text_from"]),
        story=row["story"],
        missing=row["missing"],
    )


def match_row(match: Match, number: int) -> dict[str, object]:
    return {
        "id": number,
        "article_id": match.article_id,
        "rule_id": clean(match.rule_id),
        "rule_name": clean(match.rule_name),
        "rule_order": match.rule_order,
        "terms": to_json(match.terms),
        "title": snippet_json(match.title),
        "snippet": snippet_json(match.snippet),
        "weight": match.weight,
        "severity": match.severity,
        "matched_at": seconds(match.matched_at),
        "needs_body": int(match.needs_body),
        "when_body_missing": match.when_body_missing,
        "threshold_stories": match.threshold.stories if match.threshold else None,
        "threshold_sources": match.threshold.sources if match.threshold else None,
        "threshold_within": match.threshold.within.total_seconds() if match.threshold else None,
        "throttle_max": match.throttle.max if match.throttle else None,
        "throttle_per": match.throttle.per.total_seconds() if match.throttle else None,
    }


def match(row: Row, notices: tuple[Notice, ...] = ()) -> Match:
    return Match(
        article_id=row["article_id"],
        rule_id=row["rule_id"],
        rule_name=row["rule_name"],
        rule_order=row["rule_order"],
        terms=texts(row["terms"]),
        title=snippet(row["title"]),
        snippet=maybe_snippet(row["snippet"]),
        weight=row["weight"],
        severity=row["severity"],
        matched_at=instant(row["matched_at"]),
        notices=notices,
        needs_body=bool(row["needs_body"]),
        when_body_missing=row["when_body_missing"],
        threshold=_threshold(row),
        throttle=_throttle(row),
    )


def _threshold(row: Row) -> Threshold | None:
    if row["threshold_within"] is None:
        return None
    within = timedelta(seconds=row["threshold_within"])
    return Threshold(stories=row["threshold_stories"], sources=row["threshold_sources"], within=within)


def _throttle(row: Row) -> Throttle | None:
    if row["throttle_max"] is None:
        return None
    return Throttle(max=row["throttle_max"], per=timedelta(seconds=row["throttle_per"]))


def waiting(row: Row) -> Waiting:
    """A row of matches joined with its telling and its article, whose columns are named `article_...`."""
    notice = Notice(channel=row["channel"], destination=row["destination"], when=row["way"], mention=row["mention"])
    return Waiting(
        match_id=row["id"],
        match=match(row, (notice,)),
        mention=row["mention"],
        url=row["url"],
        outlet=row["outlet"],
        published_at=maybe_instant(row["published_at"]),
        fetched_at=instant(row["fetched_at"]),
        story=row["story"],
        text_from=TextFrom(row["text_from"]),
        body_missing=row["missing"] is not None,
    )


def delivery(row: Row, *, thread: str | None = None) -> Delivery:
    """`thread` is the parent's receipt, for a part whose own row does not know it yet."""
    return Delivery(
        id=row["id"],
        channel=row["channel"],
        destination=row["destination"],
        period=row["period"],
        part=row["part"],
        payload=row["payload"],
        state=DeliveryState(row["state"]),
        attempts=row["attempts"],
        created_at=instant(row["created_at"]),
        due_at=instant(row["due_at"]),
        send_started_at=maybe_instant(row["send_started_at"]),
        absent_reads=row["absent_reads"],
        receipt=row["receipt"],
        thread=row["thread"] or thread,
        sent_at=maybe_instant(row["sent_at"]),
        last_error=row["last_error"],
    )


def outcome_row(delivery: Delivery) -> dict[str, object]:
    """What an attempt or a look-up may change of a delivery."""
    return {
        "id": delivery.id,
        "state": delivery.state.value,
        "payload": clean(delivery.payload),
        "due_at": seconds(delivery.due_at),
        "absent_reads": delivery.absent_reads,
        "receipt": maybe_clean(delivery.receipt),
        "thread": maybe_clean(delivery.thread),
        "sent_at": maybe_seconds(delivery.sent_at),
        "last_error": maybe_clean(delivery.last_error),
    }
